import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { FaultProxy } from "../drill/fault-proxy.ts";
import { startBroker } from "./broker.ts";
import { codes, Device, message, refusalOf, until } from "./device.ts";
import { RawSocket } from "./raw-socket.ts";
import { runRelay, startRelay } from "./relay-process.ts";
import { World } from "./relay-world.ts";

let folder: string;
let world: World;
const inFolder = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "recado-start-"));
  world = await World.open();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function expectSentence(args: readonly string[], code: 1 | 2, ...named: readonly string[]): Promise<void> {
  const ended = await runRelay(args);
  expect(ended.code, ended.stderr).toBe(code);
  expect(ended.stdout).toBe("");
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  for (const word of named) expect(ended.stderr).toContain(word);
}

describe.concurrent("what cannot start says why", () => {
  test("[R7] a busy port", async () => {
    const { port } = new URL(world.relay.url);
    await expectSentence(["--port", port, "--data", inFolder("busy")], 1, port, "in use", "--port");
  });

  test("[R7] an address of another machine", () =>
    expectSentence(["--host", "192.0.2.1", "--port", "0", "--data", inFolder("host")], 1, "192.0.2.1", "--host"));

  test("[R7] a bad flag", () => expectSentence(["--port", "nowhere"], 2, "--port"));

  test("[R7] a data folder that cannot be one", async () => {
    writeFileSync(inFolder("file"), "");
    await expectSentence(["--port", "0", "--data", inFolder("file/inside")], 1, inFolder("file/inside"), "--data");
  });

  test("[R7] a data folder where none can be made", async () => {
    writeFileSync(inFolder("below"), "");
    // Node's own recursive mkdir never came back from there
    const folder = process.platform === "linux" ? "/proc/recado/data" : inFolder("below/recado/data");
    await expectSentence(["--port", "0", "--data", folder], 1, folder, "--data");
  });

  test("[R7] a command about accounts where there are none, or not this one", async () => {
    await expectSentence(["accounts", "--data", inFolder("nowhere")], 1, inFolder("nowhere"), "--data");
    await expectSentence(["password", "--data", world.relay.data], 2, "one name");
    await expectSentence(["password", "nobody", "--data", world.relay.data], 1, "nobody", "accounts");
  });

  test("[R7] a second relay on the same folder", () =>
    expectSentence(["--port", "0", "--data", world.relay.data], 1, world.relay.data, "running"));

  // the folder is asked before the broker, so none is needed
  test("[R7] the other engine is exit 2 and names the migration", async () => {
    const other = await World.open({ data: inFolder("engine") });
    await other.close();
    await expectSentence(
      ["--port", "0", "--data", inFolder("engine"), "--amqp", "amqp://127.0.0.1:1"],
      2,
      "move-inboxes",
    );
  });

  test("[R7] a broker that is not there", () =>
    expectSentence(
      ["--port", "0", "--data", inFolder("broker"), "--amqp", "amqp://guest:segredo@127.0.0.1:1"],
      1,
      "127.0.0.1:1",
    ));

  test.each(["recado.db", "inboxes.db"])("[R7] a damaged %s is left as it is", async (file) => {
    const data = inFolder(`damaged-${file}`);
    await (await World.open({ data })).close();
    for (const suffix of ["-wal", "-shm"]) rmSync(path.join(data, file + suffix), { force: true });
    writeFileSync(path.join(data, file), "this is no database, but long enough to be looked at. ".repeat(200));
    await expectSentence(["--port", "0", "--data", data], 1, file, "damaged");
  });

  test("[R7] a certificate that is missing, or is none", async () => {
    const at = ["--port", "0", "--data", inFolder("tls")];
    await expectSentence([...at, "--tls-cert", inFolder("no.pem"), "--tls-key", inFolder("no.key")], 1, "no.pem");
    writeFileSync(inFolder("rubbish.pem"), "rubbish");
    await expectSentence(
      [...at, "--tls-cert", inFolder("rubbish.pem"), "--tls-key", inFolder("rubbish.pem")],
      1,
      "rubbish.pem",
      "PEM",
    );
  });
});

test("[R7] with a certificate it speaks TLS", async () => {
  const [key, cert] = [inFolder("relay.key"), inFolder("relay.pem")];
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", ...subject], {
    stdio: "ignore",
  });
  const relay = await startRelay({ args: ["--tls-cert", cert, "--tls-key", key, "--limits", "none"] });
  try {
    expect(relay.url).toMatch(/^https:/);
    const ana = new Device(relay.url, "ana");
    await ana.connect();
    expect(await ana.code("inbox:status")).toBe("ok");
    ana.drop();
  } finally {
    await relay.close();
  }
});

