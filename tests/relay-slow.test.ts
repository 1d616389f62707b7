import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SendResult } from "../wire/socket.ts";
import { codes, goodPassword, message, refusalOf, SignInRefused, until } from "./device.ts";
import { RawSocket } from "./raw-socket.ts";
import { type RelayProcess } from "./relay-process.ts";
import { befriend, quiet, World } from "./relay-world.ts";

let world: World;
let strict: World;
const limited = (): RelayProcess => strict.relay;

beforeAll(async () => {
  [world, strict] = await Promise.all([World.open(), World.open({}, "default")]);
});
afterAll(() => Promise.all([world.close(), strict.close()]));

// What takes its time by the contract, all at once.
describe.concurrent("time", () => {
  test("[G5] a delivery that is not answered for 20 s ends the session; then 1, 2, 4, … travel", async () => {
    const [ana, bia] = await world.friends();
    await until("nothing waits", async () => (await bia.waiting()) === 0);
    await bia.ask("presence:set", { presence: "offline" });
    await ana.send(bia.name, ...Array.from({ length: 40 }, (_, i) => `m${i}`));
    bia.answers = () => undefined;
    const from = bia.batches.length;
    await bia.ask("presence:set", { presence: "online" });
    const begun = Date.now();
    await until("the session ends", () => !bia.connected, 30_000);
    expect(Date.now() - begun).toBeGreaterThan(19_000);
    expect(bia.batches.slice(from).map((batch) => batch.length)).toEqual([40]);
    bia.answers = () => ({ ok: true });
    await bia.connect();
    await until("all are settled", async () => (await bia.waiting()) === 0);
    expect(bia.batches.slice(from + 1).map((batch) => batch.length)).toEqual([1, 2, 4, 8, 16, 9]);
    expect(bia.bodies()).toEqual(Array.from({ length: 40 }, (_, i) => `m${i}`));
  }, 60_000);

  test("[G10] who answers no ping is offline within 60 s", async () => {
    const ana = await world.person();
    const name = world.newName("frozen");
    const frozen = await RawSocket.open(world.relay.url);
    const credentials = { kind: "register", name, password: goodPassword };
    frozen.frame(`40${JSON.stringify({ protocol: 1, device: randomUUID(), credentials })}`);
    await frozen.says("session:started");
    await ana.code("contact:add", { name });
    frozen.frame(`421["contact:add",{"name":"${ana.name}"}]`);
    await frozen.says('431[{"ok":true');
    await until("she hears that it is online", () =>
      ana.heard["contact:changed"].some((one) => "presence" in one && one.presence === "online"),
    );
    const begun = Date.now();
    await until(
      "she hears that it is offline",
      () => ana.heard["presence:changed"].some(({ presence }) => presence === "offline"),
      60_000,
    );
    expect(Date.now() - begun).toBeLessThan(60_000);
    frozen.destroy();
  }, 90_000);

  test("[G5] a device that cannot store pauses the delivery for as long as it says", async () => {
    const [ana, bia] = await world.friends();
    await until("nothing waits", async () => (await bia.waiting()) === 0);
    const times: number[] = [];
    const error = { code: "storage-failed", message: "disk full", retryable: true, retryAfterMs: 1_500 } as const;
    bia.answers = () => {
      times.push(Date.now());
      return times.length < 3 ? { ok: false, error } : { ok: true };
    };
    await ana.send(bia.name, "wait");
    await until("it was taken at last", async () => times.length === 3 && (await bia.waiting()) === 0);
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(1_400);
    expect(third - second).toBeGreaterThanOrEqual(1_400);
    expect(bia.connected).toBe(true);
    await until("delivered", () => ana.receipts("delivered").size === 1);
  });

  test("[R6] too many wrong passwords: come back later, also for the right one; other names are not affected", async () => {
    const ana = await strict.person();
    const bia = await strict.person("bia");
    const thief = strict.device(ana.name);
    thief.password = "not the password 1";
    const said: string[] = [];
    for (let i = 0; i < 14; i++) said.push(await refusalOf(thief.connect({ with: "password" })));
    expect(said.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => "credentials-invalid"));
    expect(said.slice(10)).toEqual(Array.from({ length: 4 }, () => "rate-limited"));
    const refused = await thief.connect({ with: "password" }).catch((error: unknown) => error);
    if (!(refused instanceof SignInRefused)) throw new Error("It came in.");
    expect(refused.error.retryable).toBe(true);
    expect(refused.error.retryAfterMs).toBeGreaterThan(0);
    expect(await refusalOf(ana.connect({ with: "again" }))).toBe("in"); // a token is no guess
    expect(await refusalOf(bia.connect({ with: "password" }))).toBe("in");
  });

  test("[R6] too many registrations from one address", async () => {
    const own = await World.open({}, "default");
    try {
      const said: string[] = [];
      for (let i = 0; i < 33; i++) said.push(await refusalOf(own.device(own.newName()).connect()));
      expect(said.filter((code) => code === "in")).toHaveLength(30);
      expect(said.slice(30)).toEqual(["rate-limited", "rate-limited", "rate-limited"]);
    } finally {
      await own.close();
    }
  });

  test("[R6] too many messages: the rest is refused in order with a time, repeated ones are free, nothing is lost", async () => {
    const ana = await strict.person();
    const bia = await strict.person("bia");
    await befriend(ana, bia);
    let accepted = 0;
    let last: ReturnType<typeof message>[] = [];
    let refused: SendResult | undefined;
    while (!refused && accepted < 4_000) {
      const batch = Array.from({ length: 64 }, (_, i) => message(bia.name, `m${accepted + i}`));
      const results = await ana.sendAll(batch);
      accepted += results.filter(({ ok }) => ok).length;
      refused = results.find(({ ok }) => !ok);
      if (!refused) last = batch;
    }
    if (!refused || refused.ok) throw new Error("Nothing was refused.");
    expect(refused.error).toMatchObject({ code: "rate-limited", retryable: true });
    expect(refused.error.retryAfterMs).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(2_900);
    expect(accepted).toBeLessThanOrEqual(3_000);
    for (let i = 0; i < 3; i++) expect(new Set(codes(await ana.sendAll(last)))).toEqual(new Set(["ok"]));
    await until("all are there", () => bia.messages().length === accepted, 30_000);
    expect(bia.bodies()).toEqual(Array.from({ length: accepted }, (_, i) => `m${i}`));
    await quiet(bia);
    expect(limited().complaints).toEqual([]);
  }, 90_000);
});
