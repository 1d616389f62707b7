import { z } from "zod";
import { type WireError } from "../wire/contract.ts";
import { messageId, type FoldedName, type MessageId, type Outgoing, chainId } from "../wire/model.ts";
import { type Change, type Database, type Query } from "./database.ts";
import { type MessageRow, type StoredMessages } from "./store-messages.ts";

const outboxRow = z.object({
  position: z.number(),
  peer: z.string(),
  recipient: z.string(),
  id: messageId,
  sender: z.string(),
  body: z.string(),
  sent_at: z.number(),
  scheme: z.string().nullable(),
  chain: chainId.nullable(),
  number: z.number().nullable(),
  batch: z.number().nullable(),
});
export type OutboxRow = z.infer<typeof outboxRow>;

/** What the relay's answer to one batch means for each of its rows (decided in outbox-batch.ts). */
export interface Verdict {
  readonly accepted: readonly { row: OutboxRow; acceptedAt: number }[];
  /** for good: leaves the outbox, the reason is shown */
  readonly refused: readonly { row: OutboxRow; error: WireError }[];
  /** not now: stays, and shows what it waits for */
  readonly later: readonly { row: OutboxRow; error: WireError }[];
  /** not answered for itself: stays as it was */
  readonly again: readonly OutboxRow[];
}

const selected = `SELECT o.position, o.peer, o.recipient, m.id, m.sender, m.body, m.sent_at, m.scheme, m.chain, m.number, o.batch
  FROM outbox o JOIN messages m ON m.position = o.position`;

/** The durable queue of what the relay has not accepted yet. A row leaves it only by the relay's answer (O3), or when it was withdrawn before it was ever sent. */
export class StoredOutbox {
  readonly #database: Database;
  readonly #messages: StoredMessages;
  readonly #newId: () => string;
  readonly #add: Change;
  readonly #pinned: Query<OutboxRow>;
  readonly #head: Query<OutboxRow>;
  readonly #pin: Change;
  readonly #unpin: Change;
  readonly #remove: Change;
  readonly #withdraw: Change;
  readonly #count: Query<{ count: number }>;
  readonly #stream: Query<{ chain: string; next: number }>;
  readonly #startStream: Change;
  readonly #advanceStream: Change;
  readonly #giveNumber: Change;
  readonly #takeNumbers: Change;
  readonly #rewindStream: Change;
  readonly #emptyStone: Change;

