import { refusal, type WireError } from "../wire/contract.ts";
import { type ConnectionState } from "../wire/ipc.ts";
import { type EndCode } from "../wire/socket.ts";
import { backoffMs, type Random } from "./clock.ts";

/** The connection's state as windows see it, and how many tries in a row it took. */
export interface Machine {
  readonly state: ConnectionState;
  readonly attempt: number;
}

export type ConnectionEvent =
  /** connect now: the app starts, or a person signed in again */
  | { readonly kind: "started" }
  | { readonly kind: "session-started"; readonly held: boolean; readonly waiting: number }
  /** the relay refused, cannot be reached, or the session broke */
  | { readonly kind: "failed"; readonly error: WireError }
  | { readonly kind: "session-ended"; readonly code: EndCode }
  /** there is nothing to sign in with, or the person signed out */
  | { readonly kind: "stopped"; readonly reason: "token-invalid" | "signed-out" }
  /** the wait is over, or a person or the system's wake-up asks not to wait */
  | { readonly kind: "retry" }
  | { readonly kind: "wish-answered"; readonly held: boolean; readonly waiting: number }
  | { readonly kind: "inbox-status"; readonly waiting: number; readonly oldestAt?: number | undefined };

export interface Moment {
  readonly now: number;
  readonly random: Random;
}

/** After any cut heals, both sides have converged within 10 s: nobody may be asleep longer than this. */
export const retrySpan = { least: 500, most: 6_000 };
/** a session that lasted this long was a real one: the next wait starts small again */
const steadyMs = 10_000;
/** a relay that stops sends everybody away at once; they come back spread over this */
const stoppingSpan = { least: 500, most: 5_000 };
/** a relay that says "not before" is believed up to here */
const longestRetryMs = 600_000;

export const atRest: Machine = { state: { kind: "connecting", attempt: 1 }, attempt: 1 };

/** The connection state machine; a pure function, its table is the test. */
export function step(machine: Machine, event: ConnectionEvent, moment: Moment): Machine {
  const { state } = machine;
  switch (event.kind) {
    case "started":
      return connecting(1);
    case "retry":
      return state.kind === "unreachable" ? connecting(state.attempt + 1) : machine;
    case "session-started":
      return state.kind === "connecting"
        ? { ...machine, state: connected(event.held, event.waiting, moment.now) }
        : machine;
    case "wish-answered":
      return isConnected(state) ? { ...machine, state: connected(event.held, event.waiting, moment.now) } : machine;
    case "inbox-status":
      if (state.kind !== "held") return machine;
      return {
        ...machine,
        state: {
          kind: "held",
          since: state.since,
          waiting: event.waiting,
          ...(event.oldestAt !== undefined && { oldestAt: event.oldestAt }),
        },
      };
    case "stopped":
      return { ...machine, state: { kind: "ended", reason: event.reason } };
    case "session-ended":
      return event.code === "relay-stopping"
        ? stopping(machine, moment)
        : { ...machine, state: { kind: "ended", reason: event.code } };
    case "failed":
      return failed(machine, event.error, moment);
  }
}

export const isConnected = (state: ConnectionState): state is Extract<ConnectionState, { kind: "online" | "held" }> =>
  state.kind === "online" || state.kind === "held";

const connecting = (attempt: number): Machine => ({ state: { kind: "connecting", attempt }, attempt });

const connected = (held: boolean, waiting: number, now: number): ConnectionState =>
  held ? { kind: "held", since: now, waiting } : { kind: "online", since: now };

function failed(machine: Machine, error: WireError, { now, random }: Moment): Machine {
  const { state } = machine;
  // over until a person acts: an error of a socket that is going away changes nothing
  if (state.kind === "ended" || state.kind === "unreachable") return machine;
  if (error.code === "token-invalid" || error.code === "protocol-unsupported") {
    return { ...machine, state: { kind: "ended", reason: error.code } };
  }
  const steady = isConnected(state) && now - state.since >= steadyMs;
  const attempt = steady ? 1 : machine.attempt;
  const asked = Math.min(error.retryAfterMs ?? 0, longestRetryMs);
  const retryAt = now + asked + backoffMs(attempt, random, retrySpan);
  return { state: { kind: "unreachable", attempt, retryAt, error }, attempt };
}

function stopping(machine: Machine, { now, random }: Moment): Machine {
  if (machine.state.kind === "ended" || machine.state.kind === "unreachable") return machine;
  const retryAt = now + stoppingSpan.least + Math.round(random() * (stoppingSpan.most - stoppingSpan.least));
  const error = refusal("unavailable", "The relay is stopping.");
  return { state: { kind: "unreachable", attempt: 1, retryAt, error }, attempt: 1 };
}
