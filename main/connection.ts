import { io } from "socket.io-client";
import { refusal, type Reply, type WireError } from "../wire/contract.ts";
import { protocolVersion, type DeviceId, type Outgoing, type Presence } from "../wire/model.ts";
import {
  announcements,
  type Announcements,
  type Credentials,
  type DeliveryReply,
  type EndCode,
  type Handshake,
  type RelayParams,
  type RelayRequest,
  type RelayValue,
  type SessionStarted,
} from "../wire/socket.ts";
import { type Clock } from "./clock.ts";
import { type SendOutcome } from "./outbox-batch.ts";
import { answers, explainFailure, readError, readSent } from "./relay-words.ts";

/** from opening to `session:started` */
const openMs = 15_000;
/** A relay answers a send within 12 s even when its broker is in alarm (I13). */
const answerMs = 20_000;

export interface ConnectionNeeds {
  /** the relay's address, as `parseRelayAddress` gives it */
  readonly relay: string;
  readonly device: DeviceId;
  readonly deviceName: string;
  readonly clock: Clock;
  /** socket.io's unless a simulator brings its own network */
  readonly openSocket?: OpenSocket;
}

/** What a connection needs of socket.io's socket. */
export interface AppSocket {
  readonly connected: boolean;
  on(event: string, listener: (...said: never[]) => void): unknown;
  emit(event: string, ...payload: unknown[]): unknown;
  connect(): unknown;
  disconnect(): unknown;
  removeAllListeners(): unknown;
}

/** @returns a socket that is not connected yet */
export type OpenSocket = (relay: string, auth: Handshake) => AppSocket;

const openSocket: OpenSocket = (relay, auth) =>
  io(relay, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    autoConnect: false,
    timeout: openMs,
    auth,
  });

/** What one connection tells its owner. Nothing is told after `ended`. */
export interface ConnectionListener {
  /** @returns why this session cannot be used, if so; it is dropped then */
  started(session: SessionStarted): WireError | undefined;
  /** stores, then answers (G5) */
  delivered(said: unknown): DeliveryReply;
  told<Event extends ToldEvent>(event: Event, payload: Announcements[Event]): void;
  /** exactly once: refused, lost, or sent away */
  ended(end: ConnectionEnd): void;
}

export type ToldEvent = Exclude<keyof Announcements, "session:started" | "session:ended">;

export type ConnectionEnd =
  { readonly kind: "failed"; readonly error: WireError } | { readonly kind: "sent-away"; readonly code: EndCode };

/**
 * One connection to a relay, from the handshake to its end; reconnecting is the business of reconnection.ts.
 * The only file that knows socket.io-client: WebSocket only, none of its queues, retries or recoveries (they duplicate
 * and drop), nothing is emitted while it is not connected.
 */
export class Connection {
  readonly #socket: AppSocket;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  /** requests without an answer yet; each is told when none will come */
  readonly #unanswered = new Set<() => void>();
  #phase: "opening" | "signed-in" | "over" = "opening";
  readonly #cancelOpening: () => void;

