import { describe, expect, test } from "vitest";
import { contactTable, type View } from "./contact-table.ts";
import { codes, type Device, until } from "./device.ts";
import { quiet } from "./relay-world.ts";
import { type Ground } from "./relay-ground.ts";

const seen = async (device: Device, name: string): Promise<View> =>
  (await device.connect()).contacts.find((one) => one.name === name)?.state;

export function contacts(ground: Ground): void {
  describe.concurrent("contacts", () => {
    test.each(contactTable)("[G12] $title", async ({ steps, sees, told }) => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      const actors = { ana, bia };
      for (const [who, what, code] of steps) {
        const other = who === "ana" ? bia : ana;
        expect(await actors[who].code(`contact:${what}`, { name: other.name }), `${who} ${what}`).toBe(code);
      }
      const notices = (of: Device, about: Device) => of.notices().map((one) => one.replace(` ${about.name}`, ""));
      await until(
        "all notices are there",
        () => notices(ana, bia).length >= told[0].length && notices(bia, ana).length >= told[1].length,
      );
      await quiet(ana, bia);
      expect([notices(ana, bia), notices(bia, ana)]).toEqual(told);
      expect([await seen(ana, bia.name), await seen(bia, ana.name)]).toEqual(sees);
    });

    test.each([
      ["contact:add", "unknown-name"],
      ["contact:remove", "not-a-contact"],
      ["contact:block", "unknown-name"],
      ["contact:unblock", "unknown-name"],
    ])("[G12] %s of a name that nobody has", async (request, code) => {
      const { world } = ground;
      const ana = await world.person();
      for (const name of [world.newName("nobody"), "no name at all", "\ud800", "__proto__", "x".repeat(128)])
        expect(await ana.code(request, { name }), name).toBe(code);
    });

    test("[G12] one cannot add oneself, in no spelling", async () => {
      const ana = await ground.world.person();
      expect(await ana.code("contact:add", { name: ana.name })).toBe("own-name");
      expect(await ana.code("contact:add", { name: ana.name.toUpperCase() })).toBe("own-name");
    });

    test("[G12] both add at the same moment: mutual, whoever was first", async () => {
      const { world } = ground;
      for (let round = 0; round < 5; round++) {
        const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
        const answers = await Promise.all([
          ana.code("contact:add", { name: bia.name }),
          bia.code("contact:add", { name: ana.name }),
        ]);
        expect(answers).toEqual(["ok", "ok"]);
        expect([await seen(ana, bia.name), await seen(bia, ana.name)]).toEqual(["mutual", "mutual"]);
        await until("one notice each", () => ana.notices().length === 1 && bia.notices().length === 1);
      }
    });

    test("[G12] the other sessions of both sides hear of each change", async () => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      const ana2 = await world.second(ana);
      const last = (device: Device) => device.heard["contact:changed"].at(-1)?.state;
      await ana.code("contact:add", { name: bia.name });
      await until("asked", () => last(ana2) === "pending" && last(bia) === "requested");
      await bia.code("contact:add", { name: ana.name });
      await until("mutual", () => [ana, ana2].every((one) => last(one) === "mutual"));
      expect(ana.heard["contact:changed"].at(-1)).toMatchObject({ name: bia.name, presence: "online" });
      await ana.code("contact:block", { name: bia.name });
      await until("blocked", () => last(ana2) === "blocked");
      await ana.code("contact:unblock", { name: bia.name });
      await until("unblocked", () => last(ana2) === "mutual");
      await ana.code("contact:remove", { name: bia.name });
      await until("removed", () => last(ana2) === "removed" && last(bia) === "removed");
    });

    test("[G12] the notice waits for who is away", async () => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      bia.drop();
      await ana.code("contact:add", { name: bia.name });
      expect((await bia.connect()).contacts).toEqual([{ name: ana.name, state: "requested", presence: "offline" }]);
      await until("the notice", () => bia.notices().includes(`requested ${ana.name}`));
    });

    test("[G1] what a declined account sends is answered as usual and discarded", async () => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      await ana.code("contact:add", { name: bia.name });
      await bia.code("contact:remove", { name: ana.name });
      expect(codes(await ana.send(bia.name, "hello?"))).toEqual(["ok"]);
      expect(
        codes(await ana.send(bia.name, ...Array.from({ length: 20 }, (_, i) => `${i}`))).filter(
          (code) => code === "ok",
        ),
      ).toHaveLength(19);
      await quiet(ana, bia);
      expect(bia.messages()).toEqual([]);
      expect(await bia.waiting()).toBe(0);
    });

    test.each(["requested", "none"] as const)("[G8] one does not write to a contact that is %s", async (state) => {
      const { world } = ground;
      const [ana, bia] = await Promise.all([world.person("ana"), world.person("bia")]);
      if (state === "requested") await bia.code("contact:add", { name: ana.name });
      expect(codes(await ana.send(bia.name, "x"))).toEqual(["not-a-contact"]);
      await quiet(bia);
      expect(bia.messages()).toEqual([]);
    });
  });
}
