import { Kysely, type Migration, sql } from "kysely";
import { z } from "zod";
import { type Share } from "../usage.ts";
import { foldName } from "../../../wire/model.ts";
import { Reserve } from "./reserve.ts";
import { migrate, openSqlite, pragma, type Sqlite, sqliteCode, sqliteDialect, sqliteFull } from "../../sqlite.ts";

/** Envelopes that were put together, alike in origin and time: one row, because a row costs more than what is in it. */
export interface Row {
  readonly origin: string;
  readonly count: number;
  /** of all envelopes as JSON, without what is between them */
  readonly bytes: number;
  /** null: no messages */
  readonly messageAt: number | null;
  /** `count` lines: JSON has no line break of its own */
  readonly json: string;
}

/** A row as it is read back: its envelopes have the numbers from `seq` on. */
export interface StoredRow extends Row {
  readonly seq: number;
}

/** The envelopes of a row. A single one is not looked into: it may be no JSON, and have line breaks. */
export const linesOf = ({ count, json }: Pick<Row, "count" | "json">): string[] =>
  count === 1 ? [json] : json.split("\n");

export type Command =
  | { readonly kind: "open"; readonly inbox: number; readonly name: string }
  /** the envelopes get `seq` and the numbers after it, in each of the inboxes */
  | { readonly kind: "put"; readonly inboxes: readonly number[]; readonly seq: number; readonly rows: readonly Row[] }
  /** `partly`: the row with `upTo` may have more behind it */
  | { readonly kind: "settle"; readonly inbox: number; readonly upTo: number; readonly partly: boolean }
  /** one envelope out of the middle: it was parked (I12) */
  | { readonly kind: "drop"; readonly inbox: number; readonly seq: number }
  | {
      readonly kind: "read";
      readonly inbox: number;
      readonly after: number;
      /** at least, if there are as many */
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
  "002-several-a-row": {
    async up(db) {
      await sql`alter table envelope add column count integer not null default 1`.execute(db);
    },
  },
};

const columns = `seq, count, origin, bytes, message_at AS "messageAt", json`;

const storedRow = z.object({
  seq: z.number(),
  origin: z.string(),
  count: z.number(),
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
        "INSERT INTO envelope (inbox, seq, count, origin, bytes, message_at, json) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ),
      settle: sqlite.prepare("DELETE FROM envelope WHERE inbox = ? AND seq <= ? AND seq + count - 1 <= ?"),
      drop: sqlite.prepare("DELETE FROM envelope WHERE inbox = ? AND seq = ?"),
      holding: sqlite.prepare(`SELECT ${columns} FROM envelope WHERE inbox = ? AND seq <= ? ORDER BY seq DESC LIMIT 1`),
      read: sqlite.prepare(`SELECT ${columns} FROM envelope WHERE inbox = ? AND seq > ? ORDER BY seq LIMIT ?`),
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
      "SELECT inbox, origin, sum(count) AS envelopes, sum(bytes) AS bytes FROM envelope GROUP BY inbox, origin";
    for (const { inbox, origin, ...held } of all(counts, counted)) {
      append(shares, inbox, { origin: origin === "" ? "" : foldName(origin), ...held });
    }
    const times = new Map<number, number[]>();
    const timed = z.object({ inbox: z.number(), at: z.number(), count: z.number() });
    const dates =
      "SELECT inbox, message_at AS at, count FROM envelope WHERE message_at IS NOT NULL ORDER BY inbox, seq";
    for (const { inbox, at, count } of all(dates, timed)) for (let i = 0; i < count; i++) append(times, inbox, at);
    const last = "SELECT coalesce(max(seq + count - 1), 0) AS seq FROM envelope";
    const [newest] = all(last, z.object({ seq: z.number() }));
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
    const { open, settle, empty, remove } = this.#statements;
    switch (command.kind) {
      case "open":
        open.run(command.inbox, command.name);
        break;
      case "put":
        for (const inbox of command.inboxes) {
          let seq = command.seq;
          for (const row of command.rows) {
            this.#insert(inbox, seq, row);
            seq += row.count;
          }
        }
        break;
      case "settle":
        settle.run(command.inbox, command.upTo, command.upTo);
        if (command.partly) this.#cut(command.inbox, 0, command.upTo);
        break;
      case "drop":
        this.#cut(command.inbox, command.seq, command.seq);
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

  #insert(inbox: number, seq: number, { count, origin, bytes, messageAt, json }: Row): void {
    this.#statements.put.run(inbox, seq, count, origin, bytes, messageAt, json);
  }

  /** Takes the envelopes from one number to another out of the row that holds the latter. */
  #cut(inbox: number, from: number, to: number): void {
    const found: unknown = this.#statements.holding.get(inbox, to);
    if (found === undefined) return;
    const row = storedRow.parse(found);
    if (row.seq + row.count <= to) return;
    this.#statements.drop.run(inbox, row.seq);
    if (row.count === 1) return;
    const lines = linesOf(row);
    const keep = (part: readonly string[], seq: number): void => {
      if (part.length === 0) return;
      const bytes = part.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
      this.#insert(inbox, seq, { ...row, count: part.length, bytes, json: part.join("\n") });
    };
    keep(lines.slice(0, Math.max(0, from - row.seq)), row.seq);
    keep(lines.slice(to - row.seq + 1), to + 1);
  }

  #read(command: Command & { kind: "read" }): Result {
    const rows: StoredRow[] = [];
    let bytes = 0;
    let envelopes = 0;
    for (const found of this.#statements.read.iterate(command.inbox, command.after, command.envelopes)) {
      const row = storedRow.parse(found);
      const enough = envelopes >= command.envelopes || bytes + row.bytes > command.bytes;
      if (rows.length > 0 && enough) return { kind: "page", rows, last: false };
      rows.push(row);
      bytes += row.bytes;
      envelopes += row.count;
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
