import { randomUUID } from "node:crypto";
import { type Options } from "amqplib";
import { type FoldedName } from "../../wire/model.ts";
import {
  type Appetite,
  type Consumption,
  InboxError,
  type Inboxes,
  type InboxId,
  type InboxLimits,
  type Kept,
  type Park,
  type PutOptions,
  type Stored,
  type Waiting,
} from "../inbox.ts";
import { BrokerLine, messageOf, replyCode } from "./rabbitmq/broker.ts";
import { Deliveries } from "./rabbitmq/delivery.ts";
import { ConsumerLines } from "./rabbitmq/lines.ts";
import { type Outcome, Publisher } from "./rabbitmq/publisher.ts";
import { isMissing, QueueConsumption } from "./rabbitmq/queue.ts";
import { joinBatch } from "./stored.ts";
import { InboxUsage, type Share, weigh } from "./usage.ts";

/** What one inbox held at a clean stop. */
export interface KeptUsage {
  readonly inbox: InboxId;
  /** broker messages: when the queue has another number at the next start, this is not believed */
  readonly messages: number;
  readonly shares: readonly Share[];
  readonly times: readonly number[];
}

/** Keeps the counts over a clean stop; the broker knows only how many messages there are, not what is in them. */
export interface UsageKeeper {
  /** gives what was kept and forgets it, so that it is not believed again after a crash */
  take(): Promise<readonly KeptUsage[]>;
  keep(all: readonly KeptUsage[]): Promise<void>;
}

export interface RabbitParts {
  readonly limits: InboxLimits;
  readonly park: Park;
  readonly keeper?: UsageKeeper;
}

/** broker messages; never fewer than the envelopes that an inbox may be given (config.ts), so the relay's own limit comes first */
const queueMost = 1_000_000;

/** Exactly what wire/SPEC and the operator's documents say; a queue with others is refused at `open`. */
const queueOptions = {
  durable: true,
  arguments: {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-max-length": queueMost,
    "x-delivery-limit": 1_000_000,
    "x-single-active-consumer": true,
  },
} satisfies Options.AssertQueue;

const queueOf = (inbox: InboxId): string => `inbox.${inbox}`;

interface Known {
  readonly deliveries: Deliveries;
  /** the queue was declared by this process, so it exists and has the right arguments */
  opened: boolean;
  consumption: QueueConsumption | undefined;
}

/**
 * The inboxes in RabbitMQ: a durable queue each.
 * @param url amqp:// or amqps://
 * @throws InboxError `unavailable`, one sentence, when the broker cannot be reached now; later it is waited for
 */
export async function openRabbitInboxes(url: string, parts: RabbitParts): Promise<Inboxes> {
  const appId = randomUUID();
  const publisher = new Publisher(appId);
  const publishing = await BrokerLine.open(url, "recado publishing", {
    up: (model) => publisher.attach(model),
    down: () => publisher.detach(),
    blocked: (blocked) => publisher.block(blocked),
  });
  try {
    const lines = await ConsumerLines.open(url);
    const kept = (await parts.keeper?.take()) ?? [];
    return new RabbitInboxes({ ...parts, appId, publisher, publishing, lines, kept });
  } catch (error) {
    await publishing.close();
    throw error;
  }
}

interface Opened extends RabbitParts {
  readonly appId: string;
  readonly publisher: Publisher;
  /** a connection of its own: an alarm blocks the one that publishes, and delivering goes on */
  readonly publishing: BrokerLine;
  readonly lines: ConsumerLines;
  readonly kept: readonly KeptUsage[];
}

class RabbitInboxes implements Inboxes {
  readonly engine = "rabbitmq";
  readonly #usage: InboxUsage;
  readonly #inboxes = new Map<InboxId, Known>();
  readonly #opening = new Map<InboxId, Promise<void>>();
  readonly #kept: Map<InboxId, KeptUsage>;
  #closed: Promise<void> | undefined;

  constructor(private readonly parts: Opened) {
    this.#usage = new InboxUsage(parts.limits);
    this.#kept = new Map(parts.kept.map((kept) => [kept.inbox, kept]));
  }

