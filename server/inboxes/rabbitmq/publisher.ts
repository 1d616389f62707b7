import { type ChannelModel, type ConfirmChannel } from "amqplib";
import { brokerTimeoutMs, endChannel, inTime } from "./broker.ts";

/**
 * What became of one publish. `refused`: it is not in the queue, which is full, or could not be reached (a channel's first
 * publish to a queue that has no leader just now is answered so). `unavailable`: it may be in the queue, now or later.
 */
export type Outcome = "stored" | "no-inbox" | "refused" | "unavailable";

interface Pending {
  readonly settle: (outcome: Outcome) => void;
  /** the broker sends a message without a queue back before it confirms it */
  returned: boolean;
}

/**
 * Publishes on one confirm channel, which keeps the order of puts (I3), and says for each what the broker said.
 * Every publish ends within `brokerTimeoutMs`: in an alarm the broker confirms nothing and says nothing.
 */
export class Publisher {
  #channel: ConfirmChannel | undefined;
  #blocked = false;
  readonly #pending = new Map<string, Pending>();

  constructor(
    /** marks what this process has put, and so has counted */
    private readonly appId: string,
  ) {}

  get ready(): boolean {
    return this.#channel !== undefined && !this.#blocked;
  }

  /** Takes up a fresh connection; the channel of the one before is dead for good. */
  async attach(model: ChannelModel): Promise<void> {
    this.detach();
    const channel = await model.createConfirmChannel();
    channel.on("error", () => undefined);
    channel.on("return", (message) => {
      const id: unknown = message.properties.messageId;
      const pending = typeof id === "string" ? this.#pending.get(id) : undefined;
      if (pending) pending.returned = true;
    });
    channel.on("close", () => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      // a channel ends alone only by an error of ours; the connection is well, so a new one is made
      this.attach(model).catch(() => undefined);
    });
    this.#channel = channel;
  }

  /** The connection is gone. amqplib has ended every pending publish already. */
  detach(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel) void endChannel(channel);
  }

  /** An alarm: what waits for its confirm would wait until the alarm ends. */
  block(blocked: boolean): void {
    this.#blocked = blocked;
    if (!blocked) return;
    for (const pending of [...this.#pending.values()]) pending.settle("unavailable");
  }

  /** Resolves with the outcome, never rejects. @param id unique for ever */
  publish(queue: string, id: string, content: Buffer): Promise<Outcome> {
    const channel = this.#channel;
    if (!channel || this.#blocked) return Promise.resolve("unavailable");
    return new Promise((resolve) => {
      const timer = setTimeout(() => pending.settle("unavailable"), brokerTimeoutMs);
      const pending: Pending = {
        returned: false,
        settle: (outcome) => {
          clearTimeout(timer);
          this.#pending.delete(id);
          resolve(outcome);
        },
      };
      this.#pending.set(id, pending);
      try {
        channel.sendToQueue(
          queue,
          content,
          {
            persistent: true,
            mandatory: true,
            contentType: "application/json",
            messageId: id,
            appId: this.appId,
          },
          (error: unknown) => pending.settle(outcomeOf(error, pending)),
        );
      } catch {
        pending.settle("unavailable"); // the channel closed under our hands
      }
    });
  }

  /** Waits for what is on its way, then closes. */
  async close(): Promise<void> {
    const channel = this.#channel;
    if (channel) await inTime(channel.waitForConfirms()).catch(() => undefined);
    this.detach();
  }
}

function outcomeOf(error: unknown, pending: Pending): Outcome {
  if (error === null || error === undefined) return pending.returned ? "no-inbox" : "stored";
  // amqplib gives a refused publish and a lost channel the same kind of error; only its words differ
  return error instanceof Error && error.message === "message nacked" ? "refused" : "unavailable";
}
