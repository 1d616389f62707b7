import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import { wireError, type WireError } from "../wire/contract.ts";
import { envelope, unknownEnvelope, type Envelope, type MessageEnvelope, type UnknownEnvelope } from "../wire/model.ts";
import {
  announcements,
  delivery,
  relayContract,
  sendResult,
  type Announcements,
  type DeliveryReply,
  type SendResult,
  type SessionStarted,
} from "../wire/socket.ts";

export const goodPassword = "correct horse battery 9!";

/** Waits for a condition, not for a time. @throws Error that says what did not come about */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 15_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await pause(10);
  }
}

/** A sign-in that the relay refused. */
export class SignInRefused extends Error {
  constructor(readonly error: WireError) {
    super(`${error.code}: ${error.message}`);
  }
}

export interface SignIn {
  /** `credentials` as they go over the wire; "again" is the token of the last sign-in */
  readonly with?: "register" | "password" | "again";
  readonly presence?: "online" | "offline";
  readonly invite?: string;
  /** laid over the whole handshake: what a hostile or newer app would say */
  readonly auth?: Readonly<Record<string, unknown>>;
}

const reply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: wireError }),
]);
const requests: Readonly<Record<string, { value: z.ZodType }>> = relayContract;
const announced = ["session:started", "presence:changed", "contact:changed", "typing:told", "session:ended"] as const;
const empty = (): { [E in keyof Announcements]: Announcements[E][] } => ({
  "session:started": [],
  "presence:changed": [],
  "contact:changed": [],
  "typing:told": [],
  "session:ended": [],
});

export type Held = Envelope | UnknownEnvelope;
export const isMessage = (held: Held): held is MessageEnvelope => held.kind === "message" && "sentAt" in held;

/**
 * One device that speaks wire.md over a raw socket.io connection. Everything the relay says is parsed with the
 * contract's schemas; what it was handed is kept as an app would: by (from, id), in order of arrival, then answered.
 */
export class Device {
  /** in order of arrival, each message the first time only */
  readonly stored: Held[] = [];
  /** each batch as it was handed over, repetitions included */
  readonly batches: Held[][] = [];
  duplicates = 0;
  heard = empty();
  /** in order, over all its connections: the names of events */
  readonly order: string[] = [];
  token = "";
  /** what each batch is answered with; undefined: nothing, "rubbish" is said as it is */
  answers: (batch: readonly Held[]) => DeliveryReply | undefined | { rubbish: unknown } = () => ({ ok: true });
  #socket: Socket | undefined;
  readonly #keys = new Set<string>();

  constructor(
    readonly url: string,
    readonly name: string,
    readonly device: string = randomUUID(),
    public password: string = goodPassword,
  ) {}

