import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { codes, message, until } from "./device.ts";
import { befriend, quiet } from "./relay-world.ts";
import { type Ground } from "./relay-ground.ts";

/** `message:send`, `message:read` and what arrives of them. */
export function messages(ground: Ground): void {
  describe.concurrent("messages", () => {
    test("[G3] arrive once, in order, as they were written, and are reported delivered", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const chain = randomUUID();
      const body = 'Olá 👩‍👩‍👧‍👦\n\t"ção" \u2028 \u0000 <b>x</b>';
      const batch = Array.from({ length: 64 }, (_, i) => ({
        ...message(bia.name, `${body} ${i}`),
        chain,
        number: i + 1,
        scheme: "text",
      }));
      expect(codes(await ana.sendAll(batch))).toEqual(batch.map(() => "ok"));
      await until("all are there", () => bia.messages(ana.name).length === 64);
      expect(bia.messages().map(({ body: words, number, chain: stream, to }) => [words, number, stream, to])).toEqual(
        batch.map((one) => [one.body, one.number, chain, bia.name]),
      );
      await until("receipts", () => ana.receipts("delivered", bia.name).size === 64);
      expect(bia.duplicates).toBe(0);
    });

    test("[G3] batch after batch stays in order", async () => {
      const [ana, bia] = await ground.world.friends();
      const bodies = Array.from({ length: 300 }, (_, i) => `m${i}`);
      for (let at = 0; at < 300; at += 50) await ana.send(bia.name, ...bodies.slice(at, at + 50));
      await until("all are there", () => bia.messages(ana.name).length === 300);
      expect(bia.bodies()).toEqual(bodies);
    });

    test("[G4] a sender's name comes from the session, never from the payload", async () => {
      const [ana, bia] = await ground.world.friends();
      await ana.sendAll([{ ...message(bia.name, "who?"), from: bia.name, acceptedAt: 1, kind: "receipt", at: 5 }]);
      await bia.receives(ana.name, "who?");
      expect(bia.messages()[0]).toMatchObject({ from: ana.name, kind: "message" });
      expect(bia.messages()[0]?.acceptedAt).toBeGreaterThan(1_000);
    });

    test("[G2] somebody else's message with the same id is another message", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const caio = await world.person("caio");
      await befriend(caio, bia);
      const id = randomUUID();
      await ana.sendAll([message(bia.name, "mine", id)]);
      await caio.sendAll([message(bia.name, "not yours", id)]);
      await bia.receives(ana.name, "mine");
      await bia.receives(caio.name, "not yours");
    });

    test("[R4] a batch sent again after a lost answer is accepted again with the same time, and shown once", async () => {
      const [ana, bia] = await ground.world.friends();
      const batch = [message(bia.name, "one"), message(bia.name, "two")];
      const first = await ana.sendAll(batch);
      await ana.connect();
      expect(await ana.sendAll(batch)).toEqual(first);
      await bia.receives(ana.name, "two");
      await quiet(bia);
      expect(bia.bodies()).toEqual(["one", "two"]);
      expect(bia.duplicates).toBe(0);
    });

    test("[R4] accepted ids are accepted again even when the contact is gone, and nothing is put", async () => {
      const [ana, bia] = await ground.world.friends();
      const batch = [message(bia.name, "before")];
      const first = await ana.sendAll(batch);
      await bia.receives(ana.name, "before");
      await bia.code("contact:remove", { name: ana.name });
      expect(await ana.sendAll(batch)).toEqual(first);
      expect(codes(await ana.send(bia.name, "after"))).toEqual(["not-a-contact"]);
    });

    test("[R4] an id used for another body or recipient is invalid", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const caio = await world.person("caio");
      await befriend(caio, ana);
      const id = randomUUID();
      await ana.sendAll([message(bia.name, "first", id)]);
      expect(codes(await ana.sendAll([message(bia.name, "second", id)]))).toEqual(["invalid"]);
      expect(codes(await ana.sendAll([message(caio.name, "first", id)]))).toEqual(["invalid"]);
      const twice = randomUUID();
      const within = await ana.sendAll([message(bia.name, "a", twice), message(bia.name, "b", twice)]);
      expect(codes(within)).toEqual(["ok", "invalid"]);
      await bia.receives(ana.name, "first", "a");
      expect(bia.bodies()).toEqual(["first", "a"]);
    });

    test("[R4] the same message twice in one request is accepted twice and goes once", async () => {
      const [ana, bia] = await ground.world.friends();
      const one = message(bia.name, "once");
      expect(codes(await ana.sendAll([one, one]))).toEqual(["ok", "ok"]);
      await bia.receives(ana.name, "once");
      expect(bia.duplicates).toBe(0);
    });

    test("[R4] a second request while one is not answered is unavailable, and the first is not hurt", async () => {
      const [ana, bia] = await ground.world.friends();
      const first = ana.send(bia.name, ...Array.from({ length: 64 }, (_, i) => `a${i}`));
      const second = await ana.ask("message:send", { messages: [message(bia.name, "b")] });
      expect(second).toMatchObject({ ok: false, error: { code: "unavailable", retryable: true } });
      expect(codes(await first)).not.toContain("unavailable");
      await until("the first is there", () => bia.messages().length === 64);
    });

    test("[G3] after a refusal later messages to the same recipient get its code, others go", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const caio = await world.person("caio");
      await befriend(caio, ana);
      const results = await ana.sendAll([
        message(bia.name, "goes"),
        message(bia.name, "x".repeat(65_537)),
        message(caio.name, "to another"),
        message(bia.name.toUpperCase(), "would overtake"),
        message("nobody-of-that-name", "x"),
        message(caio.name, "second"),
      ]);
      expect(codes(results)).toEqual(["ok", "too-long", "ok", "too-long", "unknown-name", "ok"]);
      await bia.receives(ana.name, "goes");
      await caio.receives(ana.name, "to another", "second");
      expect(bia.bodies()).toEqual(["goes"]);
    });

    test.each([
      ["65,536 bytes", "x".repeat(65_536), "ok"],
      ["one byte more", "x".repeat(65_537), "too-long"],
      ["65,536 bytes in characters of two", "é".repeat(32_768), "ok"],
      ["a character of two bytes more", "é".repeat(32_769), "too-long"],
      ["65,536 bytes in characters of four", "😀".repeat(16_384), "ok"],
      ["one such more", "😀".repeat(16_385), "too-long"],
      ["characters of three bytes that are one too many", "€".repeat(21_845) + "xx", "too-long"],
      ["a lone surrogate", "a\ud800b", "invalid"],
      ["a lone low surrogate", "\udc00", "invalid"],
      ["nothing", "", "invalid"],
      ["one blank", " ", "ok"],
      ["one NUL", "\u0000", "ok"],
    ])("[G9] a body of %s", async (_, body, expected) => {
      const [ana, bia] = await ground.world.friends();
      expect(codes(await ana.send(bia.name, body))).toEqual([expected]);
      if (expected !== "ok") return;
      await until("it is there", () => bia.messages().length === 1);
      expect(bia.bodies()[0] === body).toBe(true);
    });

    test("[G9] a batch of the largest bodies is delivered in batches of at most 1 MiB", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "offline" });
      for (let i = 0; i < 3; i++)
        expect(
          new Set(codes(await ana.send(bia.name, ...Array.from({ length: 15 }, () => "€".repeat(21_000))))),
        ).toEqual(new Set(["ok"]));
      await bia.ask("presence:set", { presence: "online" });
      await until("all are there", () => bia.messages().length === 45);
      for (const batch of bia.batches) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(1_048_576);
    });

    test("[G2] both devices of a reader get everything, and the sender's other device a copy", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const [ana2, bia2] = await Promise.all([world.second(ana), world.second(bia)]);
      await ana.send(bia.name, "to all");
      for (const one of [bia, bia2, ana2]) await one.receives(ana.name, "to all");
      expect(ana2.messages()[0]).toMatchObject({ from: ana.name, to: bia.name });
      await until("both hear that it arrived", () =>
        [ana, ana2].every((one) => one.receipts("delivered", bia.name).size === 1),
      );
      await quiet(ana);
      expect(ana.messages()).toEqual([]);
    });

    test("[G5] what was read is told to the sender's devices and the reader's other ones", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const [ana2, bia2] = await Promise.all([world.second(ana), world.second(bia)]);
      await ana.send(bia.name, "read me");
      await bia.receives(ana.name, "read me");
      const ids = bia.messages().map(({ id }) => id);
      expect(await bia.code("message:read", { from: ana.name, ids })).toBe("ok");
      for (const one of [ana, ana2, bia2])
        await until(`${one.name} hears it`, () => one.receipts("read", bia.name).has(ids[0] ?? ""));
      await quiet(bia);
      expect(bia.receipts("read").size).toBe(0);
    });

    test.each<[string, string, unknown]>([
      ["no messages", "message:send", { messages: [] }],
      ["65 messages", "message:send", { messages: Array.from({ length: 65 }, () => message("bia", "x")) }],
      ["messages that are none", "message:send", { messages: "all" }],
      ["an id that is no uuid", "message:send", { messages: [{ ...message("bia", "x"), id: "1" }] }],
      ["a time before time", "message:send", { messages: [{ ...message("bia", "x"), sentAt: -1 }] }],
      ["number 0", "message:send", { messages: [{ ...message("bia", "x"), number: 0 }] }],
      ["a body that is no text", "message:send", { messages: [{ ...message("bia", "x"), body: { toString: "x" } }] }],
      ["no recipient", "message:send", { messages: [{ ...message("", "x") }] }],
      ["read without ids", "message:read", { from: "bia", ids: [] }],
      ["read of 1,001", "message:read", { from: "bia", ids: Array.from({ length: 1_001 }, () => randomUUID()) }],
      ["read of no uuids", "message:read", { from: "bia", ids: ["x"] }],
      ["an empty name", "contact:add", { name: "" }],
      ["a name that is a number", "contact:remove", { name: 7 }],
      ["nothing at all", "contact:block", null],
      ["a list", "contact:unblock", []],
      ["a third presence", "presence:set", { presence: "away" }],
      ["a device that is no uuid", "device:revoke", { device: "mine" }],
      ["an unknown request", "message:steal", {}],
      ["a name of the prototype", "constructor", {}],
      ["another", "__proto__", {}],
      ["an event of EventEmitter", "error", {}],
      ["what only the relay says", "inbox:deliver", { envelopes: [] }],
    ])("[R3] %s is answered invalid, and the session lives", async (_, request, params) => {
      const ana = await ground.world.person();
      expect(await ana.code(request, params)).toBe("invalid");
      expect(await ana.code("inbox:status")).toBe("ok");
    });

    test("[R3] unknown fields are ignored", async () => {
      const [ana, bia] = await ground.world.friends();
      expect(codes(await ana.sendAll([{ ...message(bia.name, "x"), mood: "good" }]))).toEqual(["ok"]);
      expect(await ana.code("inbox:status", { deep: { er: 1 } })).toBe("ok");
    });
  });
}
