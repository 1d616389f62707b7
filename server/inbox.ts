import { type Envelope, type FoldedName, type UnknownEnvelope } from "../wire/model.ts";

/** `<folded name>.<uuid>`: enough to find it in a broker's list by eye, and unique for ever. */
export type InboxId = string & { readonly inboxId: unique symbol };

/** Gives an id its brand: one that was just made, or that comes back from our own database. The only place that does. */
export const inboxId = (id: string): InboxId => id as InboxId;

/** Anything an inbox can hold: also kinds that a newer relay wrote. */
export type Stored = Envelope | UnknownEnvelope;

/** An envelope as it comes out of an inbox: read, and as the text it was kept as, which is what a delivery is made of. */
export interface Kept {
  readonly stored: Stored;
  readonly json: string;
}

export type InboxErrorCode = "no-inbox" | "inbox-full" | "inbox-busy" | "unavailable";

/** Why an inbox refused. After `unavailable` it is not known whether the batch is in: put it again, readers drop repeats (G2). */
export class InboxError extends Error {
  constructor(
    readonly code: InboxErrorCode,
    readonly inbox: InboxId | undefined,
    message: string,
  ) {
    super(message);
    this.name = "InboxError";
  }
}

/** How much one batch of a delivery may hold; asked anew for each. */
export interface Appetite {
  readonly envelopes: number;
  /** bytes as JSON; a single larger envelope still travels alone */
  readonly bytes: number;
}

export interface Waiting {
  /** messages not yet settled, those in flight included; receipts and notices do not count */
  readonly count: number;
  readonly oldestAt?: number;
  /** everything not yet settled; 0 only when the engine knows that nothing is there */
  readonly envelopes: number;
}

export interface Consumption {
  /** settles when no more batches will come: stopped, failed, or the inbox was removed. Never rejects. */
  readonly ended: Promise<{ reason: "stopped" | "unavailable" | "removed" }>;
  /** no new batch after this call; resolves when the one in flight was settled or given up. Safe to call twice. */
  stop(): Promise<void>;
}

export interface PutOptions {
  /** whose share of the inbox this counts against (G8); absent for what must not be refused: copies to a sender's own devices, moves between inboxes (G11) */
  readonly origin?: FoldedName;
}

/**
 * The durable inboxes. Two engines keep the same numbered rules (wire/SPEC.md, I1 to I13), shown by one suite.
 * Everything rejects with InboxError only.
 */
export interface Inboxes {
  readonly engine: "embedded" | "rabbitmq";
  /** creates it if it is missing; idempotent */
  open(inbox: InboxId): Promise<void>;
  /** what still fits for this origin (G8): the smaller of the inbox's room and the origin's share */
  room(inbox: InboxId, origin: FoldedName): Appetite;
  /**
   * Durable in every one of `to` when it resolves (G1); the batch is kept or refused whole in each inbox, so nothing in it overtakes (G3).
   * A refusal names its inbox; the others may hold the batch.
   */
  put(to: readonly InboxId[], batch: readonly Stored[], options?: PutOptions): Promise<void>;
  /**
   * Hands out batches, oldest first, one in flight. The consumer's promise settles the batch:
   * fulfilled, it leaves the inbox durably; rejected, it stays, in order, first again, and the consumption goes on with the same envelopes.
   * One consumer at a time: `inbox-busy`.
   */
  consume(
    inbox: InboxId,
    consumer: (batch: readonly Kept[]) => Promise<void>,
    appetite: () => Appetite,
  ): Promise<Consumption>;
  waiting(inbox: InboxId): Waiting;
  /** removes the inbox and what it holds; idempotent */
  remove(inbox: InboxId): Promise<void>;
  /** whether puts can succeed now (broker reachable and not in alarm, disk not full); for /readyz */
  ready(): boolean;
  /** stops all consumption and closes; what was put stays */
  close(): Promise<void>;
}

/** How much an inbox may hold before it refuses the newest (G8). */
export interface InboxLimits {
  readonly envelopes: number;
  readonly bytes: number;
}

/** A stored envelope that cannot be read is kept aside durably and reported, never retried for ever. */
export type Park = (inbox: InboxId, raw: string, reason: string) => Promise<void>;
