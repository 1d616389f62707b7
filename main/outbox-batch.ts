import { type WireError } from "../wire/contract.ts";
import { utf8Length, type MessageId, type Outgoing } from "../wire/model.ts";
import { type SendResult } from "../wire/socket.ts";
import { type OutboxRow, type Verdict } from "./store-outbox.ts";

/** What one request may hold: the session's own limits, never more than this version's. */
export interface BatchLimits {
  readonly messages: number;
  /** bytes of the request as JSON */
  readonly bytes: number;
}

/** room for the event's name, the list's brackets and the longest chain and number */
const requestFrame = 256;
const messageFrame = 192;

/** The longest beginning of `rows` that fits into one request; one message always travels, or it would wait for ever. */
export function takeBatch(rows: readonly OutboxRow[], limits: BatchLimits): OutboxRow[] {
  const batch: OutboxRow[] = [];
  let bytes = requestFrame;
  for (const row of rows) {
    bytes += messageFrame + utf8Length(JSON.stringify([row.body, row.recipient, row.scheme]));
    if (batch.length >= limits.messages || (batch.length > 0 && bytes > limits.bytes)) break;
    batch.push(row);
  }
  return batch;
}

/** codes that speak of one message, not of its recipient: the next one may pass */
const ofOneMessage: ReadonlySet<string> = new Set(["too-long", "invalid"]);

/**
 * What the relay's results mean for the rows of a batch. A row without a result of its own stays (O3). After a refusal
 * the relay gives the later messages to the same recipient the same code (O4); where that code speaks of one message
 * only, the later ones are not guilty and go again.
 */
export function judge(rows: readonly OutboxRow[], results: readonly SendResult[]): Verdict {
  const byId = new Map<MessageId, SendResult>();
  for (const result of results) if (!byId.has(result.id)) byId.set(result.id, result);

  const accepted: Verdict["accepted"][number][] = [];
  const refused: Verdict["refused"][number][] = [];
  const later: Verdict["later"][number][] = [];
  const again: OutboxRow[] = [];
  const refusedFor = new Map<string, string>();
  for (const row of rows) {
    const result = byId.get(row.id);
    if (!result) again.push(row);
    else if (result.ok) accepted.push({ row, acceptedAt: result.acceptedAt });
    else if (result.error.retryable) later.push({ row, error: result.error });
    else if (ofOneMessage.has(result.error.code) && refusedFor.get(row.peer) === result.error.code) again.push(row);
    else {
      refused.push({ row, error: result.error });
      refusedFor.set(row.peer, result.error.code);
    }
  }
  return { accepted, refused, later, again };
}

/** Whether a verdict brought the outbox forward; without progress the same batch must not go again at once. */
export const progressed = (verdict: Verdict): boolean => verdict.accepted.length + verdict.refused.length > 0;

/** The bodies travel in the order in which they were written: what the relay is asked. */
export type Send = (messages: readonly Outgoing[]) => Promise<SendOutcome>;

/** How one `message:send` ended. */
export type SendOutcome =
  | { readonly kind: "answered"; readonly results: readonly SendResult[] }
  /** the request as a whole was refused: nothing of it was looked at */
  | { readonly kind: "refused"; readonly error: WireError }
  /** no answer: it is not known what got there */
  | { readonly kind: "lost" };
