import { type Inboxes, type Kept } from "../server/inbox.ts";

export type Consumer = (batch: readonly Kept[]) => Promise<void>;

/** The same inboxes with some functions exchanged: how a fault is planted without an edit of what is tried. */
export function changedInboxes(real: Inboxes, changes: Partial<Inboxes>): Inboxes {
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

/** Every consumer is called through a wrapper of its own. */
export const consumingThrough = (real: Inboxes, around: (consumer: Consumer) => Consumer): Inboxes =>
  changedInboxes(real, {
    consume: (inbox, consumer, appetite) => real.consume(inbox, around(consumer), appetite),
  });

/**
 * A batch that was handed over in vain comes again spoilt, also to the next session's consumer: it is known by its
 * first envelope.
 */
export function spoiltOnReturn(real: Inboxes, spoil: (batch: readonly Kept[]) => readonly Kept[]): Inboxes {
  const inVain = new Set<string>();
  return consumingThrough(real, (consumer) => async (batch) => {
    const first = batch[0]?.stored.id ?? "";
    try {
      await consumer(inVain.delete(first) ? spoil(batch) : batch);
    } catch (error) {
      inVain.add(first);
      throw error;
    }
  });
}

/** Faults of a relay that its inboxes can be made to have; the simulator and the torture have to find each. */
export const inboxFaults = {
  "answer-before-commit": (real) =>
    changedInboxes(real, {
      put: (...put) => {
        real.put(...put).catch(() => undefined);
        return Promise.resolve();
      },
    }),
  "settle-before-answer": (real) =>
    consumingThrough(real, (consumer) => {
      let before: Promise<void> = Promise.resolve();
      return async (batch) => {
        await before;
        before = consumer(batch).catch(() => undefined);
      };
    }),
  "skip-on-redelivery": (real) => spoiltOnReturn(real, (batch) => batch.slice(1)),
  "reorder-on-requeue": (real) => spoiltOnReturn(real, (batch) => batch.toReversed()),
} as const satisfies Readonly<Record<string, (real: Inboxes) => Inboxes>>;
