import { describe, expect, test } from "vitest";
import { isLoopback, readCommand, StartError, usage } from "../server/config.ts";

const refused = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): StartError => {
  try {
    readCommand(args, environment);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error(`${args.join(" ")} was taken`);
};
const served = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const command = readCommand(args, environment);
  if (command.kind !== "serve") throw new Error(command.kind);
  return command.config;
};

describe("the command line", () => {
  test("[R7] nothing said: loopback, 4567, embedded, open, limits on", () => {
    expect(served([])).toEqual({
      host: "127.0.0.1",
      port: 4567,
      data: "recado-data",
      amqp: undefined,
      tls: undefined,
      publicUrl: "http://127.0.0.1:4567",
      registration: "open",
      limits: "default",
      inboxLimit: 10_000,
      sessionLimit: 50_000,
    });
  });

  test.each([
    [["--host", "127.0.0.1", "--port", "8"], "http://127.0.0.1:8"],
    [["--host", "::1"], "http://[::1]:4567"],
    [["--host", "192.168.1.2", "--tls-cert", "c", "--tls-key", "k"], "https://192.168.1.2:4567"],
    [["--public-url", "https://recado.example.org/"], "https://recado.example.org"],
  ])("[L1] the links that invite prints name the relay: %j", (args, publicUrl) => {
    expect(served(args).publicUrl).toBe(publicUrl);
    expect(readCommand(["invite", ...args], {})).toMatchObject({ kind: "invite", publicUrl, guessed: false });
  });

  test("[R7] every flag is also an environment variable, and the flag wins", () => {
    const environment = {
      RECADO_HOST: "0.0.0.0",
      RECADO_PORT: "1",
      RECADO_DATA: "d",
      RECADO_AMQP: "amqp://h",
      RECADO_TLS_CERT: "c",
      RECADO_TLS_KEY: "k",
      RECADO_PUBLIC_URL: "https://recado.example.org/",
      RECADO_REGISTRATION: "closed",
      RECADO_LIMITS: "none",
      RECADO_INBOX_LIMIT: "7",
      RECADO_SESSION_LIMIT: "8",
    };
    const expected = {
      host: "0.0.0.0",
      port: 1,
      data: "d",
      amqp: "amqp://h",
      tls: { cert: "c", key: "k" },
      publicUrl: "https://recado.example.org",
      registration: "closed",
      limits: "none",
      inboxLimit: 7,
      sessionLimit: 8,
    };
    expect(served([], environment)).toEqual(expected);
    expect(served(["--port", "2"], environment)).toEqual({ ...expected, port: 2 });
    expect(served([], { RECADO_PORT: "" }).port).toBe(4567);
  });

  test.each([
    ["127.0.0.1", "open"],
    ["127.3.2.1", "open"],
    ["localhost", "open"],
    ["::1", "open"],
    ["0.0.0.0", "invite"],
    ["::", "invite"],
    ["192.168.1.2", "invite"],
    ["127.evil.example", "invite"],
  ])("[R5] on %s registration is %s", (host, registration) => {
    expect(served(["--host", host]).registration).toBe(registration);
    expect(isLoopback(host)).toBe(registration === "open");
    expect(served(["--host", host, "--registration", "closed"]).registration).toBe("closed");
  });

  test.each([
    [["--port", "abc"], '--port "abc": wants a whole number from 0 to 65535.'],
    [["--port", "65536"], "wants a whole number from 0 to 65535"],
    [["--port", "-1"], "--port wants a value"],
    [["--port=-1"], "wants a whole number from 0 to 65535"],
    [["--port", "1.5"], "wants a whole number from 0 to 65535"],
    [["--port"], "--port wants a value"],
    [["--amqp", "http://x"], "--amqp"],
    [["--amqp", "nonsense"], "--amqp"],
    [["--registration", "maybe"], '--registration "maybe": wants open, invite or closed.'],
    [["--limits", "few"], "wants default or none"],
    [["--inbox-limit", "0"], "--inbox-limit"],
    [["--inbox-limit", "many"], "--inbox-limit"],
    [["--session-limit", "0"], "--session-limit"],
    [["--tls-cert", "c"], "--tls-key"],
    [["--tls-key", "k"], "--tls-cert"],
    [["--colour", "blue"], "--colour"],
    [["dance"], "dance"],
    [["invite", "now"], "now"],
    [["move-inboxes"], "--to"],
    [["move-inboxes", "--to", "paper", "--amqp", "amqp://x"], "--to"],
    [["move-inboxes", "--to", "rabbitmq"], "--amqp"],
  ])("[R7] %j is exit 2 and one sentence that names it", (args, named) => {
    const { message, exitCode } = refused(args);
    expect(exitCode).toBe(2);
    expect(message).toContain(named);
    expect(message).not.toContain("\n");
  });

  test("[R9] a password in an address is not repeated", () => {
    expect(refused(["--amqp", "htp://user:segredo@host"]).message).not.toContain("segredo");
    expect(refused([], { RECADO_AMQP: "user:segredo@host" }).message).not.toContain("segredo");
  });

  test("[R7] the help names every flag", () => {
    expect(readCommand(["--help", "--port", "x"], {})).toEqual({ kind: "help" });
    for (const flag of [
      "host",
      "port",
      "data",
      "amqp",
      "tls-cert",
      "tls-key",
      "registration",
      "limits",
      "inbox-limit",
      "session-limit",
    ])
      expect(usage).toContain(`--${flag}`);
  });
});
