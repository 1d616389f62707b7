import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { relayContract } from "../wire/socket.ts";
import { codes, goodPassword, message, refusalOf, until } from "./device.ts";
import { junk } from "./junk.ts";
import { RawSocket } from "./raw-socket.ts";
import { type RelayProcess } from "./relay-process.ts";
import { leaks, World } from "./relay-world.ts";

let world: World;
let pid: number;
const relay = (): RelayProcess => world.relay;

beforeAll(async () => {
  world = await World.open();
  pid = world.relay.pid;
});
afterAll(() => world.close());

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const signIn = (name: string) =>
  `40${JSON.stringify({ protocol: 1, device: randomUUID(), credentials: { kind: "register", name, password: goodPassword } })}`;

const sessions = async (): Promise<number> =>
  Number(/recado_sessions (\d+)/.exec(await (await fetch(`${relay().url}/metrics`)).text())?.[1]);

/** Signed in over a socket that only says what a test says. */
async function rawSession(): Promise<RawSocket> {
  const raw = await RawSocket.open(relay().url);
  raw.frame(signIn(world.newName("raw")));
  await raw.says("session:started");
  return raw;
}

describe("[R3] whatever a socket sends, the process stays up and others are served", () => {
  test.each([...Object.keys(relayContract), "typing:tell", "no:such"].filter((name) => name !== "session:end"))(
    "[R3] %s with junk is answered, and changes nothing",
    async (request) => {
      const ana = await world.person();
      await fc.assert(
        fc.asyncProperty(junk, async (params) => {
          const reply = await ana.ask(request, params);
          if (!reply.ok) expect(reply.error.message.length).toBeGreaterThan(0);
        }),
        { numRuns: 60 },
      );
      await ana.ask("presence:set", { presence: "online" });
      expect(ana.connected).toBe(true);
      expect((await ana.connect()).contacts).toEqual([]);
      await world.stillServes(pid);
    },
  );

  test("[R1] a handshake of junk is refused", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom("protocol", "device", "credentials", "presence", "deviceName"), fc.jsonValue()),
        async (auth) => {
          const code = await refusalOf(world.device("x").connect({ auth: { credentials: undefined, ...auth } }));
          expect(["invalid", "protocol-unsupported", "name-invalid", "token-invalid", "credentials-invalid"]).toContain(
            code,
          );
        },
      ),
      { numRuns: 60 },
    );
    await world.stillServes(pid);
  });

  test("[R3] a request of more than 1 MiB is answered invalid, and the session lives", async () => {
    const [ana, bia] = await world.friends();
    const large = { messages: Array.from({ length: 20 }, () => message(bia.name, "x".repeat(60_000))) };
    expect(await ana.code("message:send", large)).toBe("invalid");
    // also behind small ones in the same chunk of bytes
    const answers = await Promise.all([
      ana.code("inbox:status"),
      ana.code("message:send", large),
      ana.code("inbox:status"),
    ]);
    expect(answers).toEqual(["ok", "invalid", "ok"]);
    expect(await ana.code("inbox:status", { pad: "é".repeat(600_000) })).toBe("invalid");
    expect(codes(await ana.send(bia.name, "small"))).toEqual(["ok"]);
    await bia.receives(ana.name, "small");
    expect(bia.messages()).toHaveLength(1);
  });

  test("[R3] more than 2 MiB closes that socket only", async () => {
    const ana = await world.person();
    ana.socket.emit("inbox:status", { pad: "x".repeat(2_200_000) });
    await until("it is closed", () => !ana.connected);
    await world.stillServes(pid);
    expect(await refusalOf(ana.connect())).toBe("in");
  });

  test.each([
    ["a little", 5_000],
    ["to the limit of a request", 500_000],
    ["to the limit of the buffer", 1_000_000],
  ])("[R3] params nested %s are answered, and nobody falls over them", async (_, levels) => {
    const raw = await rawSession();
    raw.frame(`421["inbox:status",${deep(levels)}]`);
    raw.frame(`422["message:send",{"messages":${deep(levels)}}]`);
    await raw.says('432[{"ok":false');
    raw.destroy();
    await world.stillServes(pid);
  });

  test("[R3] nested binary attachments and lies about them end that socket at most", async () => {
    for (const head of [
      `451-1["message:send",{"messages":{"_placeholder":true,"num":0}}]`,
      `459-1["inbox:status",{"_placeholder":true,"num":7}]`,
      `45999999999-["inbox:status",{}]`,
      `451-1["inbox:status",${"[".repeat(20_000)}{"_placeholder":true,"num":0}${"]".repeat(20_000)}]`,
      `461-[{"_placeholder":true,"num":0}]`,
    ]) {
      const raw = await rawSession();
      raw.frame(head);
      raw.frame(Buffer.alloc(1_000, 7), 2);
      raw.frame(Buffer.alloc(10), 2);
      raw.frame(`42["inbox:status"]`);
      raw.destroy();
    }
    await world.stillServes(pid);
  });

  test("[R3] frames of garbage end that socket at most", async () => {
    const texts = [
      "",
      "9",
      "6",
      "4",
      "49",
      "4x",
      "40[",
      "40null",
      "40{}",
      "42",
      "42{}",
      "42[]",
      "42[null]",
      "42[7]",
      "42[{}]",
    ];
    const named = [
      "disconnect",
      "connect",
      "newListener",
      "removeListener",
      "error",
      "__proto__",
      "constructor",
      "disconnecting",
    ];
    const frames = [
      ...texts,
      ...named.map((name) => `42["${name}",{}]`),
      ...named.map((name) => `427["${name}"]`),
      '43999[{"ok":true}]', // an answer that nobody asked for
      "43-1[]",
      "42/other,[]",
      "41",
      "44{}",
      "2probe",
      "\u0000\ud7ff",
      `42["${"x".repeat(100_000)}"]`,
    ];
    for (const text of frames) {
      const raw = await RawSocket.open(relay().url);
      raw.frame(text);
      raw.frame(signIn(world.newName("raw")));
      raw.frame(text);
      raw.destroy();
      const inside = await rawSession();
      inside.frame(text);
      inside.frame('421["inbox:status",{}]');
      // "41" leaves the namespace: then there is nobody to answer
      await until(
        "answered or closed",
        () => text === "41" || inside.closed || inside.received.includes('431[{"ok":true'),
      );
      inside.destroy();
    }
    for (const opcode of [0, 2, 3, 7, 8, 9, 10, 15]) {
      const raw = await rawSession();
      raw.frame(Buffer.from([1, 2, 3]), opcode);
      raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
      raw.destroy();
    }
    await world.stillServes(pid);
  });

  test("[R3] signing in twice, and leaving and coming back, on one connection", async () => {
    const raw = await RawSocket.open(relay().url);
    raw.frame(signIn(world.newName("one")));
    raw.frame(signIn(world.newName("two")));
    await raw.says("session:started");
    raw.destroy();
    const again = await rawSession();
    const taken = await world.person();
    const before = await sessions();
    again.frame("41");
    await until("it has left", async () => (await sessions()) === before - 1);
    for (let i = 0; i < 30; i++) {
      again.received = "";
      again.frame(signIn(taken.name));
      await again.says("name-taken");
    }
    again.destroy();
    await world.stillServes(pid);
    expect(relay().complaints).toEqual([]); // a leak of listeners would be said there
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a number", 7],
    ["text", "ok"],
    ["a list", [{ ok: true }]],
    ["half a refusal", { ok: false }],
    ["ok as text", { ok: "true" }],
    ["a refusal with a code that is none", { ok: false, error: { code: "nope", message: "", retryable: true } }],
    ["bytes", Buffer.from("ok")],
  ])("[G5] an answer to a delivery that is %s settles nothing", async (_, rubbish) => {
    const [ana, bia] = await world.friends();
    bia.answers = () => ({ rubbish });
    await ana.send(bia.name, "keep me");
    await until("the session ends", () => !bia.connected);
    bia.answers = () => ({ ok: true });
    await bia.connect();
    await until("it comes again", () => bia.duplicates === 1);
    await until("and is reported", () => ana.receipts("delivered").size === 1);
  });

  test("[G4] an answer on behalf of somebody else's delivery settles nothing", async () => {
    const [ana, bia] = await world.friends();
    bia.answers = () => undefined;
    const liar = await rawSession();
    await ana.send(bia.name, "mine");
    await until("in flight", () => bia.bodies().length === 1);
    for (let id = 0; id < 20; id++) liar.frame(`43${id}[{"ok":true}]`);
    await world.stillServes(pid);
    expect(await bia.waiting()).toBe(1);
    liar.destroy();
  });

  test("[R3] an Origin, another namespace, polling and an old engine are refused", async () => {
    for (const origin of ["http://evil.example", "null", "http://127.0.0.1", ""]) {
      const raw = await RawSocket.upgrade(relay().url, [`Origin: ${origin}`]);
      expect(raw.received, origin).not.toContain("101 Switching");
      raw.destroy();
    }
    const other = await RawSocket.open(relay().url);
    other.frame("40/admin,{}");
    await other.says("Invalid namespace");
    other.destroy();
    expect((await fetch(`${relay().url}/socket.io/?EIO=4&transport=polling`)).status).toBe(400);
    const old = await RawSocket.upgrade(relay().url, [], "EIO=3&transport=websocket");
    await until("refused", () => old.closed || old.received.includes("400") || old.received.includes("Unsupported"));
    old.destroy();
    await world.stillServes(pid);
  });

  test("[R3] a thousand connections that come and go leave nothing behind", async () => {
    const ana = await world.person();
    for (let round = 0; round < 20; round++) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => RawSocket.upgrade(relay().url)));
      for (const [n, raw] of sockets.entries()) {
        if (n % 3 === 0)
          raw.frame(
            `40${JSON.stringify({ protocol: 1, device: ana.device, credentials: { kind: "token", token: ana.token } })}`,
          );
        raw.destroy();
      }
    }
    world.leave();
    await until("nobody is left", async () => (await sessions()) === 0);
    await world.stillServes(pid);
  });

  test("[R9] nothing of all this was logged or failed in the background", () => {
    expect(leaks(relay(), world.secrets())).toEqual([]);
    expect(relay().complaints).toEqual([]);
    expect(relay().log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});
