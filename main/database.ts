import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type z } from "zod";
import { Refusal } from "../wire/contract.ts";

export type SqlValue = string | number | null;

/** SQLite below this can lose committed writes (WAL reset) or be crashed by a crafted file. */
const oldestSqlite = [3, 53, 3] as const;

/** Whether an error means that the file itself is damaged or is no database (SQLITE_CORRUPT, SQLITE_NOTADB). */
export function isDamage(error: unknown): boolean {
  const primary = sqliteCode(error);
  return primary === 11 || primary === 26;
}

/** SQLite's primary result code; `undefined` when the error is not SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Says that a damaged file was found; `open` in store.ts sets it aside. */
export class DamagedDatabase extends Error {
  override readonly name = "DamagedDatabase";
}

/** Runs one statement; told of its error before it is thrown on. */
type Guard = <T>(work: () => T) => T;

/** A prepared statement that gives rows, each checked against its schema. */
export class Query<Row> {
  readonly #statement: StatementSyncInstance;
  readonly #row: z.ZodType<Row>;
  readonly #guard: Guard;

  constructor(statement: StatementSyncInstance, row: z.ZodType<Row>, guard: Guard) {
    this.#statement = statement;
    this.#row = row;
    this.#guard = guard;
  }

  get(...values: SqlValue[]): Row | undefined {
    const row: unknown = this.#guard((): unknown => this.#statement.get(...values));
    return row === undefined ? undefined : this.#row.parse(row);
  }

  all(...values: SqlValue[]): Row[] {
    return this.#guard((): unknown[] => this.#statement.all(...values)).map((row: unknown) => this.#row.parse(row));
  }
}

/** A prepared statement that changes rows. */
export class Change {
  readonly #statement: StatementSyncInstance;
  readonly #guard: Guard;

  constructor(statement: StatementSyncInstance, guard: Guard) {
    this.#statement = statement;
    this.#guard = guard;
  }

  /** @returns how many rows it changed */
  run(...values: SqlValue[]): number {
    return this.#guard(() => this.#statement.run(...values)).changes;
  }
}

/**
 * One SQLite file, one connection (two on one file have lost a log under each other). The only file that knows the driver:
 * once the oldest Node and Electron carry `node:sqlite`, it is one import to change.
 */
export class Database {
  readonly file: string;
  readonly #connection: DatabaseSyncInstance;
  #depth = 0;

  /**
   * Opens or creates the file, and asserts what the promise rests on: durable commits (G1), keys, a sound file.
   * @param opened a simulator's own disk, taken as it is
   * @throws {DamagedDatabase} the file is no database or its pages are damaged
   */
  constructor(file: string, opened?: DatabaseSyncInstance) {
    this.file = file;
    if (opened) {
      this.#connection = opened;
      return;
    }
    const check = shouldCheck(file);
    this.#connection = new DatabaseSync(file, { timeout: 2_000 });
    try {
      assertVersion(this.#pragma("SELECT sqlite_version()"));
      this.#connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
      // macOS: fsync alone leaves the data in the drive's cache
      if (process.platform === "darwin") this.#connection.exec("PRAGMA fullfsync = 1");
      this.#expect("PRAGMA journal_mode", "wal");
      this.#expect("PRAGMA synchronous", 2);
      this.#expect("PRAGMA foreign_keys", 1);
      const health = check ? this.#pragma("PRAGMA quick_check(1)") : "ok";
      if (health !== "ok") throw new DamagedDatabase(`${file} is damaged: ${String(health)}`);
      rmSync(suspicionOf(file), { force: true });
    } catch (error) {
      this.#connection.close();
      throw isDamage(error) ? new DamagedDatabase(`${file} is damaged`, { cause: error }) : error;
    }
  }

  /** Damage that shows while the file is in use is remembered, so that the next opening looks at all of it. */
  readonly #guard: Guard = (work) => {
    try {
      return work();
    } catch (error) {
      if (isDamage(error)) suspect(this.file);
      throw error;
    }
  };

  query<Row>(row: z.ZodType<Row>, sql: string): Query<Row> {
    return new Query(this.#connection.prepare(sql), row, this.#guard);
  }

  change(sql: string): Change {
    return new Change(this.#connection.prepare(sql), this.#guard);
  }

  /**
   * Runs `work` as one transaction; a transaction inside another is part of it.
   * @throws {Refusal} `storage-failed` when the disk refuses (full, read-only, failing): nothing of `work` is kept
   */
  transact<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    try {
      this.#connection.exec("BEGIN IMMEDIATE");
      this.#depth++;
      try {
        const value = work();
        this.#connection.exec("COMMIT");
        return value;
      } finally {
        this.#depth--;
        if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      }
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
      throw storageFailed(error);
    }
  }

  /** For the migrator only: a statement by its text. */
  prepare(sql: string): StatementSyncInstance {
    return this.#connection.prepare(sql);
  }

  /** Writes a whole and compact copy to a file that is not there yet, the write-ahead log included. Not synced. */
  copyTo(file: string): void {
    this.#connection.prepare("VACUUM INTO ?").run(file);
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #pragma(sql: string): unknown {
    const row: unknown = this.#connection.prepare(sql).get();
    return typeof row === "object" && row !== null ? Object.values(row)[0] : undefined;
  }

  #expect(pragma: string, wanted: unknown): void {
    const found = this.#pragma(pragma);
    if (found !== wanted) throw new Error(`${this.file}: ${pragma} is ${String(found)}, not ${String(wanted)}`);
  }
}

/** up to this size a whole check takes no time that anybody notices */
const quicklyCheckedBytes = 8 * 1024 * 1024;

/** beside the file while it is suspected of being damaged */
export const suspicionOf = (file: string): string => `${file}-suspect`;

/**
 * Whether to look at every page before using the file. A long history takes longer than the whole start: it is looked at when
 * it was not closed (its log is still there), or when a page was found damaged in use.
 */
function shouldCheck(file: string): boolean {
  if (!existsSync(file)) return false;
  return statSync(file).size <= quicklyCheckedBytes || existsSync(`${file}-wal`) || existsSync(suspicionOf(file));
}

function suspect(file: string): void {
  try {
    writeFileSync(suspicionOf(file), "");
  } catch {
    // a disk that does not take even this: the next damage found says it again
  }
}

/** The refusal for a disk that did not store. SQLite's text names tables and codes, never a value. */
function storageFailed(error: unknown): Refusal {
  const refused = new Refusal("storage-failed", error instanceof Error ? error.message : "the disk refused", 5_000);
  refused.cause = error;
  return refused;
}

function assertVersion(version: unknown): void {
  const found = String(version).split(".").map(Number);
  for (const [index, least] of oldestSqlite.entries()) {
    const part = found[index] ?? 0;
    if (part > least) return;
    if (part < least) throw new Error(`SQLite ${String(version)} is too old: ${oldestSqlite.join(".")} or newer`);
  }
}
