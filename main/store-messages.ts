import { z } from "zod";
import { wireError, type WireError } from "../wire/contract.ts";
import { type MessageView } from "../wire/ipc.ts";
import { advance, messageStatus, type MessageStatus } from "../wire/message-status.ts";
import { messageId, type FoldedName, type MessageId } from "../wire/model.ts";
import { type Change, type Database, type Query } from "./database.ts";

const flag = z.literal([0, 1]);
const optional = <T extends z.ZodType>(type: T) => type.nullable().transform((value) => value ?? undefined);

const messageRow = z.object({
  position: z.number(),
  peer: z.string(),
  sender: z.string(),
  sender_name: z.string(),
  id: messageId,
  mine: flag,
  body: z.string(),
  sent_at: z.number(),
  accepted_at: optional(z.number()),
  status: messageStatus,
  refusal: optional(z.string()),
  number: optional(z.number()),
  unread: flag,
  stone: flag,
  missing: z.number(),
});
export type MessageRow = z.infer<typeof messageRow>;

const columns =
  "position, peer, sender, sender_name, id, mine, body, sent_at, accepted_at, status, refusal, number, unread, stone";

/** How many of the stream never came between the message before and this one, where the stream is being followed (O9). */
const missing = `coalesce((SELECT m.number - 1 - max(p.number) FROM messages p, chains c
  WHERE m.mine = 0 AND c.chain = m.chain AND c.sender = m.sender AND m.number > c.first
    AND p.chain = m.chain AND p.sender = m.sender AND p.number < m.number), 0) AS missing`;
const fresh = `${columns}, 0 AS missing`;
const kept = `${columns}, ${missing}`;

/** A message that is new on this device. */
export interface NewMessage {
  readonly peer: FoldedName;
  readonly sender: FoldedName;
  readonly senderName: string;
  readonly id: MessageId;
  readonly mine: boolean;
  readonly body: string;
  readonly scheme?: string | undefined;
  readonly sentAt: number;
  readonly acceptedAt?: number | undefined;
  readonly status: MessageStatus;
  readonly chain?: string | undefined;
  readonly number?: number | undefined;
  readonly unread: boolean;
}

/** How a row is shown. */
export function viewOf(row: MessageRow): MessageView {
  return {
    position: row.position,
    id: row.id,
    with: row.peer,
    from: row.sender_name,
    mine: row.mine === 1,
    body: row.body,
    sentAt: row.sent_at,
    ...(row.accepted_at !== undefined && { acceptedAt: row.accepted_at }),
    status: row.status,
    ...(row.refusal !== undefined && { refusal: readRefusal(row.refusal) }),
    unread: row.unread === 1,
    ...(row.missing > 0 && { missingBefore: row.missing }),
  };
}

const readRefusal = (json: string): WireError => wireError.parse(JSON.parse(json));

const wait = z.object({ count: z.number(), since: z.number().nullable() });
type Wait = z.infer<typeof wait>;

const anyOf = (row: Wait | undefined): { count: number; since: number } | undefined =>
  row && row.count > 0 ? { count: row.count, since: row.since ?? 0 } : undefined;

/** The log of one account: every message it knows, by order of arrival, and the stones of those deleted here. */
export class StoredMessages {
  readonly #insert: Query<MessageRow>;
  readonly #find: Query<MessageRow>;
  readonly #page: Query<MessageRow>;
  readonly #pageAfter: Query<MessageRow>;
  readonly #update: Change;
  readonly #bury: Query<MessageRow>;
  readonly #shown: Query<MessageRow>;
  readonly #readElsewhere: Query<MessageRow>;
  readonly #owed: Query<{ id: MessageId }>;
  readonly #owedPeers: Query<{ peer: string }>;
  readonly #reported: Change;
  readonly #last: Query<MessageRow>;
  readonly #unread: Query<{ count: number }>;
  readonly #unreadInAll: Query<{ count: number }>;
  readonly #ownBy: Query<{ status: MessageStatus; count: number }>;
  readonly #waiting: Query<Wait>;
  readonly #pending: Query<Wait>;

