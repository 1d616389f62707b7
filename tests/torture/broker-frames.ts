/** What a client and a broker said to each other that matters for durability. */
export type BrokerWord =
  /** a message on its way into a queue; `tag` counts the publishes of its channel */
  | {
      readonly kind: "publish";
      readonly channel: string;
      readonly tag: number;
      readonly queue: string;
      readonly body: string;
    }
  /** the broker answers for one message, or for all up to this one */
  | { readonly kind: "confirm"; readonly channel: string; readonly tag: number; readonly all: boolean };

const methodFrame = 1;
const headerFrame = 2;
const bodyFrame = 3;
const frameEnd = 0xce;
const greeting = 8; // "AMQP" 0 0 9 1, before any frame of the client

interface Publish {
  readonly queue: string;
  readonly tag: number;
  parts: Buffer[];
  missing: number;
}

/** Reads AMQP 0-9-1 as it passes by: enough of it to see publishes and their confirms. One for each direction of a connection. */
export class FrameReader {
  #rest = Buffer.alloc(0);
  #skip: number;
  readonly #tags = new Map<number, number>();
  readonly #publishing = new Map<number, Publish>();

  constructor(
    private readonly connection: number,
    direction: "to-app" | "to-relay",
  ) {
    this.#skip = direction === "to-relay" ? greeting : 0;
  }

  read(chunk: Buffer): BrokerWord[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#rest.length < this.#skip) return [];
    this.#rest = this.#rest.subarray(this.#skip);
    this.#skip = 0;
    const words: BrokerWord[] = [];
    while (this.#rest.length >= 8) {
      const size = this.#rest.readUInt32BE(3);
      if (this.#rest.length < size + 8) break;
      if (this.#rest[size + 7] !== frameEnd) throw new Error("This is not AMQP.");
      const word = this.#frame(this.#rest.readUInt8(0), this.#rest.readUInt16BE(1), this.#rest.subarray(7, size + 7));
      if (word) words.push(word);
      this.#rest = this.#rest.subarray(size + 8);
    }
    return words;
  }

  #frame(type: number, channel: number, payload: Buffer): BrokerWord | undefined {
    const name = `${this.connection}.${channel}`;
    if (type === methodFrame) return this.#method(channel, name, payload);
    const publish = this.#publishing.get(channel);
    if (!publish) return undefined;
    if (type === headerFrame) publish.missing = Number(payload.readBigUInt64BE(4));
    else if (type === bodyFrame) {
      publish.parts.push(Buffer.from(payload));
      publish.missing -= payload.length;
    }
    if (publish.missing > 0) return undefined;
    this.#publishing.delete(channel);
    const { queue, tag, parts } = publish;
    return { kind: "publish", channel: name, tag, queue, body: Buffer.concat(parts).toString("utf8") };
  }

  #method(channel: number, name: string, payload: Buffer): BrokerWord | undefined {
    const method = `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`;
    switch (method) {
      case "20.10": // channel.open
      case "20.11": // channel.open-ok
        this.#tags.delete(channel);
        return undefined;
      case "60.40": {
        // basic.publish: reserved, exchange, routing key
        const exchange = payload.readUInt8(6);
        const keyAt = 7 + exchange;
        const queue = payload.toString("utf8", keyAt + 1, keyAt + 1 + payload.readUInt8(keyAt));
        const tag = (this.#tags.get(channel) ?? 0) + 1;
        this.#tags.set(channel, tag);
        this.#publishing.set(channel, { queue, tag, parts: [], missing: Infinity });
        return undefined;
      }
      case "60.80": // basic.ack; from the broker it is a confirm
        return { kind: "confirm", channel: name, tag: Number(payload.readBigUInt64BE(4)), all: payload[12] === 1 };
      default:
        return undefined;
    }
  }
}
