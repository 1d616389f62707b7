import { Kysely, type Migration, sql } from "kysely";
import { z } from "zod";
import { type Share } from "../usage.ts";
import { foldName } from "../../../wire/model.ts";
import { Reserve } from "./reserve.ts";
import { migrate, openSqlite, pragma, type Sqlite, sqliteCode, sqliteDialect, sqliteFull } from "../../sqlite.ts";

/** One envelope as the table keeps it. */
export interface Row {
  readonly origin: string;
  readonly bytes: number;
  /** null: not a message */
  readonly messageAt: number | null;
  readonly json: string;
}

/** One envelope as it is read back. */
export interface StoredRow extends Row {
  readonly seq: number;
}

export type Command =
  | { readonly kind: "open"; readonly inbox: number; readonly name: string }
  /** the i-th row gets `seq + i` in each of the inboxes */
  | { readonly kind: "put"; readonly inboxes: readonly number[]; readonly seq: number; readonly rows: readonly Row[] }
  | { readonly kind: "settle"; readonly inbox: number; readonly upTo: number }
  /** one envelope out of the middle: it was parked (I12) */
  | { readonly kind: "drop"; readonly inbox: number; readonly seq: number }
  | {
      readonly kind: "read";
      readonly inbox: number;
      readonly after: number;
      readonly envelopes: number;
      readonly bytes: number;
    }
  | { readonly kind: "remove"; readonly inbox: number }
  /** is there room again? asked from time to time while puts are refused */
  | { readonly kind: "restore" };

export type Result =
  | { readonly kind: "done" }
  /** `last`: nothing is behind these rows */
  | { readonly kind: "page"; readonly rows: readonly StoredRow[]; readonly last: boolean }
  /** not stored: the disk is full, or the group could not be committed */
  | { readonly kind: "refused"; readonly reason: string };

/** What one group of commands came to: a result per command, in order. `full`: puts are refused until there is room. */
export interface GroupResult {
  readonly results: readonly Result[];
  readonly full: boolean;
}

/** What the table holds when it is opened. */
export interface FoundInbox {
  readonly inbox: number;
  readonly name: string;
  readonly shares: readonly Share[];
  /** of the messages in it, oldest first */
  readonly times: readonly number[];
}

export interface Found {
  readonly inboxes: readonly FoundInbox[];
  readonly nextInbox: number;
  readonly nextSeq: number;
  readonly full: boolean;
}

export interface TableOptions {
  readonly file: string;
  /** of the reserve (reserve.ts) */
  readonly reserveBytes: number;
}

const pageBytes = 4_096;

const migrations: Record<string, Migration> = {
  "001-inboxes": {
    async up(db) {
      await sql`create table inbox (id integer primary key, name text not null unique) strict`.execute(db);
      // clustered by inbox: one inbox's envelopes lie together, so a page is read and a batch settled in few pages
      await sql`create table envelope (inbox integer not null, seq integer not null, origin text not null, bytes integer not null,
        message_at integer, json text not null, primary key (inbox, seq)) strict, without rowid`.execute(db);
    },
  },
};

const storedRow = z.object({
  seq: z.number(),
  origin: z.string(),
  bytes: z.number(),
  messageAt: z.number().nullable(),
  json: z.string(),
});

/**
 * Opens the table, creating or upgrading its schema.
 * @param opened is shown the database, so that a simulator can make it fail
 * @throws SqliteOpenError
 */
