import { type WireError } from "../wire/contract.ts";
import { limits as wireLimits } from "../wire/model.ts";
import { backoffMs, type Clock, type Random } from "./clock.ts";
import { judge, progressed, takeBatch, type BatchLimits, type Send } from "./outbox-batch.ts";
import { type MessageRow } from "./store-messages.ts";
import { type OutboxRow, type StoredOutbox, type Verdict } from "./store-outbox.ts";
import { Wait } from "./wait.ts";

/** The shortest and longest wait after a refusal that may pass; a quarter of it comes on top of the time the relay names, so after an outage of the broker (2 s) nothing waits more than 10 s. */
const retrySpan = { least: 1_000, most: 30_000 };
/** a relay that says "later" is believed up to here */
const longestRetryMs = 600_000;

export interface OutboxNeeds {
  readonly store: StoredOutbox;
  readonly clock: Clock;
  readonly random: Random;
  /** messages that look different now */
  readonly changed: (rows: readonly MessageRow[]) => void;
  /** the disk refused; the pump tries again by itself */
  readonly failed: (error: unknown) => void;
}

/**
 * The pump of the outbox: oldest first, one request in flight, the same ids and numbers for ever (O2). Batches form by
 * themselves: what gathers while one is in flight goes as the next. It runs between `attach` and `detach`.
 */
export class Outbox {
  readonly #needs: OutboxNeeds;
  /** by recipient: after a refusal that may pass, nothing to them overtakes (O4); others go on */
  readonly #held = new Map<string, Wait>();
  #link: { readonly send: Send; readonly limits: BatchLimits } | undefined;
  #pumping = false;
  /** waits for the whole outbox: the request itself was refused, or the disk was */
  readonly #pause: Wait;
  /** after a batch was refused as a request: how many messages go one by one, so that one does not hold up the others */
  #singly = 0;
  #closed = false;

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
    this.#pause = this.#wait();
  }

  /** A session takes messages from now on. `send` must settle; after `detach` its outcome still counts. */
  attach(send: Send, limits: { readonly batch: number; readonly requestBytes: number }): void {
    this.#link = { send, limits: sane(limits) };
    this.#endWaits();
    this.wake();
  }

  /** The session is over or does not take messages. A batch in flight is sent again, as it was, by the next one (O2). */
  detach(): void {
    this.#link = undefined;
    this.#endWaits();
  }

  /**
   * Fixes the next batch already, when it would be the next thing to happen: within the transaction that adds to the
   * outbox, so that a message alone costs one sync before it goes and not two.
   */
  form(): void {
    if (this.#pumping || this.#closed || !this.#link) return;
    this.#needs.store.form(this.#next(this.#link.limits));
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#pumping || this.#closed || !this.#link) return;
    this.#pumping = true;
    void this.#pump();
  }

  /** What stood against this recipient may be over (it became a contact): try at once. */
  retry(peer: string): void {
    this.#release(peer);
    this.wake();
  }

  close(): void {
    this.#closed = true;
    this.detach();
  }

  /** Every way out clears `#pumping` in the same turn, so that no call of `wake` falls between two runs. */
  async #pump(): Promise<void> {
    while (this.#link) {
      const link = this.#link;
      try {
        const batch = this.#next(link.limits);
        if (batch.length === 0) break; // whatever holds something back wakes the pump when it ends
        const outcome = await link.send(this.#needs.store.form(batch));
        if (this.#isClosed()) break;
        switch (outcome.kind) {
          case "answered":
            this.#answered(batch, judge(batch, outcome.results));
            break;
          case "refused":
            this.#refused(batch, outcome.error);
            break;
          case "lost":
            // The link drops the session when an answer is missing; until another is attached there is nobody to ask.
            if (this.#link === link) this.detach();
            break;
          default:
            outcome satisfies never;
        }
      } catch (error) {
        this.#pauseFor(undefined);
        this.#needs.failed(error);
      }
    }
    this.#pumping = false;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #next(limits: BatchLimits): OutboxRow[] {
    if (this.#pause.isOn) return [];
    const held = [...this.#held].filter(([, wait]) => wait.isOn).map(([peer]) => peer);
    const most = this.#singly > 0 ? 1 : limits.messages;
    return takeBatch(this.#needs.store.next(most, held).rows, limits);
  }

  #answered(batch: readonly OutboxRow[], verdict: Verdict): void {
    this.#needs.changed(this.#needs.store.settle(verdict));
    this.#singly = Math.max(0, this.#singly - batch.length);
    for (const { row } of verdict.accepted) this.#release(row.peer);
    const heldNow = new Set<string>();
    for (const { row, error } of verdict.later) {
      if (heldNow.has(row.peer)) continue;
      heldNow.add(row.peer);
      this.#hold(row.peer, error);
    }
    if (progressed(verdict)) {
      this.#pause.end();
      this.#pause.refusals = 0;
    }
    // An answer that settles nothing must not become a loop without a breath.
    else if (verdict.later.length === 0) this.#pauseFor(undefined);
  }

  /** The request as a whole was refused. */
  #refused(batch: readonly OutboxRow[], error: WireError): void {
    if (error.retryable) {
      this.#pauseFor(error.retryAfterMs);
      return;
    }
    const [first] = batch;
    if (batch.length > 1 || !first) {
      this.#needs.store.release(batch);
      this.#singly = batch.length;
      return;
    }
    this.#answered(batch, { accepted: [], refused: [{ row: first, error }], later: [], again: [] });
  }

  #hold(peer: string, error: WireError): void {
    const wait = this.#held.get(peer) ?? this.#wait();
    this.#held.set(peer, wait);
    wait.begin(this.#waitMs(++wait.refusals, error.retryAfterMs));
  }

  #release(peer: string): void {
    this.#held.get(peer)?.end();
    this.#held.delete(peer);
  }

  #pauseFor(retryAfterMs: number | undefined): void {
    this.#pause.begin(this.#waitMs(++this.#pause.refusals, retryAfterMs));
  }

  #wait(): Wait {
    return new Wait(this.#needs.clock, () => this.wake());
  }

  /** How often the whole outbox was refused in a row is remembered, so that reconnecting does not make it a quick loop. */
  #endWaits(): void {
    for (const peer of this.#held.keys()) this.#release(peer);
    this.#pause.end();
  }

  #waitMs(refusals: number, retryAfterMs: number | undefined): number {
    const wait = backoffMs(refusals, this.#needs.random, retrySpan);
    // what the relay names is the least; the jitter keeps many apps from coming back at the same moment
    return retryAfterMs === undefined ? wait : Math.min(retryAfterMs, longestRetryMs) + wait / 4;
  }
}

/** The relay is not trusted: its limits hold between one message and what this version may send. */
function sane(limits: { readonly batch: number; readonly requestBytes: number }): BatchLimits {
  return {
    messages: Math.max(1, Math.min(Math.floor(limits.batch), wireLimits.batch)),
    bytes: Math.min(limits.requestBytes, wireLimits.requestBytes),
  };
}
