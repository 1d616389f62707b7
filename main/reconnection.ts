import { refusal, Refusal, type Reply } from "../wire/contract.ts";
import { type ConnectionState } from "../wire/ipc.ts";
import { type Presence } from "../wire/model.ts";
import {
  type Credentials,
  type RelayParams,
  type RelayRequest,
  type RelayValue,
  type SessionStarted,
} from "../wire/socket.ts";
import { type Clock, type Random } from "./clock.ts";
import { refused } from "./relay-words.ts";
import { Connection, type ConnectionEnd, type ConnectionListener, type ConnectionNeeds } from "./connection.ts";
import { atRest, isConnected, step, type ConnectionEvent, type Machine } from "./connection-state.ts";

/** how often an account that is offline by choice asks what waits for it */
const pollMs = 4_000;
/** after a wake-up, a connection that looks alive has this long to prove it */
const probeMs = 5_000;
const wishRetryMs = 2_000;
/** time awake after which a sleep that nobody ended is over; longer than falling asleep takes */
const sleepMs = 30_000;

export interface ReconnectionNeeds extends ConnectionNeeds {
  readonly clock: Clock;
  readonly random: Random;
  /** what to sign in with; none: the person is asked for the password */
  readonly token: () => string | undefined;
  /** what the person asked for; the relay hears it with the handshake, and when it changes */
  readonly wish: () => Presence;
  /** whether nobody is at this computer; said only while online */
  readonly away: () => boolean;
  readonly listener: Pick<ConnectionListener, "started" | "delivered" | "told"> & {
    /** told after every change; `connection` is there while a session is */
    changed(state: ConnectionState, connection: Connection | undefined): void;
  };
}

interface Trial {
  readonly back: Machine;
  readonly resolve: (session: SessionStarted) => void;
  readonly reject: (error: Refusal) => void;
}

/** Keeps an account connected: runs the state machine of connection-state.ts, one connection and one timer at a time. */
export class Reconnection {
  readonly #needs: ReconnectionNeeds;
  #machine: Machine = atRest;
  #connection: Connection | undefined;
  /** a sign-in with a password that somebody waits for */
  #trial: Trial | undefined;
  #cancelTimer: (() => void) | undefined;
  #wishInFlight = false;
  /** whether the relay was told on this connection that nobody is at the computer */
  #toldAway = false;
  #closed = false;

  constructor(needs: ReconnectionNeeds) {
    this.#needs = needs;
  }

  get state(): ConnectionState {
    return this.#machine.state;
  }

  /** Connects with the token, and again whenever the connection is lost. */
  start(): void {
    const token = this.#needs.token();
    this.#do(token === undefined ? { kind: "stopped", reason: "token-invalid" } : { kind: "started" });
  }

  /**
   * Connects once with these credentials; when that works, it stays connected like after `start`.
   * @throws {Refusal} why it did not work; the state is what it was before
   */
  signIn(credentials: Credentials): Promise<SessionStarted> {
    this.#endTrial(new Refusal("unavailable", "Another sign-in has begun."));
    return new Promise((resolve, reject) => {
      this.#trial = { back: this.#machine, resolve, reject };
      this.#enter(step(this.#machine, { kind: "started" }, this.#moment()), credentials);
    });
  }

