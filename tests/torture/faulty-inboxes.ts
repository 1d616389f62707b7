import { type Inboxes, type Stored } from "../../server/inbox.ts";
import { type PlantedFault } from "./planted.ts";

type Consumer = (batch: readonly Stored[]) => Promise<void>;

/** The same inboxes with other puts or other consumers. */
function changed(real: Inboxes, changes: Partial<Pick<Inboxes, "put" | "consume">>): Inboxes {
  return {
    engine: real.engine,
    open: (inbox) => real.open(inbox),
    room: (inbox, origin) => real.room(inbox, origin),
    put: (to, batch, options) => real.put(to, batch, options),
    consume: (inbox, consumer, appetite) => real.consume(inbox, consumer, appetite),
    waiting: (inbox) => real.waiting(inbox),
    remove: (inbox) => real.remove(inbox),
    ready: () => real.ready(),
    close: () => real.close(),
    ...changes,
  };
}

const consuming = (real: Inboxes, around: (consumer: Consumer) => Consumer): Inboxes =>
  changed(real, { consume: (inbox, consumer, appetite) => real.consume(inbox, around(consumer), appetite) });

/** What was handed over in vain comes again spoilt: also to the next session, so it is known by its first envelope. */
function spoilAgain(real: Inboxes, spoil: (batch: readonly Stored[]) => readonly Stored[]): Inboxes {
  const inVain = new Set<string>();
  return consuming(real, (consumer) => async (batch) => {
    const first = batch[0]?.id ?? "";
    try {
      await consumer(inVain.has(first) ? spoil(batch) : batch);
      inVain.delete(first);
    } catch (error) {
      inVain.add(first);
      throw error;
    }
  });
}

/** Either engine with the fault that was asked for; faults of other parts leave it as it is. */
export function plantInto(real: Inboxes, fault: PlantedFault): Inboxes {
  switch (fault) {
    case "answer-before-commit":
      return changed(real, {
        put: (...put) => {
          real.put(...put).catch(() => undefined);
          return Promise.resolve();
        },
      });
    case "settle-before-answer":
      return consuming(real, (consumer) => {
        let before: Promise<void> = Promise.resolve();
        return async (batch) => {
          await before;
          before = consumer(batch).catch(() => undefined);
        };
      });
    case "skip-on-redelivery":
      return spoilAgain(real, (batch) => batch.slice(1));
    case "reorder-on-requeue":
      return spoilAgain(real, (batch) => batch.toReversed());
    case "two-in-flight": // faulty-link.ts
    case "forget-on-lost-reply": // faulty-outbox.ts
      return real;
  }
}
