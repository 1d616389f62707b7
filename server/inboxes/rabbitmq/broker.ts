import { type Channel, type ChannelModel, connect, type RecoveringChannelModel } from "amqplib";
import { InboxError } from "../../inbox.ts";

/** How long the broker may take to answer anything. In an alarm it says nothing at all. */
export const brokerTimeoutMs = 10_000;

/** How many channels of a connection `onChannel` uses at once: a relay opens thousands of inboxes when it starts. */
const declarations = 32;

export interface BrokerEvents {
  /** a connection is up: runs before anybody else can use it; rejecting means trying again later */
  readonly up?: (model: ChannelModel) => Promise<void>;
  readonly down?: () => void;
  /** the broker takes nothing on this connection for now (an alarm), or takes it again */
  readonly blocked?: (blocked: boolean) => void;
}

/** What to connect to, without the password: fit for a log. */
export function describeBroker(url: string): string {
  if (!URL.canParse(url)) return "the given address";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

const errorCode = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** The AMQP reply code a channel was closed with, e.g. 404 for a queue that is not there. */
export const replyCode = (error: unknown): number | undefined => {
  const code = errorCode(error);
  return typeof code === "number" ? code : undefined;
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function explain(url: string, error: unknown): string {
  const where = describeBroker(url);
  const code = errorCode(error);
  switch (code) {
    case "ECONNREFUSED":
      return `No broker answers at ${where} (connection refused). Start RabbitMQ, or correct --amqp.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The broker's name in ${where} cannot be found. Correct --amqp.`;
    default:
      // amqplib says this one in words only
      if (/ACCESS[-_]REFUSED/.test(messageOf(error))) {
        return `The broker at ${where} refuses the name or password. Correct --amqp.`;
      }
      return `The broker at ${where} cannot be used (${messageOf(error)}). Check --amqp and the broker.`;
  }
}

/**
 * One supervised connection: it reconnects by itself with growing pauses, for ever, once it was there.
 * amqplib's recovery gives back a connection, not its channels: who needs one makes it again in `up`.
 */
export class BrokerLine {
  #model: ChannelModel | undefined;
  #waiting: (() => void)[] = [];
  #recovering: RecoveringChannelModel | undefined;
  #closed = false;
  #free = declarations;
  #queue: (() => void)[] = [];

  private constructor(
    readonly url: string,
    private readonly events: BrokerEvents,
  ) {}

  /**
   * @param name shown in the broker's list of connections
   * @throws InboxError `unavailable` with one sentence when the broker cannot be reached the first time
   */
  static async open(url: string, name: string, events: BrokerEvents = {}): Promise<BrokerLine> {
    const line = new BrokerLine(url, events);
    await line.#connect(name);
    return line;
  }

  /** The connection if there is one now. */
  get model(): ChannelModel | undefined {
    return this.#model;
  }

  /** Resolves when there is a connection, or when `close` was called. */
  whenUp(): Promise<void> {
    if (this.#model || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * Runs something on a channel of its own, because a refused declaration closes its channel.
   * @throws InboxError `unavailable` when the broker is away or does not answer in time; the broker's own error otherwise
   */
  async onChannel<T>(run: (channel: Channel) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      const model = this.#model;
      if (!model) throw new InboxError("unavailable", undefined, "the broker is away");
      const channel = await inTime(openChannel(model));
      try {
        return await inTime(run(channel));
      } finally {
        await endChannel(channel);
      }
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#free++;
    }
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#model = undefined;
    this.#rouse();
    // the closing handshake needs an answer too, and a stuck broker gives none
    await inTime(this.#recovering?.close() ?? Promise.resolve()).catch(() => undefined);
  }

  async #connect(name: string): Promise<void> {
    try {
      const address = new URL(this.url);
      if (!address.searchParams.has("heartbeat")) address.searchParams.set("heartbeat", "10");
      const recovering = await connect(address.href, {
        noDelay: true,
        keepAlive: true,
        timeout: 5_000,
        clientProperties: { connection_name: name },
        recovery: {
          initialDelay: 100,
          maxDelay: 3_000,
          initialMaxRetries: 0,
          setup: (model: ChannelModel) => this.#up(model),
        },
      });
      this.#recovering = recovering;
      // without a listener an error on a connection ends the process; 'disconnect' follows and decides
      recovering.on("error", () => undefined);
      recovering.on("handler-error", (error: unknown) => {
        throw error instanceof Error ? error : new Error(String(error)); // a fault of ours must not hide
      });
      recovering.on("disconnect", () => {
        this.#model = undefined;
        this.events.down?.();
      });
      recovering.on("blocked", () => this.events.blocked?.(true));
      recovering.on("unblocked", () => this.events.blocked?.(false));
    } catch (error) {
      throw new InboxError("unavailable", undefined, explain(this.url, error));
    }
  }

  async #up(model: ChannelModel): Promise<void> {
    model.on("error", () => undefined);
    model.on("close", () => {
      if (this.#model === model) this.#model = undefined;
    });
    this.events.blocked?.(false);
    await inTime(this.events.up?.(model) ?? Promise.resolve());
    if (this.#closed) return;
    this.#model = model;
    this.#rouse();
  }

  #rouse(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A channel whose errors end itself and nothing else. */
export async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  channel.on("error", () => undefined);
  return channel;
}

/**
 * Closes a channel; one that is closed already is no error.
 * @returns true when the broker has confirmed it: then it has seen every acknowledgement sent before
 */
export async function endChannel(channel: Channel): Promise<boolean> {
  try {
    await inTime(channel.close());
    return true;
  } catch {
    return false; // closed by the broker or together with its connection
  }
}

/** @throws InboxError `unavailable` when it takes too long */
export async function inTime<T>(work: Promise<T>, limitMs: number = brokerTimeoutMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new InboxError("unavailable", undefined, "the broker does not answer")), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