  constructor(database: Database) {
    this.#insert = database.query(
      messageRow,
      `INSERT INTO messages (peer, sender, sender_name, id, mine, body, scheme, sent_at, accepted_at, status, chain, number, unread)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, sender) DO NOTHING RETURNING ${fresh}`,
    );
    this.#find = database.query(messageRow, `SELECT ${kept} FROM messages m WHERE id = ? AND sender = ?`);
    this.#page = database.query(
      messageRow,
      `SELECT ${kept} FROM messages m WHERE peer = ? AND position < ? AND stone = 0 ORDER BY position DESC LIMIT ?`,
    );
    this.#pageAfter = database.query(
      messageRow,
      `SELECT ${kept} FROM messages m WHERE peer = ? AND position > ? AND stone = 0 ORDER BY position LIMIT ?`,
    );
    this.#update = database.change("UPDATE messages SET status = ?, accepted_at = ?, refusal = ? WHERE position = ?");
    // The body stays while the outbox may need it; `StoredOutbox` empties it when the relay has answered.
    this.#bury = database.query(
      messageRow,
      `UPDATE messages SET stone = 1, unread = 0, read_owed = 0, refusal = NULL,
         body = CASE WHEN position IN (SELECT position FROM outbox) THEN body ELSE '' END
       WHERE id = ? AND sender = ? AND stone = 0 RETURNING ${fresh}`,
    );
    this.#shown = database.query(
      messageRow,
      `UPDATE messages SET unread = 0, read_owed = 1 WHERE peer = ? AND position <= ? AND unread = 1 RETURNING ${fresh}`,
    );
    this.#readElsewhere = database.query(
      messageRow,
      `UPDATE messages SET unread = 0, read_owed = 0 WHERE id = ? AND mine = 0 AND (unread = 1 OR read_owed = 1) RETURNING ${fresh}`,
    );
    this.#owed = database.query(
      z.object({ id: messageId }),
      "SELECT id FROM messages WHERE peer = ? AND read_owed = 1 ORDER BY position LIMIT ?",
    );
    this.#owedPeers = database.query(
      z.object({ peer: z.string() }),
      "SELECT DISTINCT peer FROM messages WHERE read_owed = 1",
    );
    this.#reported = database.change("UPDATE messages SET read_owed = 0 WHERE id = ? AND sender = ?");
    this.#last = database.query(
      messageRow,
      `SELECT ${kept} FROM messages m WHERE peer = ? AND stone = 0 ORDER BY position DESC LIMIT 1`,
    );
    this.#unread = database.query(
      z.object({ count: z.number() }),
      "SELECT count(*) AS count FROM messages WHERE peer = ? AND unread = 1",
    );
    this.#pending = database.query(
      wait,
      `SELECT count(*) AS count, min(sent_at) AS since FROM outbox o JOIN messages m USING (position)
       WHERE o.peer = ? AND m.stone = 0`,
    );
    this.#unreadInAll = database.query(
      z.object({ count: z.number() }),
      "SELECT count(*) AS count FROM messages WHERE unread = 1",
    );
    this.#ownBy = database.query(
      z.object({ status: messageStatus, count: z.number() }),
      "SELECT status, count(*) AS count FROM messages WHERE mine = 1 AND stone = 0 GROUP BY status",
    );
    this.#waiting = database.query(
      wait,
      // the index named: SQLite would go through everything that came after what has arrived
      `SELECT count(*) AS count, min(accepted_at) AS since FROM messages INDEXED BY messages_waiting
       WHERE peer = ?1 AND mine = 1 AND status = 'accepted' AND stone = 0 AND position > coalesce(
         (SELECT max(position) FROM messages
          WHERE peer = ?1 AND mine = 1 AND status IN ('delivered', 'read') AND stone = 0), 0)`,
    );
  }

  /** Adds a message; `undefined` when its key is here already, as a message or as a stone (G2, O5, O8). */
  add(message: NewMessage): MessageRow | undefined {
    return this.#insert.get(
      message.peer,
      message.sender,
      message.senderName,
      message.id,
      message.mine ? 1 : 0,
      message.body,
      message.scheme ?? null,
      message.sentAt,
      message.acceptedAt ?? null,
      message.status,
      message.chain ?? null,
      message.number ?? null,
      message.unread ? 1 : 0,
    );
  }

  find(sender: string, id: MessageId): MessageRow | undefined {
    return this.#find.get(id, sender);
  }

  /** A page of the log, oldest first, of what came before `before`. */
  page(peer: string, limit: number, before = Number.MAX_SAFE_INTEGER): { messages: MessageRow[]; more: boolean } {
    const rows = this.#page.all(peer, before, limit + 1);
    return { messages: rows.slice(0, limit).reverse(), more: rows.length > limit };
  }

  /** A page of the log, oldest first, of what came after `after`. */
  pageAfter(peer: string, limit: number, after: number): { messages: MessageRow[]; newer: boolean } {
    const rows = this.#pageAfter.all(peer, after, limit + 1);
    return { messages: rows.slice(0, limit), newer: rows.length > limit };
  }

  /**
   * What was heard about a message: its status only moves up (O6).
   * @returns the row as it is now; `undefined` when the word changed nothing
   */
  hear(
    row: MessageRow,
    heard: MessageStatus,
    word: { acceptedAt?: number; refusal?: WireError } = {},
  ): MessageRow | undefined {
    const status = advance(row.status, heard);
    // a reason is shown while the message waits or is refused, and not a moment longer
    const refusal = status === heard && word.refusal ? JSON.stringify(word.refusal) : undefined;
    const accepted_at = row.accepted_at ?? word.acceptedAt;
    if (status === row.status && refusal === row.refusal && accepted_at === row.accepted_at) return undefined;
    this.#update.run(status, accepted_at ?? null, refusal ?? null, row.position);
    return { ...row, status, refusal, accepted_at };
  }

  /** Leaves a stone (O8). `undefined` when there is no such message or it is a stone already. */
  bury(sender: string, id: MessageId): MessageRow | undefined {
    return this.#bury.get(id, sender);
  }

  /** Marks what was shown up to a position; the reader owes its sender a report, which survives a restart (G7). */
  shown(peer: string, position: number): MessageRow[] {
    return this.#shown.all(peer, position);
  }

  /** Another device of this account has shown it and reported it. */
  readElsewhere(id: MessageId): MessageRow | undefined {
    return this.#readElsewhere.get(id);
  }

  owedReads(peer: string, limit: number): MessageId[] {
    return this.#owed.all(peer, limit).map(({ id }) => id);
  }

  owedPeers(): string[] {
    return this.#owedPeers.all().map(({ peer }) => peer);
  }

  reported(peer: string, ids: readonly MessageId[]): void {
    for (const id of ids) this.#reported.run(id, peer);
  }

  last(peer: string): MessageRow | undefined {
    return this.#last.get(peer);
  }

  unread(peer: string): number {
    return this.#unread.get(peer)?.count ?? 0;
  }

  unreadInAll(): number {
    return this.#unreadInAll.get()?.count ?? 0;
  }

  /** own messages by how far they have come */
  ownByStatus(): ReadonlyMap<MessageStatus, number> {
    return new Map(this.#ownBy.all().map(({ status, count }) => [status, count]));
  }

  /**
   * Own messages that the relay has accepted and nobody has fetched yet, and since when. In order (G3) means that none of
   * them is older than one that has arrived: such a one was taken without a receipt, or was written to somebody who blocked.
   */
  waiting(peer: string): { count: number; since: number } | undefined {
    return anyOf(this.#waiting.get(peer));
  }

  /** own messages that the relay has not accepted yet, and since when */
  pending(peer: string): { count: number; since: number } | undefined {
    return anyOf(this.#pending.get(peer));
  }
}
