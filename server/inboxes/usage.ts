import { foldName, type FoldedName } from "../../wire/model.ts";
import { type Appetite, InboxError, type InboxId, type InboxLimits, type Stored, type Waiting } from "../inbox.ts";

/** What one envelope counts for in its inbox. */
export interface Weight {
  /** whose share it counts against; "" for a kind that names nobody */
  readonly origin: FoldedName | "";
  /** bytes as JSON */
  readonly bytes: number;
  /** when, if it is a message: receipts and notices do not count as waiting */
  readonly messageAt: number | undefined;
}

/** A counted total, as an engine finds it on its disk at start or keeps it over a clean stop. */
export interface Share {
  readonly origin: FoldedName | "";
  readonly envelopes: number;
  readonly bytes: number;
}

const smallestBytes = 2 * 1_048_576;
const bytesPerEnvelope = (64 * 1_048_576) / 10_000;

/**
 * The limits of an inbox that holds this many envelopes: 10,000 go with 64 MiB (G8), others in proportion, but never so
 * few bytes that a quarter could not hold the largest envelope (a body may be six times its bytes as JSON).
 */
export function limitsFor(envelopes: number): InboxLimits {
  return { envelopes, bytes: Math.max(smallestBytes, Math.round(envelopes * bytesPerEnvelope)) };
}

/** Whom an envelope is from, in the sense of G8. */
export function originOf(stored: Stored): FoldedName | "" {
  const name: unknown =
    stored.kind === "message" && "from" in stored
      ? stored.from
      : stored.kind === "receipt" && "by" in stored
        ? stored.by
        : stored.kind === "contact" && "name" in stored
          ? stored.name
          : undefined;
  return typeof name === "string" ? foldName(name) : "";
}

/** @param bytes of the envelope as JSON */
export function weigh(stored: Stored, bytes: number): Weight {
  return { origin: originOf(stored), bytes, messageAt: stored.kind === "message" ? stored.at : undefined };
}

interface Held {
  envelopes: number;
  bytes: number;
}

interface Count extends Held {
  readonly origins: Map<string, Held>;
  /** when each waiting message was put, oldest first from `head` on */
  times: number[];
  head: number;
  /** messages whose times are not known: what a broker held before this process */
  estimated: number;
}

/**
 * Counts what every inbox holds and refuses what does not fit (G8). Both engines use it: the answer must not depend on
 * which of them keeps the inbox. A reservation is synchronous, so puts that arrive together cannot both take the last room.
 */
export class InboxUsage {
  readonly #counts = new Map<InboxId, Count>();

  constructor(private readonly limits: InboxLimits) {}

  /** What still fits for this origin: the smaller of the inbox's room and the origin's share. */
  room(inbox: InboxId, origin: FoldedName): Appetite {
    const count = this.#counts.get(inbox);
    const share = this.#share();
    const own = count?.origins.get(origin);
    return {
      envelopes: atLeastZero(
        Math.min(this.limits.envelopes - (count?.envelopes ?? 0), share.envelopes - (own?.envelopes ?? 0)),
      ),
      bytes: atLeastZero(Math.min(this.limits.bytes - (count?.bytes ?? 0), share.bytes - (own?.bytes ?? 0))),
    };
  }

  /**
   * Counts a batch in every inbox or in none.
   * @param origin absent: counted, never refused
   * @throws InboxError `inbox-full`, naming the first inbox that has no room
   */
  reserve(inboxes: readonly InboxId[], weights: readonly Weight[], origin: FoldedName | undefined): void {
    if (origin !== undefined) {
      const bytes = weights.reduce((sum, weight) => sum + weight.bytes, 0);
      for (const inbox of inboxes) {
        const room = this.room(inbox, origin);
        if (room.envelopes < weights.length || room.bytes < bytes) {
          throw new InboxError("inbox-full", inbox, `inbox ${inbox} has no room for ${weights.length} more`);
        }
      }
    }
    for (const inbox of inboxes) this.add(inbox, weights);
  }

  /** Counts what is in an inbox already. */
  add(inbox: InboxId, weights: readonly Weight[]): void {
    const count = this.#count(inbox);
    changeAll(count, weights, 1);
    for (const { messageAt } of weights) if (messageAt !== undefined) count.times.push(messageAt);
  }

  /** Counts what an engine found at start. @param times of the messages among it, oldest first */
  restore(inbox: InboxId, shares: readonly Share[], times: readonly number[]): void {
    const count = this.#count(inbox);
    for (const share of shares) change(count, share.origin, share.envelopes, share.bytes);
    for (const time of times) count.times.push(time);
  }

