import { setTimeout as pause } from "node:timers/promises";
import { type Channel, type ConsumeMessage } from "amqplib";
import { type BrokerLine, endChannel, inTime, messageOf, openChannel, replyCode } from "./broker.ts";
import { type Arrival, type BrokerItem, type Deliveries, prefetch } from "./delivery.ts";
import { type Appetite, type InboxId, type Kept, type Park } from "../../inbox.ts";
import { Handout } from "../handout.ts";
import { type Reading, readStoredBatch } from "../stored.ts";

export interface QueueParts {
  readonly inbox: InboxId;
  readonly queue: string;
  readonly line: BrokerLine;
  readonly deliveries: Deliveries;
  readonly park: Park;
  readonly consumer: (batch: readonly Kept[]) => Promise<void>;
  readonly appetite: () => Appetite;
  /** the consumption is over and the inbox is free for another */
  readonly released: () => void;
}

const firstPauseMs = 100;
const longestPauseMs = 3_000;

/** How many parsed envelopes are kept ahead: two batches. */
const windowEnvelopes = 128;

/** Whether the broker says that a queue does not exist; 404 alone also means "not available just now". */
export const isMissing = (error: unknown): boolean => replyCode(error) === 404 && messageOf(error).includes("no queue");

/**
 * Consumes one queue on a channel of its own, and again after every cut, until it is stopped or the queue is gone.
 * Closing the channel is how messages are returned: they keep their place (I5).
 */
export class QueueConsumption {
  readonly pump: Handout<BrokerItem>;
  /** how the first attempt ended; `later`: the broker is away */
  readonly first: Promise<"consuming" | "later" | "removed">;
  readonly #over: Promise<void>;
  readonly #kept: Promise<void>;
  #arrivals: Arrival[] = [];
  #draining = false;

  constructor(private readonly parts: QueueParts) {
    let over: () => void = () => undefined;
    this.#over = new Promise((resolve) => (over = resolve));
    let first: (how: "consuming" | "later" | "removed") => void = () => undefined;
    this.first = new Promise((resolve) => (first = resolve));
    this.pump = new Handout<BrokerItem>({
      consumer: parts.consumer,
      appetite: parts.appetite,
      settle: async (items) => parts.deliveries.settle(items),
      hungry: () => this.#drain(),
      release: async () => {
        over();
        await this.#kept;
        parts.released();
      },
    });
    this.#kept = this.#keep(first);
  }

  async #keep(first: (how: "consuming" | "later" | "removed") => void): Promise<void> {
    const { line, deliveries } = this.parts;
    let pauseMs = firstPauseMs;
    let confirmed = true;
    while (!this.pump.hasEnded()) {
      if (!line.model) first("later");
      await Promise.race([line.whenUp(), this.#over]);
      if (this.pump.hasEnded()) break;
      const began = Date.now();
      const how = await this.#consumeOnce(() => first("consuming"));
      this.#arrivals = []; // what was not parsed yet comes again
      deliveries.cut();
      if (how === "stopped") break;
      confirmed = false;
      if (how === "removed") {
        first("removed");
        this.pump.end("removed");
        break;
      }
      first("later");
      if (Date.now() - began > longestPauseMs) pauseMs = firstPauseMs;
      await Promise.race([pause(pauseMs), this.#over]);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    }
    first("later");
    await this.#over; // a batch in flight may still be settled
    deliveries.release(confirmed);
  }

  /** One channel's life. */
  async #consumeOnce(consuming: () => void): Promise<"stopped" | "cut" | "removed"> {
    let channel: Channel | undefined;
    try {
      const model = this.parts.line.model;
      if (!model) return "cut";
      channel = await inTime(openChannel(model));
      const closed = this.#whenClosed(channel);
      await inTime(this.#subscribe(channel));
      consuming();
      if ((await Promise.race([closed, this.#over.then(() => "over" as const)])) === "closed") return "cut";
      // the broker answers the close when it has seen every acknowledgement before it
      return (await endChannel(channel)) ? "stopped" : "cut";
    } catch (error) {
      if (channel) void endChannel(channel);
      return isMissing(error) ? "removed" : "cut";
    }
  }

  #whenClosed(channel: Channel): Promise<"closed"> {
    return new Promise((resolve) => channel.on("close", () => resolve("closed")));
  }

  async #subscribe(channel: Channel): Promise<void> {
    await channel.prefetch(prefetch);
    await channel.consume(this.parts.queue, (message) => {
      // null: the broker cancelled us, because the queue was deleted or moved. Consuming again tells which.
      if (message) this.#arrive(channel, message);
      else void endChannel(channel);
    });
  }

  #arrive(channel: Channel, message: ConsumeMessage): void {
    this.#arrivals.push({ channel, message });
    this.#drain();
  }

  #drain(): void {
    if (!this.#draining) void this.#takeArrivals();
  }

  /**
   * In order of arrival; without waiting unless something must be parked. Only as many as the next batches need are
   * parsed: a hundred readers who come back at once would hold up the loop with everything that waited for them.
   */
  async #takeArrivals(): Promise<void> {
    this.#draining = true;
    while (this.pump.size < windowEnvelopes) {
      const arrival = this.#arrivals.shift();
      if (!arrival) break;
      const { deliveries } = this.parts;
      if (deliveries.recognise(arrival)) continue;
      const readings = readStoredBatch(arrival.message.content.toString("utf8"));
      if (readings.some((reading) => reading.kind === "unreadable") && !(await this.#park(readings))) break;
      // it may have come a second time while the first was being parked
      if (!deliveries.recognise(arrival)) this.pump.push(deliveries.take(arrival, readings));
    }
    this.#draining = false;
  }

  /** Keeps what cannot be read aside, durably (I12). @returns false when the consumption ended before that worked */
  async #park(readings: readonly Reading[]): Promise<boolean> {
    for (const reading of readings) {
      if (reading.kind === "stored") continue;
      for (;;) {
        try {
          await this.parts.park(this.parts.inbox, reading.raw, reading.reason);
          break;
        } catch {
          if (this.pump.hasEnded()) return false;
          await pause(longestPauseMs);
        }
      }
    }
    return !this.pump.hasEnded();
  }
}