export async function openInboxTable(
  options: TableOptions,
  opened: (sqlite: Sqlite) => void = () => undefined,
): Promise<InboxTable> {
  const sqlite = openSqlite(options.file, { exclusive: true, shrinks: true });
  try {
    opened(sqlite);
    await migrate(new Kysely<unknown>({ dialect: sqliteDialect(sqlite) }), migrations);
    return new InboxTable(sqlite, new Reserve(`${options.file}.reserve`, options.reserveBytes));
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/**
 * The embedded inboxes' storage: applies groups of commands, each group one transaction (group commit).
 * Synchronous and without timers, so it runs in a thread, and in a simulator without one.
 */
export class InboxTable {
  readonly #statements;
  #full = false;

  constructor(
    private readonly sqlite: Sqlite,
    /** a simulator brings its own */
    private readonly reserve: Pick<Reserve, "bytes" | "keep" | "giveUp">,
  ) {
    // A checkpoint may have to grow the database by as much as the log holds: half of the reserve must be enough for that.
    const pages = Math.max(16, Math.min(1_000, Math.floor(reserve.bytes / 2 / pageBytes)));
    sqlite.exec(`PRAGMA wal_autocheckpoint = ${pages}`);
    this.#statements = {
      open: sqlite.prepare("INSERT INTO inbox (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"),
      put: sqlite.prepare(
        "INSERT INTO envelope (inbox, seq, origin, bytes, message_at, json) VALUES (?, ?, ?, ?, ?, ?)",
      ),
      settle: sqlite.prepare("DELETE FROM envelope WHERE inbox = ? AND seq <= ?"),
      drop: sqlite.prepare("DELETE FROM envelope WHERE inbox = ? AND seq = ?"),
      read: sqlite.prepare(
        `SELECT seq, origin, bytes, message_at AS "messageAt", json FROM envelope WHERE inbox = ? AND seq > ? ORDER BY seq LIMIT ?`,
      ),
      empty: sqlite.prepare("DELETE FROM envelope WHERE inbox = ?"),
      remove: sqlite.prepare("DELETE FROM inbox WHERE id = ?"),
    };
    this.#full = !this.reserve.keep();
  }

  /** What is in it now. Asked once, after opening. */
  found(): Found {
    const all = <T>(text: string, shape: z.ZodType<T>): T[] => z.array(shape).parse(this.sqlite.prepare(text).all());
    const inboxes = all("SELECT id, name FROM inbox ORDER BY id", z.object({ id: z.number(), name: z.string() }));
    const shares = new Map<number, Share[]>();
    const counted = z.object({ inbox: z.number(), origin: z.string(), envelopes: z.number(), bytes: z.number() });
    const counts =
      "SELECT inbox, origin, count(*) AS envelopes, sum(bytes) AS bytes FROM envelope GROUP BY inbox, origin";
    for (const { inbox, origin, ...held } of all(counts, counted)) {
      append(shares, inbox, { origin: origin === "" ? "" : foldName(origin), ...held });
    }
    const times = new Map<number, number[]>();
    const timed = z.object({ inbox: z.number(), at: z.number() });
    const dates = "SELECT inbox, message_at AS at FROM envelope WHERE message_at IS NOT NULL ORDER BY inbox, seq";
    for (const { inbox, at } of all(dates, timed)) append(times, inbox, at);
    const [newest] = all("SELECT coalesce(max(seq), 0) AS seq FROM envelope", z.object({ seq: z.number() }));
    return {
      inboxes: inboxes.map(({ id, name }) => ({
        inbox: id,
        name,
        shares: shares.get(id) ?? [],
        times: times.get(id) ?? [],
      })),
      nextInbox: (inboxes.at(-1)?.id ?? 0) + 1,
      nextSeq: (newest?.seq ?? 0) + 1,
      full: this.#full,
    };
  }

  /** Applies a group as one transaction, durable when this returns. Never throws for a full or failing disk. */
  apply(group: readonly Command[]): GroupResult {
    if (!this.#full) {
      try {
        return { results: this.#commit(group, () => undefined), full: false };
      } catch (error) {
        if (sqliteCode(error) !== sqliteFull) return refuseAll(group, error);
        this.#full = true;
        this.reserve.giveUp();
      }
    }
    // what makes an inbox smaller goes on from the reserve; what makes it larger is refused (G5, I13)
    const diskFull: Result = { kind: "refused", reason: "the disk is full" };
    try {
      const results = this.#commit(group, (command) => (grows(command) ? diskFull : undefined));
      if (group.some((command) => command.kind === "restore")) this.#restore();
      return { results, full: this.#full };
    } catch (error) {
      return { ...refuseAll(group, error), full: true };
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (this.sqlite.isOpen) this.sqlite.close();
  }

  #commit(group: readonly Command[], instead: (command: Command) => Result | undefined): Result[] {
    this.sqlite.exec("BEGIN IMMEDIATE");
    try {
      const results = group.map((command) => instead(command) ?? this.#run(command));
      this.sqlite.exec("COMMIT");
      return results;
    } catch (error) {
      // SQLite has rolled back by itself after some errors
      if (this.sqlite.isTransaction) this.sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  #run(command: Command): Result {
    const { open, put, settle, drop, empty, remove } = this.#statements;
    switch (command.kind) {
      case "open":
        open.run(command.inbox, command.name);
        break;
      case "put":
        for (const inbox of command.inboxes) {
          let seq = command.seq;
          for (const row of command.rows) put.run(inbox, seq++, row.origin, row.bytes, row.messageAt, row.json);
        }
        break;
      case "settle":
        settle.run(command.inbox, command.upTo);
        break;
      case "drop":
        drop.run(command.inbox, command.seq);
        break;
      case "remove":
        empty.run(command.inbox);
        remove.run(command.inbox);
        break;
      case "read":
        return this.#read(command);
      case "restore":
        break;
    }
    return { kind: "done" };
  }

  #read(command: Command & { kind: "read" }): Result {
    const rows: StoredRow[] = [];
    let bytes = 0;
    for (const found of this.#statements.read.iterate(command.inbox, command.after, command.envelopes)) {
      const row = storedRow.parse(found);
      if (rows.length > 0 && bytes + row.bytes > command.bytes) return { kind: "page", rows, last: false };
      rows.push(row);
      bytes += row.bytes;
    }
    return { kind: "page", rows, last: rows.length < command.envelopes };
  }

  /** Gives free pages back to the disk, and takes the reserve again if it is there. */
  #restore(): void {
    try {
      this.sqlite.exec("PRAGMA incremental_vacuum");
      pragma(this.sqlite, "wal_checkpoint(TRUNCATE)");
    } catch (error) {
      if (sqliteCode(error) !== sqliteFull) throw error;
    }
    if (this.reserve.keep()) this.#full = false;
  }
}

const grows = (command: Command): boolean => command.kind === "put" || command.kind === "open";

function refuseAll(group: readonly Command[], error: unknown): GroupResult {
  const reason = error instanceof Error ? error.message : String(error);
  return { results: group.map(() => ({ kind: "refused", reason })), full: false };
}

function append<T>(map: Map<number, T[]>, key: number, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