  constructor(database: Database, messages: StoredMessages, newId: () => string) {
    this.#database = database;
    this.#messages = messages;
    this.#newId = newId;
    this.#add = database.change("INSERT INTO outbox (position, peer, recipient) VALUES (?, ?, ?)");
    this.#pinned = database.query(
      outboxRow,
      `${selected} WHERE o.batch = (SELECT min(batch) FROM outbox WHERE batch IS NOT NULL) ORDER BY o.position LIMIT ?`,
    );
    this.#head = database.query(
      outboxRow,
      `${selected} WHERE o.batch IS NULL AND o.peer NOT IN (SELECT value FROM json_each(?)) ORDER BY o.position LIMIT ?`,
    );
    this.#pin = database.change("UPDATE outbox SET batch = ? WHERE position = ?");
    this.#unpin = database.change("UPDATE outbox SET batch = NULL WHERE position = ?");
    this.#remove = database.change("DELETE FROM outbox WHERE position = ?");
    // never numbered is never sent: numbers are given when a batch is formed
    this.#withdraw = database.change(
      "DELETE FROM outbox WHERE position = ? AND batch IS NULL AND (SELECT number FROM messages m WHERE m.position = outbox.position) IS NULL",
    );
    this.#count = database.query(z.object({ count: z.number() }), "SELECT count(*) AS count FROM outbox");
    this.#stream = database.query(
      z.object({ chain: z.string(), next: z.number() }),
      "SELECT chain, next FROM streams WHERE peer = ?",
    );
    this.#startStream = database.change("INSERT INTO streams (peer, chain, next) VALUES (?, ?, 1)");
    this.#advanceStream = database.change("UPDATE streams SET next = next + 1 WHERE peer = ?");
    this.#giveNumber = database.change("UPDATE messages SET chain = ?, number = ? WHERE position = ?");
    this.#takeNumbers = database.change(
      `UPDATE messages SET chain = NULL, number = NULL
       WHERE position IN (SELECT position FROM outbox WHERE peer = ? AND position >= ?)`,
    );
    this.#rewindStream = database.change(
      `UPDATE streams SET next = 1 + coalesce((SELECT max(number) FROM messages m WHERE m.chain = streams.chain AND m.sender = ?), 0)
       WHERE peer = ?`,
    );
    this.#emptyStone = database.change("UPDATE messages SET body = '' WHERE position = ? AND stone = 1");
  }

  /** Puts a message of the log into the queue; within the transaction that stored the message (O1). */
  add(row: MessageRow, peer: FoldedName, recipient: string): void {
    this.#add.run(row.position, peer, recipient);
  }

  /** @returns how many messages wait for the relay's answer */
  count(): number {
    return this.#count.get()?.count ?? 0;
  }

  /**
   * What to send next, oldest first: the batch that may be on its way already, exactly as it was (O2), or else the
   * head of the queue without the recipients that are held back (O4).
   */
  next(most: number, held: readonly string[]): { rows: OutboxRow[]; pinned: boolean } {
    const pinned = this.#pinned.all(most);
    if (pinned.length > 0) return { rows: pinned, pinned: true };
    return { rows: this.#head.all(JSON.stringify(held), most), pinned: false };
  }

  /** Fixes a batch before it goes: each message gets its number once (O9), and the batch stays together until it is answered. */
  form(rows: readonly OutboxRow[]): Outgoing[] {
    const isFixed = rows.every(({ batch, number }) => batch !== null && number !== null);
    const fix = (): Outgoing[] => {
      const batch = rows[0]?.position ?? 0;
      return rows.map((row) => {
        if (row.batch === null) this.#pin.run(batch, row.position);
        return outgoingOf(row, placeOf(row) ?? this.#number(row));
      });
    };
    // nothing to write, no sync
    return isFixed ? fix() : this.#database.transact(fix);
  }

  /** Lets the rows of a batch be grouped anew; they keep their ids and numbers. */
  release(rows: readonly OutboxRow[]): void {
    this.#database.transact(() => {
      for (const row of rows) this.#unpin.run(row.position);
    });
  }

  /** Applies a verdict in one transaction. @returns the messages that look different now */
  settle(verdict: Verdict): MessageRow[] {
    return this.#database.transact(() => {
      const changed: MessageRow[] = [];
      const note = (row: MessageRow | undefined): void => {
        if (row?.stone === 0) changed.push(row);
      };
      for (const { row, acceptedAt } of verdict.accepted) {
        note(this.#hear(row, (known) => this.#messages.hear(known, "accepted", { acceptedAt })));
        this.#leave(row);
      }
      for (const { row, error } of verdict.refused) {
        note(this.#hear(row, (known) => this.#messages.hear(known, "refused", { refusal: error })));
        // the number counts accepted messages only: it and those behind it are given anew (O9)
        this.#takeNumbers.run(row.peer, row.position);
        this.#leave(row);
        this.#rewindStream.run(row.sender, row.peer);
      }
      for (const { row, error } of verdict.later) {
        note(this.#hear(row, (known) => this.#messages.hear(known, "pending", { refusal: error })));
        this.#unpin.run(row.position);
      }
      for (const row of verdict.again) this.#unpin.run(row.position);
      return changed;
    });
  }

  /** Takes back a message that was never part of a batch. @returns whether it was still possible */
  withdraw(position: number): boolean {
    return this.#withdraw.run(position) > 0;
  }

  #hear(row: OutboxRow, hear: (known: MessageRow) => MessageRow | undefined): MessageRow | undefined {
    const known = this.#messages.find(row.sender, row.id);
    return known && hear(known);
  }

  #leave(row: OutboxRow): void {
    this.#remove.run(row.position);
    this.#emptyStone.run(row.position);
  }

  #number(row: OutboxRow): { chain: string; number: number } {
    let stream = this.#stream.get(row.peer);
    if (!stream) {
      stream = { chain: this.#newId(), next: 1 };
      this.#startStream.run(row.peer, stream.chain);
    }
    this.#giveNumber.run(stream.chain, stream.next, row.position);
    this.#advanceStream.run(row.peer);
    return { chain: stream.chain, number: stream.next };
  }
}

/** where a row that was numbered stands in its stream */
const placeOf = ({ chain, number }: OutboxRow): { chain: string; number: number } | undefined =>
  chain !== null && number !== null ? { chain, number } : undefined;

function outgoingOf(row: OutboxRow, place: { chain: string; number: number }): Outgoing {
  const id: MessageId = row.id;
  return {
    id,
    to: row.recipient,
    body: row.body,
    sentAt: row.sent_at,
    chain: chainId.parse(place.chain),
    number: place.number,
    ...(row.scheme !== null && { scheme: row.scheme }),
  };
}
