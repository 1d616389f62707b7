import { type Channel, type ConsumeMessage } from "amqplib";
import { type InboxId } from "../../inbox.ts";
import { type Item } from "../handout.ts";
import { type Reading } from "../stored.ts";
import { type InboxUsage, weigh, type Weight } from "../usage.ts";

/** A broker message, from its arrival until the broker has seen its acknowledgement. */
export interface Delivery {
  readonly id: string;
  readonly total: number;
  /** envelopes are settled in order, so a number says which */
  settled: number;
  /** its unsettled envelopes are in the pump's window or in flight */
  held: boolean;
  /** an acknowledgement was sent; whether the broker saw it is known only when the channel was closed in peace */
  acked: boolean;
  /** where it can be acknowledged: a tag belongs to its channel and dies with it */
  live: { readonly channel: Channel; readonly message: ConsumeMessage } | undefined;
}

export interface BrokerItem extends Item {
  readonly delivery: Delivery;
  readonly weight: Weight;
}

export interface Arrival {
  readonly channel: Channel;
  readonly message: ConsumeMessage;
}

/** How many broker messages may be unacknowledged per consumer: a full batch even of single ones. */
export const prefetch = 64;

const nothing = Buffer.alloc(0);

/**
 * What this process knows of one inbox's broker messages: which it counted, which envelopes of them are settled.
 * A message that comes again after a cut is recognised by its id and handed out only from where it was settled (I6).
 */
export class Deliveries {
  /** broker messages in the queue, as far as we know */
  messages = 0;
  /** counted at start from what was kept over the last stop: the first so many foreign messages */
  restored = 0;
  /** ours, but the put was answered `unavailable` and so is not counted */
  readonly #uncounted = new Set<string>();
  readonly #known = new Map<string, Delivery>();
  #acked: Delivery[] = [];
  #unnamed = 0;

  constructor(
    private readonly inbox: InboxId,
    private readonly usage: InboxUsage,
    /** the mark of what this process has put */
    private readonly appId: string,
  ) {}

  /** A put of ours that may or may not have got there. */
  doubt(id: string): void {
    this.messages--;
    this.#uncounted.add(id);
  }

  /** The queue was opened and says how many messages are ready in it. */
  reconcile(messageCount: number): void {
    const unknown = messageCount - this.messages;
    if (unknown <= 0) return;
    this.messages += unknown;
    this.usage.estimate(this.inbox, unknown);
  }

  /** Whether it came before and its unsettled envelopes are held already; then only its acknowledgement is renewed. */
  recognise({ channel, message }: Arrival): boolean {
    const id: unknown = message.properties.messageId;
    const known = typeof id === "string" ? this.#known.get(id) : undefined;
    if (!known) return false;
    known.live = { channel, message: { ...message, content: nothing } };
    if (known.settled >= known.total) this.#acknowledge(known);
    else if (!known.held) return false;
    return true;
  }

  /** Takes a broker message in and says which envelopes of it are to be handed out. */
  take({ channel, message }: Arrival, readings: readonly Reading[]): readonly BrokerItem[] {
    const name: unknown = message.properties.messageId;
    // somebody else's message without an id cannot be recognised when it comes again
    const id = typeof name === "string" ? name : `unnamed ${++this.#unnamed}`;
    const found: { item: Omit<BrokerItem, "delivery"> }[] = [];
    for (const reading of readings) {
      if (reading.kind !== "stored") continue;
      const { stored, json } = reading;
      const bytes = Buffer.byteLength(json);
      found.push({ item: { stored, json, bytes, weight: weigh(stored, bytes) } });
    }
    let delivery = this.#known.get(id);
    if (!delivery) {
      delivery = { id, total: found.length, settled: 0, held: false, acked: false, live: undefined };
      this.#known.set(id, delivery);
      this.#count(
        id,
        message.properties.appId,
        found.map(({ item }) => item.weight),
      );
    }
    delivery.live = { channel, message: { ...message, content: nothing } };
    delivery.held = true;
    if (delivery.settled >= delivery.total) this.#acknowledge(delivery);
    const kept = delivery;
    return found.slice(delivery.settled).map(({ item }) => ({ ...item, delivery: kept }));
  }

  /** A handed-out prefix is settled: a broker message leaves the queue when all of it is. */
  settle(items: readonly BrokerItem[]): void {
    this.usage.subtract(
      this.inbox,
      items.map((item) => item.weight),
    );
    for (const { delivery } of items) {
      delivery.settled++;
      if (delivery.settled === delivery.total) this.#acknowledge(delivery);
    }
    if (this.messages <= 0) this.usage.drained(this.inbox);
  }

  /** The channel is gone without a word: acknowledgements sent on it may be lost, everything else comes again. */
  cut(): void {
    for (const delivery of this.#known.values()) delivery.live = undefined;
  }

  /** The consumption is over; nothing is held for it any more. @param confirmed the broker has seen every acknowledgement */
  release(confirmed: boolean): void {
    this.cut();
    for (const delivery of this.#known.values()) delivery.held = false;
    if (!confirmed) return;
    for (const { id } of this.#acked) this.#known.delete(id);
    this.#acked = [];
  }

  #count(id: string, appId: unknown, weights: readonly Weight[]): void {
    if (this.#uncounted.delete(id)) {
      this.messages++;
      this.usage.add(this.inbox, weights);
    } else if (appId === this.appId) {
      return; // counted when it was put
    } else if (this.restored > 0) {
      this.restored--;
    } else {
      this.usage.found(this.inbox, weights);
    }
  }

  #acknowledge(delivery: Delivery): void {
    const { live } = delivery;
    if (!live) return; // it will come again, be recognised, and be acknowledged then
    try {
      live.channel.ack(live.message);
    } catch {
      delivery.live = undefined; // the channel closed a moment ago
      return;
    }
    if (delivery.acked) return;
    delivery.acked = true;
    this.messages--;
    this.#acked.push(delivery);
    // the broker can bring again at most what it had unacknowledged
    while (this.#acked.length > prefetch) {
      const oldest = this.#acked.shift();
      if (oldest) this.#known.delete(oldest.id);
    }
  }
}
