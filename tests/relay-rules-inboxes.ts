import { describe, expect, test } from "vitest";
import { codes, message, until } from "./device.ts";
import { befriend, quiet } from "./relay-world.ts";
import { type Ground } from "./relay-ground.ts";

const many = (count: number, begin = "m") => Array.from({ length: count }, (_, i) => `${begin}${i}`);

/** How much an inbox holds (G8), and what becomes of it when its device goes (G11). */
export function inboxes(ground: Ground): void {
  describe.concurrent("inboxes", () => {
    test("[G8] a stranger leaves at most 20 different messages, delivered or not", async () => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      await ana.code("contact:add", { name: bia.name });
      const batch = many(25).map((body) => message(bia.name, body));
      const results = await ana.sendAll(batch);
      expect(codes(results)).toEqual([...many(20).map(() => "ok"), ...many(5).map(() => "inbox-full")]);
      await until("20 arrived", () => bia.messages(ana.name).length === 20);
      await until("settled", async () => (await bia.waiting()) === 0);
      expect(codes(await ana.send(bia.name, "21st"))).toEqual(["inbox-full"]);
      // the same 20 are not 21
      expect(codes(await ana.sendAll(batch.slice(0, 20)))).toEqual(many(20).map(() => "ok"));
      await ana.code("contact:remove", { name: bia.name });
      await ana.code("contact:add", { name: bia.name });
      expect(codes(await ana.send(bia.name, "after asking again"))).toEqual(["inbox-full"]);
      await bia.code("contact:add", { name: ana.name });
      expect(codes(await ana.send(bia.name, "as a contact"))).toEqual(["ok"]);
      await bia.receives(ana.name, "as a contact");
    });

    test("[G8] a full quarter refuses the newest and keeps what is there; others still get in", async () => {
      const world = await ground.another("--inbox-limit", "40");
      const [ana, bia] = await world.friends();
      const caio = await world.person("caio");
      await befriend(caio, bia);
      await until("nothing waits", async () => (await bia.waiting()) === 0);
      await bia.ask("presence:set", { presence: "offline" });
      const results = codes(await ana.send(bia.name, ...many(14)));
      expect(results).toEqual([...many(10).map(() => "ok"), ...many(4).map(() => "inbox-full")]);
      expect(codes(await ana.send(bia.name, "newest"))).toEqual(["inbox-full"]);
      expect(codes(await caio.send(bia.name, "another's quarter"))).toEqual(["ok"]);
      await bia.ask("presence:set", { presence: "online" });
      await bia.receives(caio.name, "another's quarter");
      expect(bia.bodies(ana.name)).toEqual(many(10));
      await until("there is room again", async () => codes(await ana.send(bia.name, "later"))[0] === "ok");
    });

    test("[G8] a sender's own other device never refuses", async () => {
      const world = await ground.another("--inbox-limit", "40");
      const [ana, bia] = await world.friends();
      const caio = await world.person("caio");
      await befriend(ana, caio);
      const away = await world.second(ana, { presence: "offline" });
      // both held, so that no receipt takes a share: 18 copies are more than the quarter of 10
      for (const reader of [bia, caio]) {
        await until("nothing waits", async () => (await reader.waiting()) === 0);
        await reader.ask("presence:set", { presence: "offline" });
        expect(codes(await ana.send(reader.name, ...many(9, reader.name)))).toEqual(many(9).map(() => "ok"));
      }
      expect(await away.waiting()).toBe(18);
      await away.ask("presence:set", { presence: "online" });
      await until("all copies are there", () => away.bodies().length === 18);
      expect(away.bodies()).toEqual([bia, caio].flatMap((reader) => many(9, reader.name)));
    });

    test("[G11] a device whose inbox is full is signed out when another one takes delivery, and the account is told", async () => {
      const world = await ground.another("--inbox-limit", "40");
      const [ana, bia] = await world.friends();
      const asleep = await world.second(bia);
      asleep.drop();
      for (let i = 0; i < 3; i++) {
        for (const one of many(5, `${i}-`).map((body) => message(bia.name, body)))
          // what comes over takes ana's share of the other inbox for a moment
          await until(`${one.body} is accepted`, async () => codes(await ana.sendAll([one]))[0] === "ok");
        await bia.receives(ana.name, ...many(5, `${i}-`));
      }
      await until("the account is told", () => bia.stored.some((held) => held.kind === "device"));
      await expect(asleep.connect()).rejects.toThrow("token-invalid");
      await until("what it held went over", () => bia.duplicates >= 10);
      expect(bia.bodies()).toEqual([0, 1, 2].flatMap((i) => many(5, `${i}-`)));
    });

    test.each(["session:end", "device:revoke"])(
      "[G11] %s moves the rest to the account's other devices",
      async (request) => {
        const { world } = ground;
        const [ana, bia] = await world.friends();
        const leaving = await world.second(bia, { presence: "offline" });
        bia.drop();
        await ana.send(bia.name, ...many(64));
        // it was there only: the other device's copy is drained first, so that what arrives twice came over
        await bia.connect();
        await until("own copy", () => bia.messages().length === 64);
        const code =
          request === "session:end" ? await leaving.code(request) : await bia.code(request, { device: leaving.device });
        expect(code).toBe("ok");
        await until("all came over", () => bia.duplicates >= 64);
        expect(bia.bodies()).toEqual(many(64));
      },
    );

    test("[G11] the last device's inbox waits, takes what is sent meanwhile, and the next device takes it over", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      await bia.ask("presence:set", { presence: "offline" });
      await ana.send(bia.name, "before");
      await bia.code("session:end");
      expect(codes(await ana.send(bia.name, "between"))).toEqual(["ok"]);
      const next = world.device(bia.name);
      expect((await next.connect({ with: "password" })).waiting).toBe(2);
      await next.receives(ana.name, "between");
      expect(next.bodies()).toEqual(["before", "between"]);
    });

    test("[G11] a restart in the middle of moving loses nothing", async () => {
      const world = await ground.another();
      const [ana, bia] = await world.friends();
      const leaving = await world.second(bia, { presence: "offline" });
      bia.drop();
      for (let i = 0; i < 10; i++) await ana.send(bia.name, ...many(64, `${i}-`));
      await bia.connect();
      await until("own copy", () => bia.messages().length === 640);
      const before = bia.duplicates;
      bia.drop();
      await leaving.code("session:end");
      await world.relay.kill();
      await world.relay.restart();
      await bia.connect();
      await until("all came over", () => bia.duplicates - before >= 640, 30_000);
      expect(bia.messages()).toHaveLength(640);
      await until("nothing waits", async () => (await bia.waiting()) === 0);
      await quiet(bia);
    });
  });
}
