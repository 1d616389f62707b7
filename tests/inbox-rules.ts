import assert from "node:assert/strict";
import { limitsFor } from "../server/inboxes/usage.ts";
import { InboxError, type InboxErrorCode, type Inboxes, type InboxId, type Stored } from "../server/inbox.ts";
import { drain, letter, numberOf, origin, plenty, range, read, receipt, until, within } from "./inbox-letters.ts";
import { type Place } from "./inbox-places.ts";

/** One numbered rule of wire/SPEC.md: rejects when the place does not keep it. */
export type Rule = (place: Place) => Promise<void>;

/** That a request is refused with this code, and which inbox it names. */
async function refused(work: Promise<unknown>, code: InboxErrorCode, inbox?: InboxId): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof InboxError, `expected the refusal ${code}, got ${String(error)}`);
  assert.equal(error.code, code);
  if (inbox !== undefined) assert.equal(error.inbox, inbox);
}

async function opened(place: Place, limit = 10_000): Promise<{ inboxes: Inboxes; inbox: InboxId }> {
  const inboxes = await place.open({ limits: limitsFor(limit) });
  const inbox = place.newInbox();
  await inboxes.open(inbox);
  return { inboxes, inbox };
}

/** A consumer whose batches are settled by the test, one by one. */
async function held(place: Place, inboxes: Inboxes, inbox: InboxId, appetite = plenty) {
  const calls: { numbers: number[]; settle: () => void; giveUp: () => void }[] = [];
  const consumption = await inboxes.consume(
    inbox,
    (batch) =>
      new Promise<void>((settle, fail) => {
        const giveUp = () => fail(new Error("not stored"));
        place.ending.addEventListener("abort", giveUp);
        calls.push({ numbers: batch.map(({ stored }) => numberOf(stored)), settle, giveUp });
      }),
    appetite,
  );
  const call = async (index: number) => {
    await until(`batch ${index} comes`, () => calls.length > index);
    const found = calls[index];
    assert.ok(found);
    return found;
  };
  return { calls, consumption, call };
}

