import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { type Kysely, type Migration, Migrator, SqliteAdapter, type SqliteDatabase, SqliteDialect } from "kysely";

/** An open SQLite database with the API of `node:sqlite`. */
export type Sqlite = DatabaseSyncInstance;

/** The oldest library that holds the fixes of the write-ahead log that durability rests on. */
const oldestLibrary = [3, 53, 3] as const;

export type SqliteProblem = "unreadable" | "damaged" | "in-use" | "too-old";

/** Why a database was not opened. The file is left as it was; the message is one sentence with a next step. */
export class SqliteOpenError extends Error {
  constructor(
    readonly problem: SqliteProblem,
    readonly file: string,
    message: string,
  ) {
    super(message);
    this.name = "SqliteOpenError";
  }
}

export interface SqliteOptions {
  /** no other process may open the file while we hold it; a second relay on the same folder is told so */
  readonly exclusive?: boolean;
  /** deleted rows' pages can be given back to the disk (`PRAGMA incremental_vacuum`); only for a new file */
  readonly shrinks?: boolean;
  /** pages in the write-ahead log before they go into the database; SQLite's own 1,000 are 4 MB of disk */
  readonly checkpointPages?: number;
  /** how long a statement waits for another process's transaction, in milliseconds */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens (or creates) a database and asserts what durability rests on: library version, write-ahead log,
 * `synchronous=FULL`, foreign keys, `quick_check`. Never repairs and never overwrites.
 * @throws SqliteOpenError
 */
export function openSqlite(file: string, options: SqliteOptions = {}): Sqlite {
  let sqlite: Sqlite;
  try {
    sqlite = new DatabaseSync(file, { timeout: options.busyTimeoutMs ?? 5_000 });
  } catch (error) {
    throw openError(file, error);
  }
  try {
    checkVersion(sqlite, file);
    if (options.exclusive) sqlite.exec("PRAGMA locking_mode = EXCLUSIVE");
    if (options.checkpointPages !== undefined) sqlite.exec(`PRAGMA wal_autocheckpoint = ${options.checkpointPages}`);
    if (options.shrinks) sqlite.exec("PRAGMA auto_vacuum = INCREMENTAL");
    expectPragma(sqlite, file, "journal_mode", "WAL", "wal");
    // the library's own default in WAL mode is NORMAL, which may forget the last commits (G1)
    sqlite.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    expectPragma(sqlite, file, "synchronous", undefined, 2);
    expectPragma(sqlite, file, "foreign_keys", undefined, 1);
    // takes the lock now, so that a second owner hears of it at start and not at its first write
    if (options.exclusive) sqlite.exec("BEGIN IMMEDIATE; COMMIT");
    expectPragma(sqlite, file, "quick_check", undefined, "ok");
  } catch (error) {
    sqlite.close();
    throw openError(file, error);
  }
  return sqlite;
}

/** The first column of a pragma's first row. */
export function pragma(sqlite: Sqlite, text: string): unknown {
  const row: unknown = sqlite.prepare(`PRAGMA ${text}`).get();
  const values: unknown[] = typeof row === "object" && row !== null ? Object.values(row) : [];
  return values[0];
}

function expectPragma(sqlite: Sqlite, file: string, name: string, set: string | undefined, wanted: string | number) {
  const found = pragma(sqlite, set === undefined ? name : `${name} = ${set}`);
  if (found === wanted) return;
  throw new SqliteOpenError(
    name === "quick_check" ? "damaged" : "unreadable",
    file,
    name === "quick_check"
      ? damaged(file)
      : `The database ${file} does not accept ${name}=${wanted} (it says ${String(found)}). Put it on a local disk.`,
  );
}

function checkVersion(sqlite: Sqlite, file: string): void {
  const row: unknown = sqlite.prepare("SELECT sqlite_version() AS version").get();
  const version = typeof row === "object" && row && "version" in row ? String(row.version) : "";
  const parts = version.split(".").map(Number);
  for (const [i, least] of oldestLibrary.entries()) {
    const part = parts[i] ?? 0;
    if (part > least) return;
    if (part < least) {
      const need = oldestLibrary.join(".");
      throw new SqliteOpenError(
        "too-old",
        file,
        `SQLite ${version} is older than ${need}. Install the packages again.`,
      );
    }
  }
}

const damaged = (file: string) =>
  `The database ${file} is damaged. It was left as it is: move it aside (together with the -wal file beside it) or restore a copy, then start again.`;

/** SQLite's primary result code of an error, if it is one (sqlite.org/rescode.html). */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

export const sqliteFull = 13;

function openError(file: string, error: unknown): SqliteOpenError {
  if (error instanceof SqliteOpenError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const code = sqliteCode(error);
  // SQLITE_BUSY, SQLITE_LOCKED
  if (code === 5 || code === 6) {
    return new SqliteOpenError("in-use", file, `The database ${file} is in use by another process. Stop it first.`);
  }
  // SQLITE_CORRUPT, SQLITE_NOTADB
  if (code === 11 || code === 26) return new SqliteOpenError("damaged", file, damaged(file));
  return new SqliteOpenError(
    "unreadable",
    file,
    `The database ${file} cannot be opened (${reason}). Check that its folder exists and may be written.`,
  );
}

/** SQLite's DDL is transactional; saying so makes Kysely run a migration and its bookkeeping as one. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/** How many statements of a database are kept prepared; there are fewer, but for those with lists of values. */
const mostPrepared = 256;

/** Lets Kysely speak through an open database. `Kysely.destroy()` closes it. */
export function sqliteDialect(sqlite: Sqlite): SqliteDialect {
  const prepared = new Map<string, ReturnType<SqliteDatabase["prepare"]>>();
  const prepare = (text: string): ReturnType<SqliteDatabase["prepare"]> => {
    const statement = sqlite.prepare(text);
    return {
      reader: statement.columns().length > 0,
      all: (parameters): unknown[] => statement.all(...parameters),
      run: (parameters) => statement.run(...parameters),
      iterate: (parameters) => statement.iterate(...parameters),
    };
  };
  const database: SqliteDatabase = {
    close: () => {
      prepared.clear();
      if (sqlite.isOpen) sqlite.close();
    },
    prepare: (text) => {
      const known = prepared.get(text);
      if (known) return known;
      if (prepared.size >= mostPrepared) prepared.clear();
      const made = prepare(text);
      // preparing costs as much as running; what changes the schema is said once
      if (/^(select|insert|update|delete)/i.test(text.trimStart())) prepared.set(text, made);
      return made;
    },
  };
  return new NodeSqliteDialect({ database });
}

/**
 * Brings a database to the newest schema. Migrations are numbered and append-only.
 * @throws the error of the migration that failed; what it had done is rolled back
 */
export async function migrate<Tables>(kysely: Kysely<Tables>, migrations: Record<string, Migration>): Promise<void> {
  const { error } = await new Migrator({
    db: kysely,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  }).migrateToLatest();
  if (error instanceof Error) throw error;
  if (error !== undefined) throw new Error("A migration failed.", { cause: error });
}