  /** Do not wait: a person asks, or the computer woke up. A connection that looks alive is asked whether it is. */
  retryNow(): void {
    const connection = this.#connection;
    if (isConnected(this.state) && connection) {
      const cancel = this.#needs.clock.after(probeMs, () => {
        this.#lost(connection, { kind: "failed", error: refusal("relay-unreachable", "The relay does not answer.") });
      });
      void connection.request("inbox:status", {}).then(cancel);
    } else this.#do({ kind: "retry" });
  }

  /**
   * The computer goes to sleep: the relay is left properly, so that nobody takes this account for online and nothing is
   * on its way to a machine that does not run. `retryNow` or, should nobody say that it woke up, time brings it back.
   */
  sleep(): void {
    const error = refusal("relay-unreachable", "The computer sleeps.", sleepMs);
    if (this.#connection) this.#lost(this.#connection, { kind: "failed", error });
  }

  /** The wish has changed, or who is at the computer: says it to the relay, until what the relay was told is what is. */
  applyWish(): void {
    const connection = this.#connection;
    if (!connection || !isConnected(this.state) || this.#wishInFlight) return;
    const wish = this.#needs.wish();
    const away = wish === "online" && this.#needs.away();
    const held = wish === "offline";
    const turned = (this.state.kind === "held") !== held;
    if (!turned && this.#toldAway === away) return;
    this.#wishInFlight = true;
    void connection.request("presence:set", { presence: wish, ...(away && { away }) }).then((reply) => {
      this.#wishInFlight = false;
      if (connection !== this.#connection) {
        this.applyWish();
        return;
      }
      if (reply.ok) {
        this.#toldAway = away;
        if (turned) this.#do({ kind: "wish-answered", held, waiting: reply.value.waiting });
        this.applyWish(); // it may have changed while this was under way
      } else this.#needs.clock.after(reply.error.retryAfterMs ?? wishRetryMs, () => this.applyWish());
    });
  }

  /** @throws {Refusal} the relay's own, or `relay-unreachable` when there is no connection */
  async request<R extends RelayRequest>(name: R, params: RelayParams<R>): Promise<RelayValue<R>> {
    const reply = await this.tryRequest(name, params);
    if (reply.ok) return reply.value;
    throw refused(reply.error);
  }

  /** Like `request`, for a caller who decides about refusals. Never rejects. */
  async tryRequest<R extends RelayRequest>(name: R, params: RelayParams<R>): Promise<Reply<RelayValue<R>>> {
    if (this.#connection) return this.#connection.request(name, params);
    return { ok: false, error: refusal("relay-unreachable", "There is no connection to the relay.") };
  }

  tellTyping(to: string): void {
    if (this.state.kind === "online") this.#connection?.tellTyping(to);
  }

  /** Ends for good. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#endTrial(new Refusal("unavailable", "The app is closing."));
    this.#drop();
  }

  #moment(): { now: number; random: Random } {
    return { now: this.#needs.clock.now(), random: this.#needs.random };
  }

  #do(event: ConnectionEvent): void {
    if (!this.#closed) this.#enter(step(this.#machine, event, this.#moment()));
  }

  /** Takes the next state and does what it asks for: each state has at most one connection or one timer. */
  #enter(next: Machine, credentials?: Credentials): void {
    if (next === this.#machine && !credentials) return;
    this.#machine = next;
    this.#stopTimer();
    const { state } = next;
    switch (state.kind) {
      case "connecting":
        this.#drop();
        this.#open(credentials);
        break;
      case "online":
        break;
      case "held":
        this.#cancelTimer = this.#needs.clock.after(pollMs, () => this.#poll());
        break;
      case "unreachable":
        this.#drop();
        this.#cancelTimer = this.#needs.clock.after(Math.max(0, state.retryAt - this.#needs.clock.now()), () =>
          this.#do({ kind: "retry" }),
        );
        break;
      case "ended":
        this.#drop();
        break;
    }
    // an event inside may have moved on already: only the newest state is told
    if (this.#machine === next) this.#needs.listener.changed(state, isConnected(state) ? this.#connection : undefined);
  }

  #open(given: Credentials | undefined): void {
    const token = this.#needs.token();
    const credentials: Credentials | undefined = given ?? (token === undefined ? undefined : { kind: "token", token });
    if (!credentials) {
      this.#do({ kind: "stopped", reason: "token-invalid" });
      return;
    }
    const wish = this.#needs.wish();
    const { listener } = this.#needs;
    const connection: Connection = new Connection(this.#needs, credentials, wish, {
      started: (session) => {
        const unusable = listener.started(session);
        if (unusable) return unusable;
        const trial = this.#trial;
        this.#trial = undefined;
        this.#do({ kind: "session-started", held: wish === "offline", waiting: session.waiting });
        trial?.resolve(session);
        this.applyWish();
        return undefined;
      },
      delivered: (said) => listener.delivered(said),
      told: (event, payload) => listener.told(event, payload),
      ended: (end) => this.#lost(connection, end),
    });
    this.#connection = connection;
    this.#toldAway = false;
  }

  #lost(connection: Connection, end: ConnectionEnd): void {
    if (connection !== this.#connection) return;
    this.#drop();
    const trial = this.#trial;
    if (trial) {
      this.#trial = undefined;
      this.#restore(trial.back);
      trial.reject(
        end.kind === "failed" ? refused(end.error) : new Refusal("unavailable", "The relay ended the session."),
      );
      return;
    }
    this.#do(end.kind === "failed" ? end : { kind: "session-ended", code: end.code });
  }

  /** After a sign-in that did not work: what was waiting or over still is, what was connected connects again. */
  #restore(back: Machine): void {
    if (back.state.kind === "ended" || back.state.kind === "unreachable") this.#enter({ ...back });
    else this.start();
  }

  #poll(): void {
    const connection = this.#connection;
    if (!connection || this.state.kind !== "held") return;
    void connection.request("inbox:status", {}).then((reply) => {
      if (connection !== this.#connection) return;
      if (reply.ok) this.#do({ kind: "inbox-status", ...reply.value });
      else if (this.state.kind === "held") this.#cancelTimer = this.#needs.clock.after(pollMs, () => this.#poll());
    });
  }

  #endTrial(error: Refusal): void {
    this.#trial?.reject(error);
    this.#trial = undefined;
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close();
    this.#stopTimer();
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