  async open(inbox: InboxId): Promise<void> {
    if (this.#inboxes.get(inbox)?.opened) return;
    const opening = this.#opening.get(inbox) ?? this.#declare(inbox);
    this.#opening.set(inbox, opening);
    try {
      await opening;
    } finally {
      this.#opening.delete(inbox);
    }
  }

  room(inbox: InboxId, origin: FoldedName): Appetite {
    return this.#usage.room(inbox, origin);
  }

  async put(to: readonly InboxId[], batch: readonly Stored[], options: PutOptions = {}): Promise<void> {
    if (!this.ready()) throw new InboxError("unavailable", to[0], "the broker is away or takes nothing now");
    const texts = batch.map((stored) => JSON.stringify(stored));
    const weights = batch.map((stored, i) => weigh(stored, Buffer.byteLength(texts[i] ?? "")));
    const content = Buffer.from(joinBatch(texts));
    this.#usage.reserve(to, weights, options.origin);
    const outcomes = await Promise.all(
      to.map(async (inbox) => {
        const { deliveries } = this.#known(inbox);
        const id = randomUUID();
        deliveries.messages++;
        const outcome = await this.parts.publisher.publish(queueOf(inbox), id, content);
        if (outcome === "stored") return undefined;
        this.#usage.subtract(inbox, weights);
        if (outcome === "unavailable") deliveries.doubt(id);
        else deliveries.messages--;
        if (outcome === "no-inbox") this.#forget(inbox);
        // only what is really full is worth the long wait that goes with it
        const code = outcome !== "refused" ? outcome : deliveries.messages < queueMost ? "unavailable" : "inbox-full";
        return new InboxError(code, inbox, refusals[outcome]);
      }),
    );
    for (const error of outcomes) if (error) throw error;
  }

  async consume(
    inbox: InboxId,
    consumer: (batch: readonly Kept[]) => Promise<void>,
    appetite: () => Appetite,
  ): Promise<Consumption> {
    if (this.#closed) throw new InboxError("unavailable", inbox, "the inboxes are closed");
    const known = this.#known(inbox);
    if (known.consumption) throw new InboxError("inbox-busy", inbox, `inbox ${inbox} has a consumer`);
    const seat = await this.parts.lines.take();
    // another may have come while a connection was opened
    if (this.#known(inbox).consumption) {
      seat.leave();
      throw new InboxError("inbox-busy", inbox, `inbox ${inbox} has a consumer`);
    }
    const consumption = new QueueConsumption({
      inbox,
      queue: queueOf(inbox),
      line: seat.line,
      deliveries: known.deliveries,
      park: this.parts.park,
      consumer,
      appetite,
      released: () => {
        known.consumption = undefined;
        seat.leave();
      },
    });
    known.consumption = consumption;
    // an inbox that is known to be missing is said now; a broker that is away is waited for
    if ((await consumption.first) === "removed") {
      await consumption.pump.ended;
      this.#forget(inbox);
      throw new InboxError("no-inbox", inbox, refusals["no-inbox"]);
    }
    void consumption.pump.ended.then(({ reason }) => {
      if (reason === "removed") this.#forget(inbox);
    });
    return consumption.pump;
  }

  waiting(inbox: InboxId): Waiting {
    const waiting = this.#usage.waiting(inbox);
    // a queue that was not asked yet may hold anything
    return this.#inboxes.get(inbox)?.opened ? waiting : { ...waiting, envelopes: Math.max(1, waiting.envelopes) };
  }

  async remove(inbox: InboxId): Promise<void> {
    this.#inboxes.get(inbox)?.consumption?.pump.end("removed");
    try {
      await this.parts.lines.control.onChannel((channel) => channel.deleteQueue(queueOf(inbox)));
    } catch (error) {
      throw unavailable(inbox, error);
    }
    this.#forget(inbox);
  }

  ready(): boolean {
    return !this.#closed && this.parts.publisher.ready && this.parts.lines.control.model !== undefined;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { publisher, publishing, lines, keeper } = this.parts;
    await Promise.all(Array.from(this.#inboxes.values(), async ({ consumption }) => consumption?.pump.stop()));
    await publisher.close();
    await keeper?.keep(
      Array.from(this.#inboxes, ([inbox, { deliveries }]) => ({
        inbox,
        messages: deliveries.messages,
        ...this.#usage.snapshot(inbox),
      })).filter(({ messages }) => messages > 0),
    );
    await Promise.all([publishing.close(), lines.close()]);
  }

  async #declare(inbox: InboxId): Promise<void> {
    const queue = queueOf(inbox);
    try {
      const { messageCount } = await this.parts.lines.control.onChannel((channel) =>
        channel.assertQueue(queue, queueOptions),
      );
      const known = this.#known(inbox);
      known.opened = true;
      this.#reconcile(inbox, known.deliveries, messageCount);
    } catch (error) {
      if (replyCode(error) !== 406) throw unavailable(inbox, error);
      throw new InboxError(
        "unavailable",
        inbox,
        `The queue ${queue} exists with other arguments than this relay's (${messageOf(error)}). Empty and delete it, then start again.`,
      );
    }
  }

  #reconcile(inbox: InboxId, deliveries: Deliveries, messageCount: number): void {
    const kept = this.#kept.get(inbox);
    this.#kept.delete(inbox);
    if (kept && deliveries.messages === 0 && kept.messages === messageCount) {
      this.#usage.restore(inbox, kept.shares, kept.times);
      deliveries.messages = messageCount;
      deliveries.restored = messageCount;
    } else {
      deliveries.reconcile(messageCount);
    }
  }

  #known(inbox: InboxId): Known {
    const found = this.#inboxes.get(inbox);
    if (found) return found;
    const deliveries = new Deliveries(inbox, this.#usage, this.parts.appId);
    const made: Known = { deliveries, opened: false, consumption: undefined };
    this.#inboxes.set(inbox, made);
    return made;
  }

  #forget(inbox: InboxId): void {
    this.#inboxes.get(inbox)?.consumption?.pump.end("removed");
    this.#inboxes.delete(inbox);
    this.#usage.forget(inbox);
  }
}

const refusals: Readonly<Record<Exclude<Outcome, "stored">, string>> = {
  "no-inbox": "there is no such inbox",
  refused: "the broker refused it",
  unavailable: "the broker did not confirm",
};

function unavailable(inbox: InboxId, error: unknown): InboxError {
  return isMissing(error)
    ? new InboxError("no-inbox", inbox, refusals["no-inbox"])
    : new InboxError("unavailable", inbox, messageOf(error));
}