describe.concurrent("registration", () => {
  test("[R5] by invite: a code is printed while the relay runs, is good once, and not after seven days", async () => {
    const own = await World.open({ args: ["--registration", "invite"] });
    try {
      const register = (invite?: string) =>
        refusalOf(own.device(own.newName()).connect(invite === undefined ? {} : { invite }));
      const invite = async () => (await runRelay(["invite", "--data", own.relay.data])).stdout.trim();
      expect(await register()).toBe("invite-needed");
      expect(await register("made up")).toBe("invite-needed");
      const code = await invite();
      expect(code).toMatch(/^[\w-]{10,}$/);
      // as the relay said of itself, though this is another process that was told nothing but the folder
      const { stderr } = await runRelay(["invite", "--data", own.relay.data]);
      expect(stderr).toContain(encodeURIComponent(own.relay.url));
      expect(stderr).not.toContain("No relay has run");
      // a refusal for another reason does not use it up
      const weak = own.device(own.newName());
      weak.password = "123";
      expect(await refusalOf(weak.connect({ invite: code }))).toBe("password-weak");
      const both = await Promise.all([register(code), register(code)]);
      expect(both.sort()).toEqual(["in", "invite-needed"]);
      const late = await invite();
      const database = new DatabaseSync(path.join(own.relay.data, "recado.db"), { timeout: 5_000 });
      const { life } = z
        .object({ life: z.number() })
        .parse(database.prepare("select expires_at - created_at as life from invite where used_at is null").get());
      database.prepare("update invite set expires_at = ? where used_at is null").run(Date.now() - 1);
      database.close();
      expect(life).toBe(7 * 24 * 3_600_000);
      expect(await register(late)).toBe("invite-needed");
      expect(JSON.stringify(own.relay.log)).not.toContain(code);
    } finally {
      await own.close();
    }
  });

  test("[R5] who has an account is listed while the relay runs, and who forgot the password gets another and loses nothing", async () => {
    const own = await World.open();
    try {
      const [ana, bia] = await own.friends();
      const { stdout } = await runRelay(["accounts", "--data", own.relay.data]);
      expect(stdout.trim().split("\n")).toHaveLength(3);
      for (const { name } of [ana, bia])
        expect(stdout).toMatch(new RegExp(`^${name} +1  +\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z +\\d{4}-`, "m"));
      bia.drop();
      await ana.send(bia.name, "oi");
      const renewed = await runRelay(["password", bia.name.toUpperCase(), "--data", own.relay.data]);
      const password = renewed.stdout.trim();
      expect(password).toMatch(/^(?:[a-z2-9]{4}-){3}[a-z2-9]{4}$/);
      // the old token and the old password are of no use any more
      expect(await refusalOf(bia.connect())).toBe("token-invalid");
      expect(await refusalOf(bia.connect({ with: "password" }))).toBe("credentials-invalid");
      expect(bia.bodies()).toEqual([]);
      bia.password = password;
      await bia.connect({ with: "password" });
      await until("what waited is there", () => bia.bodies().length === 1);
      // nobody else has to sign in again
      ana.drop();
      await ana.connect();
      expect(JSON.stringify(own.relay.log)).not.toContain(password);
    } finally {
      await own.close();
    }
  });

  test("[R5] closed: nobody new, everybody old", async () => {
    const data = inFolder("closed");
    const before = await World.open({ data });
    const ana = await before.person();
    await before.close();
    const own = await World.open({ data, args: ["--registration", "closed"] });
    try {
      expect(await refusalOf(own.device(own.newName()).connect())).toBe("invite-needed");
      expect(await refusalOf(own.device(ana.name, ana.device).connect({ with: "password" }))).toBe("in");
    } finally {
      await own.close();
    }
  });

  test("[R1] a relay without room says so, and has room again when somebody leaves", async () => {
    const own = await World.open({ args: ["--session-limit", "1"] });
    try {
      const ana = await own.person();
      const bia = own.device(own.newName());
      expect(await refusalOf(bia.connect())).toBe("relay-full");
      ana.drop();
      await until("there is room", async () => (await refusalOf(bia.connect())) === "in");
    } finally {
      await own.close();
    }
  });
});

describe.concurrent("stopping", () => {
  test("[R8] a stop tells everybody, waits for nobody that never spoke, and exits 0", async () => {
    const own = await World.open();
    const ana = await own.person();
    const silent = await RawSocket.tcp(own.relay.url);
    const half = await RawSocket.tcp(own.relay.url);
    half.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
    const begun = Date.now();
    expect(await own.relay.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(5_000);
    await until("it was told", () => ana.heard["session:ended"].some(({ code }) => code === "relay-stopping"));
    silent.destroy();
    half.destroy();
    await own.close();
  });

  test("[R8] a device that does not answer is given up within 10 s, and keeps what it had not answered", async () => {
    const own = await World.open();
    const [ana, bia] = await own.friends();
    bia.answers = () => undefined;
    await ana.send(bia.name, "unanswered");
    await until("in flight", () => bia.bodies().length === 1);
    const begun = Date.now();
    expect(await own.relay.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(10_000);
    await own.relay.restart();
    bia.answers = () => ({ ok: true });
    await bia.connect();
    await until("it comes again", () => bia.duplicates === 1);
    await own.close();
  });

  test("[R8] a broker that says nothing holds up no stop, and nothing accepted is lost by it", async () => {
    const broker = await startBroker();
    const way = await FaultProxy.open(() => Number(new URL(broker.url).port));
    const own = await World.open({ args: ["--amqp", `amqp://guest:guest@127.0.0.1:${way.port}`] });
    try {
      const [ana, bia] = await own.friends();
      // the moment she has stored it the broker falls silent: the receipt that is owed for it is never confirmed
      bia.answers = () => {
        way.hold();
        return { ok: true };
      };
      await ana.send(bia.name, "stored");
      await until("delivered", () => bia.bodies().length === 1);
      const unanswered = message(bia.name, "unanswered");
      const refused = expect(ana.sendAll([unanswered])).rejects.toThrow();
      const begun = Date.now();
      expect(await own.relay.stop()).toBe(0);
      expect(Date.now() - begun).toBeLessThan(10_000);
      expect(own.relay.log.map(({ event }) => event)).toContain("stop-cut-short");
      await refused;

      way.heal();
      bia.answers = () => ({ ok: true });
      await own.relay.restart();
      await Promise.all([ana.connect(), bia.connect()]);
      expect(codes(await ana.sendAll([unanswered]))).toEqual(["ok"]);
      await bia.receives(ana.name, "unanswered");
      expect(bia.bodies()).toEqual(["stored", "unanswered"]);
      await until("she is told of both", () => ana.receipts("delivered").size === 2);
    } finally {
      await own.close();
      await way.close();
      await broker.close();
    }
  }, 120_000);
});