export const rules = {
  "[I1] what a put said is stored is there after a kill -9": async (place) => {
    const { inbox } = await opened(place);
    const stored = await place.putUntilKilled(inbox, 150);
    await place.crash();
    const numbers = await drain(await place.open(), inbox);
    const have = new Set(numbers);
    const lost = stored.filter((number) => !have.has(number));
    assert.deepEqual(lost, [], "these were said to be stored");
    assert.deepEqual(numbers, range(0, numbers.length), "in order, without gap or repeat");
  },

  "[I2] a missing inbox is refused and named": async (place) => {
    const { inboxes, inbox } = await opened(place);
    const missing = place.newInbox();
    await refused(inboxes.put([missing], [letter(0)]), "no-inbox", missing);
    await refused(inboxes.put([inbox, missing], [letter(1)]), "no-inbox", missing);
    await refused(
      inboxes.consume(missing, async () => undefined, plenty),
      "no-inbox",
      missing,
    );
    await inboxes.put([inbox], [letter(2)]);
    await inboxes.remove(inbox);
    await inboxes.remove(inbox);
    await refused(inboxes.put([inbox], [letter(3)]), "no-inbox", inbox);
    await inboxes.open(inbox);
    await inboxes.open(inbox);
    assert.deepEqual(await drain(inboxes, inbox), []);
  },

  "[I3] oldest first, also when more waits than fits into memory": async (place) => {
    const { inboxes, inbox } = await opened(place);
    const second = place.newInbox();
    await inboxes.open(second);
    const put = (from: number, to: number) =>
      Promise.all(range(from, to).map((n) => inboxes.put([inbox, second], [letter(2 * n), letter(2 * n + 1)])));
    await put(0, 400);
    const reader = await read(inboxes, inbox);
    await put(400, 600);
    await until("all 1,200 come", () => reader.got.length >= 1_200);
    assert.deepEqual(reader.numbers(), range(0, 1_200));
    await reader.consumption.stop();
    assert.deepEqual(await drain(inboxes, second), range(0, 1_200));
  },

  "[I4] one consumer at a time": async (place) => {
    const { inboxes, inbox } = await opened(place);
    const first = await read(inboxes, inbox);
    await refused(read(inboxes, inbox), "inbox-busy", inbox);
    await first.consumption.stop();
    await first.consumption.stop();
    assert.deepEqual(await first.consumption.ended, { reason: "stopped" });
    const next = await read(inboxes, inbox);
    await inboxes.put([inbox], [letter(0)]);
    await until("the next consumer gets it", () => next.got.length === 1);
    assert.equal(first.got.length, 0);
  },

  "[I5] what was not settled stays, first again and in order": async (place) => {
    const { inboxes, inbox } = await opened(place);
    const three = () => ({ envelopes: 3, bytes: 1_048_576 });
    for (const n of [0, 4])
      await inboxes.put(
        [inbox],
        range(n, n + 4).map((number) => letter(number)),
      );
    const one = await held(place, inboxes, inbox, three);
    const { numbers, giveUp } = await one.call(0);
    assert.deepEqual(numbers, [0, 1, 2]);
    giveUp();
    const again = await one.call(1);
    assert.deepEqual(again.numbers, [0, 1, 2]);
    again.settle();
    const third = await one.call(2);
    assert.equal(third.numbers[0], 3); // how many come with it depends on what has arrived
    const stopped = one.consumption.stop();
    third.giveUp();
    await stopped;
    // 3 shares a broker message with 2, which is settled: this process must know
    const two = await held(place, inboxes, inbox, three);
    const fourth = await two.call(0);
    assert.deepEqual(fourth.numbers, range(3, 3 + fourth.numbers.length));
    const over = two.consumption.stop();
    fourth.giveUp();
    await over;
    assert.deepEqual(await drain(inboxes, inbox), range(3, 8));
  },

  "[I6] a settled batch never comes again, also not after a restart": async (place) => {
    const { inboxes, inbox } = await opened(place);
    for (const n of range(0, 20)) await inboxes.put([inbox], [letter(n)]);
    const reader = await held(place, inboxes, inbox, () => ({ envelopes: 5, bytes: 1_048_576 }));
    (await reader.call(0)).settle();
    (await reader.call(1)).settle();
    const third = await reader.call(2);
    const stopped = reader.consumption.stop();
    third.giveUp();
    await stopped;
    // a batch is what has arrived, five at most: the third one says how many were settled before it
    const unsettled = range(third.numbers[0] ?? 0, 20);
    assert.ok(unsettled.length < 20 && unsettled.length > 0);
    assert.deepEqual(await drain(await place.open(), inbox), unsettled);
    assert.deepEqual(await drain(await place.open(), inbox), []);
  },

  "[I7] a full inbox refuses the newest, whole, and drops nothing": async (place) => {
    const { inboxes, inbox } = await opened(place, 8);
    const names = ["ana", "bia", "caio", "davi"];
    for (const [i, name] of names.entries()) {
      await inboxes.put([inbox], [letter(i, name)], { origin: origin(name) });
    }
    for (const [i, name] of names.slice(0, 3).entries()) {
      await inboxes.put([inbox], [letter(4 + i, name)], { origin: origin(name) });
    }
    const two = [letter(7, "eva"), letter(8, "eva")];
    await refused(inboxes.put([inbox], two, { origin: origin("eva") }), "inbox-full", inbox);
    await inboxes.put([inbox], [letter(7, "eva")], { origin: origin("eva") });
    await refused(inboxes.put([inbox], [letter(9, "gil")], { origin: origin("gil") }), "inbox-full", inbox);
    assert.deepEqual(await drain(inboxes, inbox), range(0, 8));
    await inboxes.put([inbox], [letter(10, "gil")], { origin: origin("gil") });
  },

  "[I8] one origin fills at most a quarter": async (place) => {
    const { inboxes, inbox } = await opened(place, 40);
    const ana = origin("Ana");
    assert.equal(inboxes.room(inbox, ana).envelopes, 10);
    // puts that arrive together cannot both take the last room
    const puts = await Promise.allSettled(
      range(0, 14).map((n) => inboxes.put([inbox], [n % 2 ? letter(n, "Ana") : receipt("ANA")], { origin: ana })),
    );
    assert.equal(puts.filter(({ status }) => status === "fulfilled").length, 10);
    assert.equal(inboxes.room(inbox, ana).envelopes, 0);
    await refused(inboxes.put([inbox], [letter(14)], { origin: ana }), "inbox-full", inbox);
    assert.equal(inboxes.room(inbox, origin("bia")).envelopes, 10);
    await inboxes.put([inbox], [letter(15, "bia")], { origin: origin("bia") });
    // copies to a sender's own devices and moves are never refused for room
    await inboxes.put([inbox], [letter(16)]);
    const reopened = await place.open({ limits: limitsFor(40) });
    await reopened.open(inbox);
    assert.equal(reopened.room(inbox, ana).envelopes, 0, "the share is known after a restart");
    await drain(reopened, inbox);
    assert.equal(reopened.room(inbox, ana).envelopes, 10);
  },

  "[I9] a batch keeps to the appetite, forms by itself, and one envelope always travels": async (place) => {
    const { inboxes, inbox } = await opened(place);
    await inboxes.put([inbox], [letter(0, "ana", { padding: 5_000 })]);
    await Promise.all(range(1, 41).map((n) => inboxes.put([inbox], [letter(n)])));
    await inboxes.put(
      [inbox],
      range(41, 61).map((n) => letter(n)),
    );
    const bytes = (batch: readonly Stored[]) => batch.reduce((sum, stored) => sum + JSON.stringify(stored).length, 0);
    const reader = await held(place, inboxes, inbox, () => ({ envelopes: 7, bytes: 1_600 }));
    const first = await reader.call(0);
    assert.deepEqual(first.numbers, [0], "the large one travels alone");
    first.settle();
    const second = await reader.call(1);
    second.giveUp();
    const stopped = reader.consumption.stop();
    for (const call of reader.calls) call.giveUp();
    await stopped;
    const rest = await read(inboxes, inbox, () => ({ envelopes: 7, bytes: 1_600 }));
    await until("the rest comes", () => rest.got.length === 60);
    assert.ok(rest.batches.length < 40, "batches formed from what waited");
    for (const batch of rest.batches) {
      assert.ok(batch.length <= 7, `a batch of ${batch.length}`);
      assert.ok(batch.length === 1 || bytes(batch) <= 1_600, `a batch of ${bytes(batch)} bytes`);
    }
  },

  "[I10] stop waits for what is in flight, and nothing comes after it": async (place) => {
    const { inboxes, inbox } = await opened(place);
    await inboxes.put([inbox], [letter(0)]);
    const reader = await held(place, inboxes, inbox, () => ({ envelopes: 1, bytes: 1_048_576 }));
    const { settle } = await reader.call(0);
    await inboxes.put([inbox], [letter(1)]);
    const order: string[] = [];
    const stopped = reader.consumption.stop().then(() => order.push("stopped"));
    await inboxes.put([inbox], [letter(2)]); // a whole round through the engine: time enough to stop too early
    order.push("settled");
    settle();
    await stopped;
    assert.deepEqual(order, ["settled", "stopped"]);
    await inboxes.put([inbox], [letter(3)]);
    assert.deepEqual(await drain(inboxes, inbox), [1, 2, 3]);
    assert.equal(reader.calls.length, 1);
  },

  "[I11] waiting counts messages, in flight included, and the time of the oldest": async (place) => {
    const { inboxes, inbox } = await opened(place);
    assert.deepEqual(inboxes.waiting(inbox), { count: 0, envelopes: 0 });
    await inboxes.put([inbox], [receipt(), letter(0, "ana", { at: 500 }), letter(1, "ana", { at: 600 })]);
    await inboxes.put([inbox], [letter(2, "ana", { at: 700 })]);
    const all = { count: 3, envelopes: 4, oldestAt: 500 };
    assert.deepEqual(inboxes.waiting(inbox), all);
    const reader = await held(place, inboxes, inbox, () => ({ envelopes: 2, bytes: 1_048_576 }));
    const { settle } = await reader.call(0);
    assert.deepEqual(inboxes.waiting(inbox), all);
    settle();
    await reader.call(1);
    const stopped = reader.consumption.stop();
    reader.calls[1]?.giveUp();
    await stopped;
    const left = { count: 2, envelopes: 2, oldestAt: 600 };
    assert.deepEqual(inboxes.waiting(inbox), left);
    const reopened = await place.open();
    await reopened.open(inbox);
    if (place.engine === "embedded") assert.deepEqual(reopened.waiting(inbox), left);
    await drain(reopened, inbox);
    assert.deepEqual(reopened.waiting(inbox), { count: 0, envelopes: 0 });
  },

  "[I12] what cannot be read is parked and does not hold up what is behind it": async (place) => {
    const { inboxes, inbox } = await opened(place);
    await inboxes.put([inbox], [letter(0)]);
    const bad = ["{ not JSON", JSON.stringify({ kind: "message", id: "x" })];
    for (const raw of bad) await place.spoil(inbox, raw);
    const parked: { inbox: InboxId; raw: string; reason: string }[] = [];
    let failing = true;
    const again = await place.open({
      park: async (where, raw, reason) => {
        // parking that fails once is tried again: it is never settled unparked
        if (failing) {
          failing = false;
          throw new Error("disk full");
        }
        parked.push({ inbox: where, raw, reason });
      },
    });
    assert.deepEqual(await drain(again, inbox), [0]);
    assert.deepEqual(
      parked.map(({ raw }) => raw),
      bad,
    );
    assert.ok(parked.every((one) => one.inbox === inbox && one.reason !== ""));
    const once = await place.open({
      park: async (where, raw, reason) => void parked.push({ inbox: where, raw, reason }),
    });
    assert.deepEqual(await drain(once, inbox), []);
    assert.equal(parked.length, 2, "parked once");
  },

  "[I13] storing that is impossible is unavailable, settling goes on, and it recovers": async (place) => {
    const { inboxes, inbox } = await opened(place);
    await inboxes.put(
      [inbox],
      range(0, 10).map((n) => letter(n)),
    );
    const reader = await held(place, inboxes, inbox, () => ({ envelopes: 5, bytes: 1_048_576 }));
    const relieve = await place.starve();
    const stored: number[] = [];
    const put = async (number: number): Promise<void> => {
      await inboxes.put([inbox], [letter(number, "ana", { padding: 60_000 })]);
      stored.push(number);
    };
    try {
      await within(
        12_000,
        "a refusal",
        refused(
          range(100, 400).reduce((before, number) => before.then(() => put(number)), Promise.resolve()),
          "unavailable",
        ),
      );
      assert.equal(inboxes.ready(), false);
      await within(1_000, "the next refusal", refused(put(400), "unavailable"));
      const first = await reader.call(0);
      assert.deepEqual(first.numbers, range(0, 5));
      first.settle();
      const second = await reader.call(1);
      assert.deepEqual(second.numbers, range(5, 10));
      const stopped = reader.consumption.stop();
      second.settle();
      await within(10_000, "settling while nothing can be stored", stopped);
    } finally {
      await relieve();
    }
    await until("it is ready again", () => inboxes.ready(), 15_000);
    await put(500);
    const numbers = await drain(await place.open(), inbox);
    const certain = numbers.filter((number) => stored.includes(number));
    assert.deepEqual(certain, stored, "what was accepted is there, in order");
    assert.ok(!numbers.some((number) => number < 10), "what was settled is gone");
  },
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
