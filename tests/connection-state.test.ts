import { describe, expect, it } from "vitest";
import { backoffMs } from "../main/clock.ts";
import { atRest, retrySpan, step, type ConnectionEvent, type Machine } from "../main/connection-state.ts";
import { refusal } from "../wire/contract.ts";
import { type ConnectionState } from "../wire/ipc.ts";

const now = 100_000;
const moment = { now, random: () => 0 };
const gone = refusal("relay-unreachable", "");
const in_ = (state: ConnectionState, attempt = 1): Machine => ({ state, attempt });
const connecting = (attempt: number): ConnectionState => ({ kind: "connecting", attempt });
const online = (since: number): ConnectionState => ({ kind: "online", since });
const unreachable = (attempt: number): ConnectionState => ({ kind: "unreachable", attempt, retryAt: 1, error: gone });
const ended: ConnectionState = { kind: "ended", reason: "replaced" };

describe("the connection's states", () => {
  const table: [string, Machine, ConnectionEvent, Partial<ConnectionState>][] = [
    ["a start connects", atRest, { kind: "started" }, connecting(1)],
    [
      "a session while connecting",
      in_(connecting(3)),
      { kind: "session-started", held: false, waiting: 2 },
      online(now),
    ],
    [
      "[G6] a session that is offline by choice is held, and knows what waits",
      in_(connecting(1)),
      { kind: "session-started", held: true, waiting: 2 },
      { kind: "held", since: now, waiting: 2 },
    ],
    ["a session after the end is not heard", in_(ended), { kind: "session-started", held: false, waiting: 0 }, ended],
    [
      "a failure waits, and keeps its reason",
      in_(connecting(1)),
      { kind: "failed", error: gone },
      { kind: "unreachable", attempt: 1, retryAt: now + retrySpan.least, error: gone },
    ],
    [
      "the relay's own time to wait is the least",
      in_(connecting(1)),
      { kind: "failed", error: refusal("rate-limited", "", 20_000) },
      { kind: "unreachable", retryAt: now + 20_000 + retrySpan.least },
    ],
    [
      "a relay cannot send an app away for days",
      in_(connecting(1)),
      { kind: "failed", error: refusal("rate-limited", "", 1e12) },
      { kind: "unreachable", retryAt: now + 600_000 + retrySpan.least },
    ],
    ["the wait is over", in_(unreachable(4)), { kind: "retry" }, connecting(5)],
    ["no retry while connecting", in_(connecting(2)), { kind: "retry" }, connecting(2)],
    ["no retry after the end: a person must act", in_(ended), { kind: "retry" }, ended],
    ["a person acts", in_(ended), { kind: "started" }, connecting(1)],
    ["an error of a socket that goes away", in_(ended), { kind: "failed", error: gone }, ended],
    ["a second error of the same loss", in_(unreachable(2)), { kind: "failed", error: gone }, unreachable(2)],
    [
      "a steady session that is lost begins counting anew",
      in_(online(now - 20_000), 7),
      { kind: "failed", error: gone },
      { kind: "unreachable", attempt: 1 },
    ],
    [
      "a session that broke at once does not: a relay that accepts and drops is not hammered",
      in_(online(now - 50), 7),
      { kind: "failed", error: gone },
      { kind: "unreachable", attempt: 7 },
    ],
    [
      "the token is no good",
      in_(connecting(1)),
      { kind: "failed", error: refusal("token-invalid", "") },
      { kind: "ended", reason: "token-invalid" },
    ],
    [
      "this version is too old",
      in_(connecting(1)),
      { kind: "failed", error: refusal("protocol-unsupported", "") },
      { kind: "ended", reason: "protocol-unsupported" },
    ],
    ["replaced", in_(online(1)), { kind: "session-ended", code: "replaced" }, { kind: "ended", reason: "replaced" }],
    ["revoked", in_(online(1)), { kind: "session-ended", code: "revoked" }, { kind: "ended", reason: "revoked" }],
    [
      "a relay that stops is tried again",
      in_(online(1)),
      { kind: "session-ended", code: "relay-stopping" },
      { kind: "unreachable", attempt: 1, retryAt: now + 500 },
    ],
    [
      "nothing to sign in with",
      atRest,
      { kind: "stopped", reason: "token-invalid" },
      { kind: "ended", reason: "token-invalid" },
    ],
    [
      "[G6] offline by choice",
      in_(online(5)),
      { kind: "wish-answered", held: true, waiting: 3 },
      { kind: "held", waiting: 3 },
    ],
    ["a late answer to a wish", in_(unreachable(1)), { kind: "wish-answered", held: true, waiting: 3 }, unreachable(1)],
    [
      "what waits is counted while held",
      in_({ kind: "held", since: 5, waiting: 0 }),
      { kind: "inbox-status", waiting: 4, oldestAt: 9 },
      { kind: "held", since: 5, waiting: 4, oldestAt: 9 },
    ],
    ["and only then", in_(online(5)), { kind: "inbox-status", waiting: 4 }, online(5)],
  ];
  it.each(table)("%s", (_title, machine, event, expected) => {
    expect(step(machine, event, moment).state).toMatchObject(expected);
  });

  it("waits grow with full jitter from half a second to 6 s, so that after any cut heals nobody is asleep for 10 s", () => {
    expect(backoffMs(1, () => 0, retrySpan)).toBe(500);
    expect(backoffMs(1, () => 1, retrySpan)).toBe(1_000);
    expect(backoffMs(4, () => 1, retrySpan)).toBe(6_000);
    expect(backoffMs(4, () => 0.5, retrySpan)).toBe(3_250);
    expect(backoffMs(1_000, () => 1, retrySpan)).toBe(6_000);
  });
});
