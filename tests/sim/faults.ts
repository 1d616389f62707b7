import { type DatabaseSyncInstance } from "@photostructure/sqlite";
import { type Inboxes, type Stored } from "../../server/inbox.ts";

/** What can be planted in a world: wrappers around real units, never an edit of one. */
export interface Faults {
  /** around the relay's inboxes */
  readonly inboxes?: (real: Inboxes) => Inboxes;
  /** on a device whose connection ended while a send was unanswered */
  readonly lostReply?: (app: DatabaseSyncInstance) => void;
}

export const noFaults: Faults = {};

type Consumer = Parameters<Inboxes["consume"]>[1];

/** The same inboxes with some functions exchanged. */
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

/** Every consumer is called through a wrapper of its own. */
const consuming =
  (around: (consumer: Consumer) => Consumer) =>
  (real: Inboxes): Inboxes =>
    changed(real, { consume: (inbox, consumer, appetite) => real.consume(inbox, around(consumer), appetite) });

/** Per consumption: what the batch after a refused one looks like. */
const afterRefusal = (spoil: (batch: readonly Stored[]) => readonly Stored[]) => {
  // the batch comes again to the next session's consumer too, so what was refused is remembered by its first envelope
  const refused = new Set<string>();
  return consuming((consumer) => async (batch) => {
    const first = batch[0]?.id ?? "";
    const again = refused.delete(first);
    try {
      await consumer(again ? spoil(batch) : batch);
    } catch (error) {
      refused.add(first);
      throw error;
    }
  });
};

/** The faults that the simulator must find. Each is one that real systems had. */
export const planted: Readonly<Record<string, () => Faults>> = {
  "answer before commit": () => ({
    inboxes: (real) =>
      changed(real, {
        put: (to, batch, options) => {
          real.put(to, batch, options).catch(() => undefined);
          return Promise.resolve();
        },
      }),
  }),
  "settle before answer": () => ({
    inboxes: consuming((consumer) => {
      let before: Promise<void> = Promise.resolve();
      return async (batch) => {
        await before;
        before = consumer(batch).catch(() => undefined);
      };
    }),
  }),
  "skip one on redelivery": () => ({ inboxes: afterRefusal((batch) => batch.slice(1)) }),
  "two batches in flight": () => ({
    inboxes: consuming((consumer) => async (batch) => {
      const half = Math.ceil(batch.length / 2);
      const halves = [batch.slice(0, half), batch.slice(half)].filter((part) => part.length > 0);
      await Promise.all(halves.map((part) => consumer(part)));
    }),
  }),
  "reorder on requeue": () => ({ inboxes: afterRefusal((batch) => [...batch].reverse()) }),
  "forget the outbox row on a lost reply": () => ({
    lostReply: (app) => app.exec("DELETE FROM outbox WHERE batch IS NOT NULL"),
  }),
};
