import { afterEach, describe, expect, test } from "vitest";
import { type Consumption, InboxError, type Inboxes, type Stored } from "../server/inbox.ts";
import { changedInboxes, type Consumer, consumingThrough } from "./changed-inboxes.ts";
import { bundle } from "./inbox-bundle.ts";
import { plenty } from "./inbox-letters.ts";
import { embeddedPlace, type OpenOptions, type Place, possibleFullness } from "./inbox-places.ts";
import { type RuleName, rules } from "./inbox-rules.ts";

/** An engine with one deliberate fault: every method not named goes through. */
const withFault = (real: Inboxes, fault: (real: Inboxes) => Partial<Inboxes>): Inboxes =>
  changedInboxes(real, fault(real));

const codeOf = (error: unknown) => (error instanceof InboxError ? error.code : undefined);
const swallow = (code: InboxError["code"]) => (error: unknown) => {
  if (codeOf(error) !== code) throw error;
};
const consuming = (change: (consumer: Consumer) => Consumer) => (real: Inboxes) => consumingThrough(real, change);
const silent: Consumption = { ended: Promise.resolve({ reason: "stopped" }), stop: () => Promise.resolve() };

/** One for each rule; "I1" is in the child process (inbox-child.ts), where the rule is tested. */
const faults: readonly { rule: RuleName; name: string; fault: (real: Inboxes) => Partial<Inboxes>; park?: "forget" }[] =
  [
    {
      rule: "[I2] a missing inbox is refused and named",
      name: "swallows what has no inbox",
      fault: (real) => ({ put: (...put) => real.put(...put).catch(swallow("no-inbox")) }),
    },
    {
      rule: "[I3] oldest first, also when more waits than fits into memory",
      name: "hands out the newest of a batch first",
      fault: consuming((consumer) => (batch) => consumer(batch.toReversed())),
    },
    {
      rule: "[I4] one consumer at a time",
      name: "lets a second consumer in",
      fault: (real) => ({
        consume: (...consume) =>
          real.consume(...consume).catch((error: unknown) => {
            swallow("inbox-busy")(error);
            return silent;
          }),
      }),
    },
    {
      rule: "[I5] what was not settled stays, first again and in order",
      name: "settles whatever the consumer says",
      fault: consuming((consumer) => (batch) => consumer(batch).catch(() => undefined)),
    },
    {
      rule: "[I6] a settled batch never comes again, also not after a restart",
      name: "puts the last settled envelope back when it stops",
      fault: (real) => ({
        consume: async (inbox, consumer, appetite) => {
          let last: readonly Stored[] = [];
          const consumption = await real.consume(
            inbox,
            async (batch) => {
              await consumer(batch);
              last = batch.map(({ stored }) => stored);
            },
            appetite,
          );
          const stop = async () => {
            await consumption.stop();
            await real.put([inbox], last);
            last = [];
          };
          return { ended: consumption.ended, stop };
        },
      }),
    },
    {
      rule: "[I7] a full inbox refuses the newest, whole, and drops nothing",
      name: "keeps what fits of a batch",
      fault: (real) => ({
        put: async (to, batch, options) => {
          for (const stored of batch) await real.put(to, [stored], options);
        },
      }),
    },
    {
      rule: "[I7] a full inbox refuses the newest, whole, and drops nothing",
      name: "says yes and drops",
      fault: (real) => ({ put: (...put) => real.put(...put).catch(swallow("inbox-full")) }),
    },
    {
      rule: "[I8] one origin fills at most a quarter",
      name: "does not ask whose it is",
      fault: (real) => ({ put: (to, batch) => real.put(to, batch) }),
    },
    {
      rule: "[I9] a batch keeps to the appetite, forms by itself, and one envelope always travels",
      name: "does not ask for the appetite",
      fault: (real) => ({ consume: (inbox, consumer) => real.consume(inbox, consumer, plenty) }),
    },
    {
      rule: "[I9] a batch keeps to the appetite, forms by itself, and one envelope always travels",
      name: "hands out singly",
      fault: (real) => ({
        consume: (inbox, consumer) => real.consume(inbox, consumer, () => ({ envelopes: 1, bytes: 1 })),
      }),
    },
    {
      rule: "[I10] stop waits for what is in flight, and nothing comes after it",
      name: "stops without waiting",
      fault: (real) => ({
        consume: async (...consume) => {
          const consumption = await real.consume(...consume);
          return { ended: consumption.ended, stop: async () => void consumption.stop() };
        },
      }),
    },
    {
      rule: "[I11] waiting counts messages, in flight included, and the time of the oldest",
      name: "counts receipts too",
      fault: (real) => ({
        waiting: (inbox) => {
          const waiting = real.waiting(inbox);
          return { ...waiting, count: waiting.envelopes };
        },
      }),
    },
    {
      rule: "[I12] what cannot be read is parked and does not hold up what is behind it",
      name: "throws away what it cannot read",
      fault: () => ({}),
      park: "forget",
    },
    {
      rule: "[I13] storing that is impossible is unavailable, settling goes on, and it recovers",
      name: "says that it stored on a full disk",
      fault: (real) => ({ put: (...put) => real.put(...put).catch(swallow("unavailable")) }),
    },
  ];

const worker = await bundle("server/inboxes/embedded/worker.ts");

describe("each rule can fail", () => {
  let place: Place | undefined;
  afterEach(async () => {
    await place?.close();
    place = undefined;
  });

  test("[I1] catches one that says stored before it is", async () => {
    place = embeddedPlace(worker, "never", "early");
    await expect(rules["[I1] what a put said is stored is there after a kill -9"](place)).rejects.toThrow("stored");
  });

  test.each(faults.map((one) => [one.rule, one.name, one] as const))(
    "%s: catches one that %s",
    async (rule, _, made) => {
      const { fault, park } = made;
      const sound = embeddedPlace(worker, rule.startsWith("[I13]") ? possibleFullness() : "never");
      place = sound;
      const unsound: Place = {
        engine: sound.engine,
        open: async (options: OpenOptions = {}) => {
          const given = park === "forget" ? { ...options, park: () => Promise.resolve() } : options;
          return withFault(await sound.open(given), fault);
        },
        ending: sound.ending,
        newInbox: () => sound.newInbox(),
        putUntilKilled: (inbox, atLeast) => sound.putUntilKilled(inbox, atLeast),
        crash: () => sound.crash(),
        spoil: (inbox, raw) => sound.spoil(inbox, raw),
        starve: () => sound.starve(),
        close: () => sound.close(),
      };
      await expect(rules[rule](unsound)).rejects.toThrow();
    },
  );

  test("[I1] to [I13] each have a fault that it catches", () => {
    const shown = new Set<string>(faults.map(({ rule }) => rule));
    const missing = Object.keys(rules).filter((rule) => !rule.startsWith("[I1]") && !shown.has(rule));
    expect(missing).toEqual([]);
  });
});
