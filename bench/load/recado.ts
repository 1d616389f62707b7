import { limits } from "../../wire/model.ts";
import { deviceOf, nameOf, tokenOf } from "../people.ts";
import { type Plan } from "../plan.ts";
import { bodyOf, type Heard, pairOf, type Peer, type Protocol, type Who } from "./peer.ts";
import { SocketIo } from "./socketio.ts";

/** What comes from a relay that this run has started; a schema per delivery would be a good part of what is measured. */
interface Sent {
  readonly ok: boolean;
  readonly value?: { readonly results: readonly { readonly ok: boolean }[] };
  readonly error?: { readonly code: string };
}
interface Delivered {
  readonly envelopes: readonly { readonly kind: string; readonly body: string; readonly of: readonly string[] }[];
}

// a UUID that holds pair and number, so that a receipt's ids need no table
const idOf = (pair: number, number: number): string =>
  `${number.toString(16).padStart(8, "0")}-0000-4000-8000-${pair.toString(16).padStart(12, "0")}`;
const numberOf = (id: string): number => parseInt(id.slice(0, 8), 16);

/** A device as the app's own is on the wire: one request in flight, whatever gathers meanwhile goes as the next. */
class Device implements Peer {
  #waiting: number[] = [];
  #sending = false;

  constructor(
    private readonly io: SocketIo,
    private readonly who: Who,
    private readonly heard: Heard,
    private readonly plan: Plan,
  ) {}

  send(first: number, count: number): void {
    for (let number = first; number < first + count; number++) this.#waiting.push(number);
    this.#push();
  }

  close(): void {
    this.io.close();
  }

  #push(): void {
    if (this.#sending || this.#waiting.length === 0) return;
    this.#sending = true;
    const numbers = this.#waiting.splice(0, Math.min(limits.batch, batchOf(this.plan.bodyBytes)));
    const pair = pairOf(this.who.user);
    const to = nameOf(this.who.to);
    const messages = numbers.map((number) => ({
      id: idOf(pair, number),
      to,
      body: bodyOf(pair, number, this.plan.bodyBytes),
      sentAt: Date.now(),
    }));
    this.io.emit("message:send", [{ messages }], (answer) => {
      this.#sending = false;
      this.#heed(numbers, answer as Sent);
      this.#push();
    });
  }

  #heed(numbers: readonly number[], { value, error }: Sent): void {
    if (!value) {
      this.heard.refused(numbers, error?.code ?? "no reason");
      return;
    }
    const refused = numbers.filter((_, i) => !value.results[i]?.ok);
    if (refused.length === 0) {
      this.heard.accepted(numbers);
      return;
    }
    this.heard.accepted(numbers.filter((_, i) => value.results[i]?.ok));
    this.heard.refused(refused, JSON.stringify(value.results.find(({ ok }) => !ok)));
  }
}

/** Stores and answers, as a device does; empty batches of receipts are answered at once. */
function take({ envelopes }: Delivered, heard: Heard, ack: (answer: unknown) => void): void {
  const bodies: string[] = [];
  for (const { kind, body, of } of envelopes) {
    if (kind === "message") bodies.push(body);
    else if (kind === "receipt") heard.receipted(of.map(numberOf));
  }
  if (bodies.length === 0) ack({ ok: true });
  else heard.received(bodies, () => ack({ ok: true }));
}

/** How many messages of this size fit into one request of 1 MiB. */
const batchOf = (bodyBytes: number): number => Math.max(1, Math.floor(limits.requestBytes / (bodyBytes + 300)));

export const recado: Protocol = {
  async connect(who, heard, plan) {
    const auth = {
      protocol: 1,
      device: deviceOf(who.user, who.device),
      credentials: { kind: "token", token: tokenOf(who.user, who.device) },
    };
    const io = await SocketIo.open(plan.port, auth, (name, args, ack) => {
      if (name === "inbox:deliver") take(args[0] as Delivered, heard, ack);
    });
    return new Device(io, who, heard, plan);
  },
};
