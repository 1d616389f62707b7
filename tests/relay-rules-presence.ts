import { describe, expect, test } from "vitest";
import { type Contact } from "../wire/model.ts";
import { codes, type Device, message, until } from "./device.ts";
import { befriend, quiet } from "./relay-world.ts";
import { type Ground } from "./relay-ground.ts";

const about = (contacts: readonly Contact[], name: string) => contacts.find((one) => one.name === name);
/** what a device heard about somebody, without the times that no two runs share */
const heardOf = (device: Device, name: string) => ({
  presence: device.heard["presence:changed"]
    .filter((one) => one.name === name)
    .map(({ presence, lastSeen }) => [presence, lastSeen !== undefined]),
  contact: device.heard["contact:changed"].filter((one) => one.name === name).map(({ state }) => state),
  typing: device.heard["typing:told"].filter(({ from }) => from === name),
  delivered: device.receipts("delivered", name).size,
  read: device.receipts("read", name).size,
});

/** the last word that a device heard about somebody's presence */
const lastOf = (device: Device, of: Device) =>
  device.heard["presence:changed"].findLast(({ name }) => name === of.name);
const awayWords = (device: Device, of: Device) =>
  device.heard["presence:changed"].filter(({ name, away }) => name === of.name && away);

/** G6 and G7: offline means that nothing comes, and nobody but a mutual contact sees anything. */
export function presence(ground: Ground): void {
  describe.concurrent("presence", () => {
    test("[G6] after the answer to offline nothing is delivered, it waits, and comes in order on return", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const other = await world.second(bia);
      await bia.ask("presence:set", { presence: "offline" });
      const before = bia.batches.length;
      await ana.send(bia.name, "w1", "w2", "w3");
      await other.receives(ana.name, "w1", "w2", "w3"); // the relay had its turn
      await quiet(bia);
      expect(bia.batches.length).toBe(before);
      expect(await bia.waiting()).toBe(3);
      await bia.ask("presence:set", { presence: "online" });
      await bia.receives(ana.name, "w3");
      expect(bia.bodies()).toEqual(["w1", "w2", "w3"]);
      await until("settled", async () => (await bia.waiting()) === 0);
    });

    test("[G6] offline under load: not one envelope after the answer, and none is lost", async () => {
      const [ana, bia] = await ground.world.friends();
      const sending = (async () => {
        for (let n = 0; n < 20; n++) await ana.send(bia.name, ...Array.from({ length: 20 }, (_, i) => `${n * 20 + i}`));
      })();
      for (let round = 0; round < 8; round++) {
        await bia.ask("presence:set", { presence: "offline" });
        const held = bia.batches.length;
        await quiet(bia, ana);
        expect(bia.batches.length).toBe(held);
        await bia.ask("presence:set", { presence: "online" });
      }
      await sending;
      await until("all are there", () => bia.messages().length === 400);
      expect(bia.bodies()).toEqual(Array.from({ length: 400 }, (_, i) => `${i}`));
    });

    test("[G6] the batch in flight is settled or given up before offline is answered", async () => {
      const [ana, bia] = await ground.world.friends();
      const unanswered: (() => void)[] = [];
      bia.answers = () => undefined;
      bia.socket.on("inbox:deliver", (_said: unknown, answer: (reply: unknown) => void) => {
        unanswered.push(() => answer({ ok: true }));
      });
      await ana.send(bia.name, "in flight");
      await until("it is in flight", () => unanswered.length === 1);
      let answered = false;
      const offline = bia.ask("presence:set", { presence: "offline" }).then(() => (answered = true));
      await quiet(bia);
      expect(answered).toBe(false);
      for (const answer of unanswered) answer();
      await offline;
      expect(await bia.waiting()).toBe(0);
    });

    test("[G6] signing in offline: nothing is delivered until online", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      bia.drop();
      await ana.hears("offline", bia.name);
      await ana.send(bia.name, "held");
      const started = await bia.connect({ presence: "offline" });
      expect(started.waiting).toBe(1);
      await quiet(bia, ana);
      expect(bia.bodies()).toEqual([]);
      expect(ana.heard["presence:changed"].at(-1)?.presence).toBe("offline");
      await bia.ask("presence:set", { presence: "online" });
      await bia.receives(ana.name, "held");
      await ana.hears("online", bia.name);
    });

    test("[G6] sending and reading while offline are refused, whole, and nothing goes", async () => {
      const [ana, bia] = await ground.world.friends();
      await ana.ask("presence:set", { presence: "offline" });
      const one = message(bia.name, "later");
      expect(codes(await ana.sendAll([one]))).toEqual(["offline"]);
      expect(await ana.code("message:read", { from: bia.name, ids: [one.id] })).toBe("offline");
      await ana.ask("presence:set", { presence: "online" });
      expect(codes(await ana.sendAll([one]))).toEqual(["ok"]);
      await bia.receives(ana.name, "later");
    });

    test("[G6] the status of an inbox counts messages, with the time of the oldest", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "offline" });
      expect(await bia.ask("inbox:status", {})).toEqual({ ok: true, value: { waiting: 0 } });
      const [first] = await ana.send(bia.name, "1");
      await ana.send(bia.name, "2");
      expect(await bia.ask("inbox:status", {})).toEqual({
        ok: true,
        value: { waiting: 2, oldestAt: first?.ok ? first.acceptedAt : undefined },
      });
    });

    test("[G10] a contact hears who comes and goes; an account is online while any of its sessions is", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const second = await world.second(bia);
      await second.ask("inbox:status", {});
      bia.drop();
      const caio = await world.person("caio");
      await befriend(caio, ana);
      await quiet(ana);
      expect(
        ana.heard["presence:changed"].filter(({ name, presence: now }) => name === bia.name && now === "offline"),
      ).toEqual([]);
      second.drop();
      await ana.hears("offline", bia.name);
      expect(ana.heard["presence:changed"].at(-1)?.lastSeen).toBeGreaterThan(Date.now() - 60_000);
    });

    test("[G7] nobody but a mutual contact hears of presence, typing or receipts", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const [asker, asked] = await Promise.all([world.person("asker"), world.person("asked")]);
      await asker.code("contact:add", { name: ana.name }); // pending to her
      await ana.code("contact:add", { name: asked.name });
      await asker.send(ana.name, "hello?");
      await ana.receives(asker.name, "hello?");
      await ana.code("message:read", { from: asker.name, ids: ana.messages(asker.name).map(({ id }) => id) });
      for (const one of [asker, asked, bia]) ana.socket.emit("typing:tell", { to: one.name });
      await until("the mutual one hears", () => bia.heard["typing:told"].length === 1);
      await ana.ask("presence:set", { presence: "offline" });
      await bia.hears("offline", ana.name);
      await quiet(asker, asked);
      const nothing = { presence: [], typing: [], delivered: 0, read: 0 };
      expect(heardOf(asker, ana.name)).toMatchObject(nothing);
      expect(heardOf(asked, ana.name)).toMatchObject(nothing);
      expect(about((await asker.connect()).contacts, ana.name)).toEqual({
        name: ana.name,
        state: "pending",
        presence: "offline",
      });
    });

    test("[G7] on becoming mutual the reports of what was shown before arrive", async () => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      await ana.code("contact:add", { name: bia.name });
      const sent = message(bia.name, "before");
      await ana.sendAll([sent]);
      await bia.receives(ana.name, "before");
      await bia.code("contact:add", { name: ana.name });
      await bia.code("message:read", { from: ana.name, ids: [sent.id] });
      await until("the report is there", () => ana.receipts("read", bia.name).has(sent.id));
    });

    test("[G7] a blocked account sees what it would see of an offline one", async () => {
      const { world } = ground;
      const [[ana, bia], [eva, leo]] = await Promise.all([world.friends(), world.friends()] as const);
      // bia blocks ana; leo just goes offline for eva
      const started = Date.now();
      await bia.code("contact:block", { name: ana.name });
      await leo.ask("presence:set", { presence: "offline" });
      await Promise.all([ana.hears("offline", bia.name), eva.hears("offline", leo.name)]);
      expect(codes(await ana.send(bia.name, "hello?"))).toEqual(codes(await eva.send(leo.name, "hello?")));
      bia.socket.emit("typing:tell", { to: ana.name });
      await bia.ask("presence:set", { presence: "offline" });
      await bia.ask("presence:set", { presence: "online" });
      await bia.code("message:read", { from: ana.name, ids: [message("x", "x").id] });
      await quiet(bia, ana, eva, leo);
      expect(heardOf(ana, bia.name)).toEqual(heardOf(eva, leo.name));
      expect(bia.messages(ana.name)).toEqual([]);
      expect(await bia.waiting()).toBe(0);
      const frozen = about((await ana.connect()).contacts, bia.name);
      const away = about((await eva.connect()).contacts, leo.name);
      expect({ ...frozen, name: "", lastSeen: 0 }).toEqual({ ...away, name: "", lastSeen: 0 });
      // last seen stays at the block, however often bia comes and goes
      const blockedAt = frozen?.lastSeen ?? 0;
      expect(blockedAt).toBeGreaterThanOrEqual(started - 1_000);
      await bia.connect();
      await quiet(bia);
      expect(about((await ana.connect()).contacts, bia.name)?.lastSeen).toBe(blockedAt);
    });

    test("[G7] being blocked by somebody who is offline already says nothing, nor does being blocked twice", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "offline" });
      await ana.hears("offline", bia.name);
      const before = heardOf(ana, bia.name);
      await bia.code("contact:block", { name: ana.name });
      await bia.code("contact:block", { name: ana.name });
      await bia.code("contact:unblock", { name: ana.name });
      await quiet(bia, ana);
      expect(heardOf(ana, bia.name)).toEqual(before);
    });

    test("[G7] a block works on typing and receipts in both directions, and ends with the unblocking", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.code("contact:block", { name: ana.name });
      expect(codes(await bia.send(ana.name, "I cannot"))).toEqual(["not-a-contact"]);
      ana.socket.emit("typing:tell", { to: bia.name });
      await ana.ask("presence:set", { presence: "offline" });
      await quiet(ana, bia);
      expect(heardOf(bia, ana.name)).toMatchObject({ presence: [], typing: [] });
      await ana.ask("presence:set", { presence: "online" });
      await ana.send(bia.name, "lost");
      await bia.code("contact:unblock", { name: ana.name });
      await ana.hears("online", bia.name);
      await ana.send(bia.name, "heard");
      await bia.receives(ana.name, "heard");
      expect(bia.bodies()).toEqual(["heard"]);
    });

    test("[D7] away is told to contacts and in the list, and ends by being back", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "online", away: true });
      await until("she hears it", () => lastOf(ana, bia)?.away);
      expect(lastOf(ana, bia)).toMatchObject({ presence: "online", away: true });
      expect(about((await ana.connect()).contacts, bia.name)).toMatchObject({ presence: "online", away: true });
      await bia.ask("presence:set", { presence: "online" });
      await until("she hears it", () => lastOf(ana, bia));
      expect(lastOf(ana, bia)).not.toHaveProperty("away");
      expect(about((await ana.connect()).contacts, bia.name)).not.toHaveProperty("away");
    });

    test("[D7] delivery goes on while away, and sending too", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "online", away: true });
      await ana.send(bia.name, "to one who is away");
      await bia.receives(ana.name, "to one who is away");
      expect(codes(await bia.send(ana.name, "from one who is away"))).toEqual(["ok"]);
    });

    test("[D7] away counts only while online: offline is offline, and coming back is not away", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "offline", away: true });
      await ana.hears("offline", bia.name);
      expect(lastOf(ana, bia)).not.toHaveProperty("away");
      await bia.ask("presence:set", { presence: "online" });
      await ana.hears("online", bia.name);
      expect(lastOf(ana, bia)).not.toHaveProperty("away");
      expect(await bia.code("presence:set", { presence: "online", away: "yes" })).toBe("invalid");
    });

    test("[D7] an account is away when every session of it that takes delivery is", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const second = await world.second(bia);
      await bia.ask("presence:set", { presence: "online", away: true });
      await quiet(bia, ana);
      expect(awayWords(ana, bia)).toEqual([]);
      await second.ask("presence:set", { presence: "online", away: true });
      await until("both are away", () => lastOf(ana, bia)?.away);
      await second.ask("presence:set", { presence: "online" });
      await until("one is back", () => lastOf(ana, bia)?.away === undefined);
      second.drop();
      await until("only the one that is away is left", () => lastOf(ana, bia)?.away);
      bia.drop();
      await ana.hears("offline", bia.name);
      expect(lastOf(ana, bia)).not.toHaveProperty("away");
    });

    test("[D7] [G7] nobody but a mutual contact hears of being away, and somebody blocked does not", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const [asker, caio] = await Promise.all([world.person("asker"), world.person("caio")]);
      await asker.code("contact:add", { name: bia.name });
      await befriend(caio, bia);
      await bia.code("contact:block", { name: ana.name });
      await ana.hears("offline", bia.name);
      const before = heardOf(ana, bia.name);
      await bia.ask("presence:set", { presence: "online", away: true });
      await until("the mutual one hears", () => lastOf(caio, bia)?.away);
      await quiet(bia, ana, asker);
      expect(heardOf(ana, bia.name)).toEqual(before);
      expect(heardOf(asker, bia.name).presence).toEqual([]);
      for (const one of [ana, asker]) {
        const seen = about((await one.connect()).contacts, bia.name);
        expect(seen?.presence).toBe("offline");
        expect(seen).not.toHaveProperty("away");
      }
      // the end of the block shows what is
      await bia.code("contact:unblock", { name: ana.name });
      await until("she hears it", () => lastOf(ana, bia)?.away);
    });

    test("[D7] [G10] a connection that is gone is not away, and a new one begins at the computer", async () => {
      const [ana, bia] = await ground.world.friends();
      await bia.ask("presence:set", { presence: "online", away: true });
      await until("away", () => lastOf(ana, bia)?.away);
      bia.drop();
      await ana.hears("offline", bia.name);
      await bia.connect();
      await ana.hears("online", bia.name);
      expect(lastOf(ana, bia)).not.toHaveProperty("away");
    });
  });
}
