import { describe, expect, test } from "vitest";
import { type Device, message, until } from "./device.ts";
import { type Ground } from "./relay-ground.ts";

/** What a device that repeats itself does: the same batch, until every message of it was answered. */
async function insist(from: Device, batch: readonly ReturnType<typeof message>[]): Promise<void> {
  await until(
    "the batch is accepted",
    async () => {
      try {
        if (!from.connected) await from.connect();
        return (await from.sendAll(batch)).every(({ ok }) => ok);
      } catch {
        // the relay is away: whether it got there is not known, so it is said again
        return false;
      }
    },
    60_000,
  );
}

/** G1, G10 and G12 across `kill -9`. */
export function crashes(ground: Ground): void {
  describe.concurrent("a relay that is killed", () => {
    test("[G1] in the middle of sending: everything accepted arrives once to who drops repetitions, in order", async () => {
      const world = await ground.another();
      const [ana, bia] = await world.friends();
      const bodies = Array.from({ length: 1_200 }, (_, i) => `m${i}`);
      const reader = { done: false };
      const reading = (async () => {
        while (!reader.done) {
          if (!bia.connected) await bia.connect().catch(() => undefined);
          await until("a change", () => reader.done || !bia.connected, 120_000);
        }
      })();
      const killing = (async () => {
        for (const at of [200, 500, 800]) {
          await until(`${at} were taken`, () => bia.messages().length >= at || reader.done, 60_000);
          await world.relay.kill();
          await world.relay.restart();
        }
      })();
      for (let at = 0; at < bodies.length; at += 40) {
        await insist(
          ana,
          bodies.slice(at, at + 40).map((body) => message(bia.name, body)),
        );
      }
      await killing;
      await until("all are there", () => bia.messages().length >= bodies.length, 30_000);
      expect(bia.bodies()).toEqual(bodies);
      reader.done = true;
      await reading;
    }, 120_000);

    test("[G12] a request that was answered is told after a crash, and contacts are as they were", async () => {
      const world = await ground.another();
      const askers = await Promise.all(Array.from({ length: 6 }, () => world.person("asker")));
      const bia = await world.person("bia");
      bia.drop();
      await Promise.all(askers.map((asker) => asker.code("contact:add", { name: bia.name })));
      await world.relay.kill();
      await world.relay.restart();
      const started = await bia.connect();
      expect(started.contacts.map(({ name, state }) => `${state} ${name}`).sort()).toEqual(
        askers.map(({ name }) => `requested ${name}`).sort(),
      );
      await until("every notice", () => new Set(bia.notices()).size === askers.length);
    }, 60_000);

    test("[G10] after a crash nobody is online who is not connected", async () => {
      const world = await ground.another();
      const [ana, bia] = await world.friends();
      await world.relay.kill();
      await world.relay.restart();
      const seen = (await ana.connect()).contacts.find(({ name }) => name === bia.name);
      expect(seen?.presence).toBe("offline");
      await bia.connect();
      await ana.hears("online", bia.name);
    }, 60_000);
  });
}