  /** @throws SignInRefused with the relay's own error */
  async connect(options: SignIn = {}): Promise<SessionStarted> {
    const kind = options.with ?? (this.token === "" ? "register" : "again");
    const credentials =
      kind === "again"
        ? { kind: "token", token: this.token }
        : {
            kind,
            name: this.name,
            password: this.password,
            ...(options.invite !== undefined && { invite: options.invite }),
          };
    const auth = {
      protocol: 1,
      device: this.device,
      deviceName: "a test",
      ...(options.presence && { presence: options.presence }),
      credentials,
      ...options.auth,
    };
    this.drop();
    this.heard = empty();
    const socket = io(this.url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      timeout: 15_000,
      rejectUnauthorized: false,
      auth,
    });
    this.#socket = socket;
    this.#listen(socket);
    return new Promise((resolve, reject) => {
      socket.once("session:started", (said: unknown) => {
        const started = announcements["session:started"].parse(said);
        this.token = started.token;
        resolve(started);
      });
      socket.once("connect_error", (error: Error) => {
        const data: unknown = "data" in error ? error.data : undefined;
        const refused = wireError.safeParse(data);
        reject(refused.success ? new SignInRefused(refused.data) : error);
      });
      socket.once("disconnect", (reason) => reject(new Error(`disconnected before session:started: ${reason}`)));
    });
  }

  #listen(socket: Socket): void {
    socket.onAny((event: string) => this.order.push(event));
    for (const event of announced) {
      socket.on(event, (said: unknown) => this.#hear(event, said));
    }
    socket.on("inbox:deliver", (said: unknown, answer: (reply: unknown) => void) => {
      const batch = delivery.parse(said).envelopes.map((one): Held => {
        const known = envelope.safeParse(one);
        return known.success ? known.data : unknownEnvelope.parse(one);
      });
      this.batches.push(batch);
      for (const held of batch) this.#keep(held);
      const given = this.answers(batch);
      if (given) answer("rubbish" in given ? given.rubbish : given);
    });
  }

  #hear(event: keyof Announcements, said: unknown): void {
    const list: unknown[] = this.heard[event];
    list.push(announcements[event].parse(said));
  }

  #keep(held: Held): void {
    const key = isMessage(held) ? `${held.from} ${held.id}` : held.id;
    if (this.#keys.has(key)) this.duplicates++;
    else this.stored.push(held);
    this.#keys.add(key);
  }

  get socket(): Socket {
    if (!this.#socket) throw new Error(`${this.name} never connected`);
    return this.#socket;
  }

  get connected(): boolean {
    return this.#socket?.connected ?? false;
  }

  /** A request and its reply, checked against the contract. */
  async ask(request: string, params: unknown, limitMs = 20_000): Promise<z.infer<typeof reply>> {
    const said: unknown = await this.socket.timeout(limitMs).emitWithAck(request, params);
    const parsed = reply.parse(said);
    const shape = Object.hasOwn(requests, request) ? requests[request] : undefined;
    if (parsed.ok && shape) shape.value.parse(parsed.value);
    return parsed;
  }

  /** "ok", or the refusal's code */
  async code(request: string, params: unknown = {}): Promise<string> {
    const answer = await this.ask(request, params);
    return answer.ok ? "ok" : answer.error.code;
  }

  /** @throws Error when it is refused */
  async value<Value extends z.ZodType>(request: string, params: unknown, shape: Value): Promise<z.output<Value>> {
    const answer = await this.ask(request, params);
    if (!answer.ok) throw new Error(`${request}: ${answer.error.code}`);
    return shape.parse(answer.value);
  }

  async sendAll(messages: readonly unknown[]): Promise<SendResult[]> {
    return (await this.value("message:send", { messages }, z.object({ results: z.array(sendResult) }))).results;
  }

  send(to: string, ...bodies: readonly string[]): Promise<SendResult[]> {
    return this.sendAll(bodies.map((body) => message(to, body)));
  }

  async waiting(): Promise<number> {
    return (await this.value("inbox:status", {}, z.object({ waiting: z.number() }))).waiting;
  }

  messages(from?: string): MessageEnvelope[] {
    return this.stored.filter(isMessage).filter((held) => from === undefined || held.from === from);
  }

  bodies(from?: string): string[] {
    return this.messages(from).map(({ body }) => body);
  }

  /** ids that a receipt of this status named */
  receipts(status: "delivered" | "read", by?: string): Set<string> {
    const ids = new Set<string>();
    for (const held of this.stored) {
      if (held.kind !== "receipt" || !("of" in held) || !Array.isArray(held.of)) continue;
      if (held.status !== status || (by !== undefined && held.by !== by)) continue;
      for (const id of held.of) ids.add(String(id));
    }
    return ids;
  }

  /** contact notices so far, as `change name` */
  notices(): string[] {
    return this.stored.flatMap((held) =>
      held.kind === "contact" && "change" in held ? [`${String(held.change)} ${String(held.name)}`] : [],
    );
  }

  async receives(from: string, ...bodies: readonly string[]): Promise<void> {
    await until(`${this.name} has ${bodies.join(",").slice(0, 60)} of ${from}`, () =>
      bodies.every((body) => this.bodies(from).includes(body)),
    );
  }

  async hears(presence: "online" | "offline", of: string): Promise<void> {
    await until(`${this.name} hears that ${of} is ${presence}`, () => {
      const last = this.heard["presence:changed"].findLast(({ name }) => name === of);
      return last?.presence === presence;
    });
  }

  drop(): void {
    this.#socket?.disconnect();
    this.#socket = undefined;
  }
}

/** One message as it goes into `message:send`. */
export const message = (to: string, body: string, id: string = randomUUID()) => ({ id, to, body, sentAt: Date.now() });

/** Results in short: `ok`, or the code. */
export const codes = (results: readonly SendResult[]): string[] =>
  results.map((result) => (result.ok ? "ok" : result.error.code));

/** What a sign-in is refused with; "in" when it is not. */
export async function refusalOf(signIn: Promise<unknown>): Promise<string> {
  try {
    await signIn;
    return "in";
  } catch (error) {
    if (error instanceof SignInRefused) return error.error.code;
    throw error;
  }
}
