import { hash } from "node:crypto";
import { z } from "zod";
import { foldName, type MessageId, messageId, type Outgoing } from "../wire/model.ts";
import { type Database } from "./database.ts";
import { inboxId, type InboxId } from "./inbox.ts";

/** What two messages with one id are told apart by. */
type Words = Pick<Outgoing, "to" | "body">;
/** A short text is cheaper to keep than to digest: only the last batch is kept, and most messages are short. */
type Kept = { readonly words: Words } | { readonly digest: string };
export type Accepted = Kept & { readonly acceptedAt: number };
export type Remembered = ReadonlyMap<MessageId, Accepted>;

const keptBatch = z.array(z.tuple([messageId, z.string(), z.number()]));

const shortBody = 256;

const digest = ({ to, body }: Words): string => hash("sha1", `${foldName(to)}\n${body}`, "base64");

/** What is remembered of an accepted message: enough to know it again. */
export function keep(message: Outgoing): Kept {
  const { to, body } = message;
  return body.length <= shortBody ? { words: { to, body } } : { digest: digest(message) };
}

/** Whether a message that came again under its id is the same one (`invalid` otherwise). */
export const isSame = (one: Words, other: Words): boolean =>
  one.body === other.body && foldName(one.to) === foldName(other.to);
export const isKept = (kept: Kept, message: Outgoing): boolean =>
  "words" in kept ? isSame(kept.words, message) : kept.digest === digest(message);

const nothing: Remembered = new Map();

/**
 * The last accepted batch of each device, so that one sent again after a lost answer is accepted again, whatever changed since.
 * Kept in memory and over a planned stop. After a crash it starts empty: a repetition is then put a second time, and the reader drops it (G2).
 */
export class LastBatches {
  readonly #batches = new Map<InboxId, Remembered>();

  private constructor(private readonly database: Database) {}

  static async open(database: Database): Promise<LastBatches> {
    const last = new LastBatches(database);
    for (const row of await database.selectFrom("last_batch").selectAll().execute()) {
      const accepted = new Map<MessageId, Accepted>();
      for (const [id, digest, acceptedAt] of keptBatch.parse(JSON.parse(row.accepted))) {
        accepted.set(id, { digest, acceptedAt });
      }
      last.#batches.set(inboxId(row.inbox_id), accepted);
    }
    // what a crash later makes untrue must not be there then
    await database.deleteFrom("last_batch").execute();
    return last;
  }

  of(inbox: InboxId): Remembered {
    return this.#batches.get(inbox) ?? nothing;
  }

  remember(inbox: InboxId, accepted: Remembered): void {
    if (accepted.size > 0) this.#batches.set(inbox, accepted);
  }

  forget(inbox: InboxId): void {
    this.#batches.delete(inbox);
  }

  async close(): Promise<void> {
    const rows = [...this.#batches].map(([inbox_id, batch]) => ({
      inbox_id,
      accepted: JSON.stringify(
        Array.from(batch, ([id, kept]) => [id, "words" in kept ? digest(kept.words) : kept.digest, kept.acceptedAt]),
      ),
    }));
    await this.database.transaction().execute(async (change) => {
      for (const row of rows) await change.insertInto("last_batch").values(row).execute();
    });
    this.#batches.clear();
  }
}
