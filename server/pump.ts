import { limits } from "../wire/model.ts";
import { type DeliveryReply } from "../wire/socket.ts";
import { type Clock, pause } from "./clock.ts";
import { type Appetite, type Consumption, InboxError, type InboxId, type Inboxes, type Kept } from "./inbox.ts";

/** How the pump reaches the device at the other end. Rejects when the session is gone or did not answer in time. */
export type Deliver = (batch: readonly Kept[]) => Promise<DeliveryReply>;

export interface PumpEvents {
  /** the device has stored these; resolves when what that owes is done (receipts), before they are settled (G5) */
  delivered(batch: readonly Kept[]): Promise<void>;
  /** the device took a batch and said nothing for 20 s */
  unanswered(): void;
}

const fullAppetite: Appetite = { envelopes: limits.batch, bytes: limits.requestBytes };
const longestPauseMs = 60_000;
const shortestPauseMs = 200;
const reopenAfterMs = 1_000;

/** Devices that did not answer get one envelope next time, doubling with each answer. Outlives the session on purpose. */
export class Appetites {
  readonly #slowed = new Map<InboxId, number>();

  of(inbox: InboxId): Appetite {
    return { envelopes: this.#slowed.get(inbox) ?? fullAppetite.envelopes, bytes: fullAppetite.bytes };
  }

  answered(inbox: InboxId): void {
    const slowed = this.#slowed.get(inbox);
    if (slowed === undefined) return;
    if (slowed * 2 >= fullAppetite.envelopes) this.#slowed.delete(inbox);
    else this.#slowed.set(inbox, slowed * 2);
  }

  unanswered(inbox: InboxId): void {
    this.#slowed.set(inbox, 1);
  }
}

export class DeliveryTimeout extends Error {}

/** Moves one inbox to one session, a batch at a time: deliver, wait for "stored", owe the receipts, settle. */
export class Pump {
  #stopping = false;
  /** made for the first pause: of thousands of idle sessions none needs one */
  #pausing: AbortController | undefined;
  readonly #running: Promise<void>;
  #consumption: Consumption | undefined;

  constructor(
    private readonly inbox: InboxId,
    private readonly inboxes: Inboxes,
    private readonly appetites: Appetites,
    private readonly deliver: Deliver,
    private readonly events: PumpEvents,
    private readonly clock: Clock,
    failed: (error: unknown) => void,
  ) {
    this.#running = this.#run().catch(failed);
  }

  /** Nothing is delivered after this resolves; a batch in flight is settled or given up first (G6). */
  async stop(): Promise<void> {
    this.#giveUp();
    await this.#consumption?.stop();
    await this.#running;
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  #giveUp(): void {
    this.#stopping = true;
    this.#pausing?.abort();
  }

  /** Ends early when the pump is stopped. */
  #pause(ms: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    this.#pausing ??= new AbortController();
    return pause(this.clock, ms, this.#pausing.signal);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping()) {
      try {
        this.#consumption = await this.inboxes.consume(
          this.inbox,
          (batch) => this.#hand(batch),
          () => this.appetites.of(this.inbox),
        );
        // stop() may have come while the engine was still opening
        if (this.#isStopping()) await this.#consumption.stop();
        const { reason } = await this.#consumption.ended;
        this.#consumption = undefined;
        if (reason === "stopped") return;
      } catch (error) {
        if (!(error instanceof InboxError)) throw error;
        // its queue was never declared, or deleted: ours by the database, so it is made again
        if (error.code === "no-inbox") await this.inboxes.open(this.inbox).catch(() => undefined);
      }
      await this.#pause(reopenAfterMs);
    }
  }

  /** Fulfilled: the batch is settled. Rejected: it stays, in order. */
  async #hand(batch: readonly Kept[]): Promise<void> {
    if (this.#isStopping()) throw new Error("stopping");
    let reply: DeliveryReply;
    try {
      reply = await this.deliver(batch);
    } catch (error) {
      if (error instanceof DeliveryTimeout) {
        this.appetites.unanswered(this.inbox);
        this.events.unanswered();
      }
      // The way to the device is gone, and with it this pump: without this the engine would hand out the same batch at once.
      this.#giveUp();
      void this.#consumption?.stop();
      throw error;
    }
    if (!reply.ok) {
      const wait = Math.min(longestPauseMs, Math.max(shortestPauseMs, reply.error.retryAfterMs ?? shortestPauseMs));
      await this.#pause(wait);
      throw new Error("the device could not store");
    }
    this.appetites.answered(this.inbox);
    await this.events.delivered(batch);
  }
}