  /** Counts broker messages of unknown content as one message each, until they are seen. */
  estimate(inbox: InboxId, messages: number): void {
    const count = this.#count(inbox);
    count.estimated += messages;
    count.envelopes += messages;
  }

  /** One estimated broker message was seen to hold this. */
  found(inbox: InboxId, weights: readonly Weight[]): void {
    const count = this.#count(inbox);
    if (count.estimated > 0) {
      count.estimated--;
      count.envelopes--;
    }
    changeAll(count, weights, 1);
    for (const { messageAt } of weights) if (messageAt !== undefined) insertInOrder(count, messageAt);
  }

  /** Settled, or a reservation that came to nothing. */
  subtract(inbox: InboxId, weights: readonly Weight[]): void {
    const count = this.#counts.get(inbox);
    if (!count) return;
    changeAll(count, weights, -1);
    for (const { messageAt } of weights) if (messageAt !== undefined) forgetTime(count, messageAt);
  }

  /** The inbox is gone. */
  forget(inbox: InboxId): void {
    this.#counts.delete(inbox);
  }

  /** Nothing is left that was not counted: whatever was only estimated ends here. */
  drained(inbox: InboxId): void {
    const count = this.#counts.get(inbox);
    if (!count) return;
    count.envelopes = atLeastZero(count.envelopes - count.estimated);
    count.estimated = 0;
  }

  waiting(inbox: InboxId): Waiting {
    const count = this.#counts.get(inbox);
    if (!count) return { count: 0, envelopes: 0 };
    const oldestAt = count.times[count.head];
    return {
      count: count.times.length - count.head + count.estimated,
      envelopes: count.envelopes,
      ...(oldestAt !== undefined && { oldestAt }),
    };
  }

  /** What an engine without a disk of its own keeps over a clean stop. */
  snapshot(inbox: InboxId): { readonly shares: readonly Share[]; readonly times: readonly number[] } {
    const count = this.#counts.get(inbox);
    if (!count) return { shares: [], times: [] };
    const shares = Array.from(count.origins, ([origin, held]) => ({ origin: foldOrNobody(origin), ...held }));
    return { shares, times: count.times.slice(count.head) };
  }

  #share(): InboxLimits {
    return {
      envelopes: Math.max(1, Math.floor(this.limits.envelopes / 4)),
      bytes: Math.floor(this.limits.bytes / 4),
    };
  }

  #count(inbox: InboxId): Count {
    const found = this.#counts.get(inbox);
    if (found) return found;
    const made: Count = { envelopes: 0, bytes: 0, origins: new Map(), times: [], head: 0, estimated: 0 };
    this.#counts.set(inbox, made);
    return made;
  }
}

const atLeastZero = (n: number) => Math.max(0, n);
const foldOrNobody = (origin: string): FoldedName | "" => (origin === "" ? "" : foldName(origin));

/** Neighbours of one origin, which most batches are, are one change. */
function changeAll(count: Count, weights: readonly Weight[], sign: 1 | -1): void {
  let envelopes = 0;
  let bytes = 0;
  for (const [i, weight] of weights.entries()) {
    envelopes++;
    bytes += weight.bytes;
    if (weights[i + 1]?.origin === weight.origin) continue;
    change(count, weight.origin, sign * envelopes, sign * bytes);
    envelopes = 0;
    bytes = 0;
  }
}

function change(count: Count, origin: string, envelopes: number, bytes: number): void {
  count.envelopes = atLeastZero(count.envelopes + envelopes);
  count.bytes = atLeastZero(count.bytes + bytes);
  const held = count.origins.get(origin) ?? { envelopes: 0, bytes: 0 };
  held.envelopes = atLeastZero(held.envelopes + envelopes);
  held.bytes = atLeastZero(held.bytes + bytes);
  if (held.envelopes === 0) count.origins.delete(origin);
  else count.origins.set(origin, held);
}

/** What is settled is nearly always the oldest; what a failed put takes back is nearly always the newest. */
function forgetTime(count: Count, time: number): void {
  if (count.times[count.head] === time) {
    count.head++;
    if (count.head > 1_024 && count.head * 2 > count.times.length) {
      count.times = count.times.slice(count.head);
      count.head = 0;
    }
    return;
  }
  const index = count.times.lastIndexOf(time);
  if (index >= count.head) count.times.splice(index, 1);
}

function insertInOrder(count: Count, time: number): void {
  let index = count.times.length;
  while (index > count.head && (count.times[index - 1] ?? 0) > time) index--;
  count.times.splice(index, 0, time);
}
