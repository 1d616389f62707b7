import { type DatabaseSyncInstance } from "@photostructure/sqlite";
import { type Inboxes } from "../../server/inbox.ts";
import { consumingThrough, inboxFaults } from "../changed-inboxes.ts";

/** What can be planted in a world: wrappers around real units, never an edit of one. */
export interface Faults {
  /** around the relay's inboxes */
  readonly inboxes?: (real: Inboxes) => Inboxes;
  /** on a device whose connection ended while a send was unanswered */
  readonly lostReply?: (app: DatabaseSyncInstance) => void;
}

export const noFaults: Faults = {};

/** The faults that the simulator must find. Each is one that real systems had. */
export const planted: Readonly<Record<string, () => Faults>> = {
  "answer before commit": () => ({ inboxes: inboxFaults["answer-before-commit"] }),
  "settle before answer": () => ({ inboxes: inboxFaults["settle-before-answer"] }),
  "skip one on redelivery": () => ({ inboxes: inboxFaults["skip-on-redelivery"] }),
  "two batches in flight": () => ({
    inboxes: (real) =>
      consumingThrough(real, (consumer) => async (batch) => {
        const half = Math.ceil(batch.length / 2);
        const halves = [batch.slice(0, half), batch.slice(half)].filter((part) => part.length > 0);
        await Promise.all(halves.map((part) => consumer(part)));
      }),
  }),
  "reorder on requeue": () => ({ inboxes: inboxFaults["reorder-on-requeue"] }),
  "forget the outbox row on a lost reply": () => ({
    lostReply: (app) => app.exec("DELETE FROM outbox WHERE batch IS NOT NULL"),
  }),
};
