import type { AccountView, ConnectionState } from "../wire/ipc.ts";
import type { Format } from "./format.ts";
import { relayLabel, sentence, type Text } from "./text.ts";

/** What the connection bar says, and the one thing that can be done there. */
export interface ConnectionNotice {
  readonly tone: "quiet" | "waiting" | "bad";
  readonly title: string;
  /** sentences that follow the title */
  readonly details: readonly string[];
  /** the one that changes every second, kept apart so that it is not read aloud every second */
  readonly countdown?: string;
  readonly action: "none" | "retry" | "resume" | "password";
}

type Facts = Pick<AccountView, "name" | "relay" | "connection" | "wish" | "pending">;

/**
 * The connection bar in words; `undefined` when there is nothing to say.
 * @param now milliseconds; only the countdown depends on it
 */
export function connectionNotice(
  account: Facts,
  text: Text,
  format: Format,
  now: number,
): ConnectionNotice | undefined {
  const { connection } = account;
  const relay = relayLabel(account.relay);
  const words = text.connection;
  switch (connection.kind) {
    case "online":
      return undefined;
    case "connecting":
      if (account.wish === "offline") return heldNotice(account, text, []);
      if (connection.attempt <= 1) return undefined;
      return { tone: "waiting", title: words.reconnecting, details: cutDetails(account, text), action: "none" };
    case "held":
      return heldNotice(account, text, [heldWaiting(connection, text, format, now)]);
    case "unreachable":
      return {
        tone: "waiting",
        title: words.unreachable(relay),
        details: [...unreachableReason(connection, account, text), ...cutDetails(account, text)],
        countdown: words.retryIn(Math.max(0, Math.ceil((connection.retryAt - now) / 1_000))),
        action: "retry",
      };
    case "ended":
      return endedNotice(connection, account, text);
  }
}

function heldNotice(account: Facts, text: Text, details: readonly string[]): ConnectionNotice {
  const own = account.pending > 0 ? [text.connection.pendingHeld(account.pending)] : [];
  return { tone: "waiting", title: text.connection.held, details: [...details, ...own], action: "none" };
}

function heldWaiting(
  held: Extract<ConnectionState, { kind: "held" }>,
  text: Text,
  format: Format,
  now: number,
): string {
  if (held.waiting === 0) return text.connection.heldNothing;
  if (held.oldestAt === undefined) return text.connection.heldWaitingCount(held.waiting);
  return text.connection.heldWaiting(held.waiting, format.moment(held.oldestAt, now));
}

function cutDetails(account: Facts, text: Text): string[] {
  return account.pending > 0 ? [text.connection.pendingCut(account.pending)] : [];
}

/** "No answer" is already said by the title; only another reason is worth a sentence. */
function unreachableReason(
  { error }: Extract<ConnectionState, { kind: "unreachable" }>,
  account: Facts,
  text: Text,
): string[] {
  if (error.code === "relay-unreachable" || error.code === "unavailable") return [];
  const { code, message, retryable } = error;
  return [sentence(text, { code, message, retryable }, { name: account.name, relay: relayLabel(account.relay) })];
}

function endedNotice(
  { reason }: Extract<ConnectionState, { kind: "ended" }>,
  account: Facts,
  text: Text,
): ConnectionNotice {
  const words = text.connection;
  const base = { tone: "bad", details: [] } as const;
  switch (reason) {
    case "replaced":
      return { ...base, title: words.replaced, action: "resume" };
    case "revoked":
      return { ...base, title: words.revoked, action: "password" };
    case "token-invalid":
      return { ...base, title: words.tokenInvalid, action: "password" };
    case "signed-out":
      return { ...base, title: words.signedOut, action: "password" };
    case "protocol-unsupported": {
      const error = { code: reason, message: "", retryable: false };
      return {
        ...base,
        title: sentence(text, error, { name: account.name, relay: relayLabel(account.relay) }),
        action: "retry",
      };
    }
  }
}

/** One's own presence, in a word beside one's name. */
export function ownPresence(connection: ConnectionState, away: boolean, text: Text): { word: string; online: boolean } {
  switch (connection.kind) {
    case "online":
      return { word: away ? text.presence.away : text.presence.online, online: true };
    case "held":
      return { word: text.presence.offline, online: false };
    case "connecting":
      return { word: text.own.connecting, online: false };
    case "unreachable":
      return { word: text.own.unreachable, online: false };
    case "ended":
      return { word: text.own.ended, online: false };
  }
}