  constructor(needs: ConnectionNeeds, credentials: Credentials, presence: Presence, listener: ConnectionListener) {
    this.#clock = needs.clock;
    this.#listener = listener;
    const auth: Handshake = {
      protocol: protocolVersion,
      device: needs.device,
      deviceName: needs.deviceName,
      presence,
      credentials,
    };
    this.#socket = (needs.openSocket ?? openSocket)(needs.relay, auth);
    this.#cancelOpening = needs.clock.after(openMs, () => {
      const answered = this.#socket.connected;
      this.#end({
        kind: "failed",
        error: answered
          ? refusal("not-a-relay", "What answers there does not start a session.")
          : refusal("relay-unreachable", "The relay did not answer in time."),
      });
    });
    this.#listen();
    this.#socket.connect();
  }

  /**
   * Asks the relay. Never rejects: no connection, no answer in time and an answer that cannot be read are refusals,
   * and after the last two the connection is given up, because what was asked may or may not have happened.
   */
  async request<R extends RelayRequest>(name: R, params: RelayParams<R>): Promise<Reply<RelayValue<R>>> {
    const reply = await this.#ask(name, params, answers[name]);
    return reply ?? { ok: false, error: refusal("relay-unreachable", "The relay did not answer.") };
  }

  /** `message:send`, for the outbox: whether nothing was answered decides what may be sent next (O2). */
  async send(messages: readonly Outgoing[]): Promise<SendOutcome> {
    const reply = await this.#ask("message:send", { messages }, readSent);
    if (!reply) return { kind: "lost" };
    return reply.ok ? { kind: "answered", results: reply.value } : { kind: "refused", error: reply.error };
  }

  /** Typing is told, never answered and never kept. */
  tellTyping(to: string): void {
    if (this.#phase === "signed-in") this.#socket.emit("typing:tell", { to });
  }

  /** Ends it without a word to the listener. Safe to call twice. */
  close(): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#cancelOpening();
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
    for (const lost of [...this.#unanswered]) lost();
  }

  #ask<Value>(
    name: RelayRequest,
    params: unknown,
    read: (said: unknown) => Reply<Value> | undefined,
  ): Promise<Reply<Value> | undefined> {
    if (this.#phase !== "signed-in") return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const settle = (reply: Reply<Value> | undefined): void => {
        cancel();
        this.#unanswered.delete(lost);
        resolve(reply);
      };
      const lost = (): void => settle(undefined);
      const cancel = this.#clock.after(answerMs, () => {
        this.#fail(refusal("relay-unreachable", "The relay does not answer."));
      });
      this.#unanswered.add(lost);
      this.#socket.emit(name, params, (said: unknown) => {
        const reply = read(said);
        if (reply) settle(reply);
        else this.#fail(refusal("not-a-relay", "The relay's answer cannot be read."));
      });
    });
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("session:started", (said: unknown) => {
      const session = announcements["session:started"].safeParse(said);
      if (this.#phase !== "opening") return;
      if (!session.success) {
        this.#fail(refusal("not-a-relay", "The session cannot be read."));
        return;
      }
      this.#phase = "signed-in";
      this.#cancelOpening();
      const unusable = this.#listener.started(session.data);
      if (unusable) this.#fail(unusable);
    });
    socket.on("inbox:deliver", (said: unknown, reply: unknown) => {
      if (this.#phase !== "signed-in" || !isReply(reply)) return;
      reply(this.#listener.delivered(said));
    });
    socket.on("session:ended", (said: unknown) => {
      const ended = announcements["session:ended"].safeParse(said);
      if (ended.success) this.#end({ kind: "sent-away", code: ended.data.code });
    });
    socket.on("presence:changed", (said: unknown) => {
      this.#tell("presence:changed", announcements["presence:changed"].safeParse(said).data);
    });
    socket.on("contact:changed", (said: unknown) => {
      this.#tell("contact:changed", announcements["contact:changed"].safeParse(said).data);
    });
    socket.on("typing:told", (said: unknown) => {
      this.#tell("typing:told", announcements["typing:told"].safeParse(said).data);
    });
    socket.on("connect_error", (error: Error) => {
      const said = "data" in error && error.data !== undefined ? readError(error.data) : undefined;
      const strange = "data" in error && error.data !== undefined && !said;
      this.#fail(
        said ?? (strange ? refusal("not-a-relay", "What answers there is not a relay.") : explainFailure(error)),
      );
    });
    socket.on("disconnect", (reason: string) =>
      this.#fail(refusal("relay-unreachable", `The connection was lost (${reason}).`)),
    );
  }

  #tell<Event extends ToldEvent>(event: Event, payload: Announcements[Event] | undefined): void {
    if (payload && this.#phase === "signed-in") this.#listener.told(event, payload);
  }

  #fail(error: WireError): void {
    this.#end({ kind: "failed", error });
  }

  #end(end: ConnectionEnd): void {
    if (this.#phase === "over") return;
    this.close();
    this.#listener.ended(end);
  }
}

const isReply = (value: unknown): value is (reply: DeliveryReply) => void => typeof value === "function";
