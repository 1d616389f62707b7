import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import { Database as AppDatabase } from "../../main/database.ts";
import { databaseName, openStore, Store } from "../../main/store.ts";
import { openDataFolder } from "../../server/data-folder.ts";
import { InboxTable, openInboxTable } from "../../server/inboxes/embedded/table.ts";
import { sqliteFull } from "../../server/sqlite.ts";

/** The schemas, as the real openings and migrations make them. */
export interface Schemas {
  readonly relay: readonly string[];
  readonly inboxes: readonly string[];
  readonly app: readonly string[];
}

/** Opens each database once for real, in a folder of its own that is gone afterwards. */
export async function learnSchemas(): Promise<Schemas> {
  const folder = mkdtempSync(path.join(tmpdir(), "recado-sim-"));
  try {
    const data = await openDataFolder(folder, "relay");
    await data.close();
    const table = await openInboxTable({ file: data.inboxFile, reserveBytes: 0 });
    table.close();
    const store = await openStore(
      folder,
      () => "",
      () => 0,
    );
    store.close();
    return {
      relay: schemaOf(path.join(folder, "recado.db")),
      inboxes: schemaOf(data.inboxFile),
      app: schemaOf(path.join(folder, databaseName)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function schemaOf(file: string): string[] {
  const sqlite = new DatabaseSync(file);
  try {
    return sqlite
      .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
      .all()
      .map((row: unknown) => (typeof row === "object" && row && "sql" in row ? String(row.sql) : ""));
  } finally {
    sqlite.close();
  }
}

/**
 * A disk with one database on it. What was committed is there after a crash, what was not is not: it lives in memory,
 * outlasts the processes that use it, and is emptied for the next history.
 */
class Disk {
  readonly sqlite: DatabaseSyncInstance;
  full = false;
  readonly #empty: readonly StatementSyncInstance[];

  constructor(schema: readonly string[]) {
    this.sqlite = new DatabaseSync(":memory:");
    this.sqlite.exec("PRAGMA foreign_keys = OFF");
    const named = (pattern: RegExp) => schema.flatMap((statement) => pattern.exec(statement)?.[1] ?? []);
    const indexes = named(/^create virtual table "?(\w+)/i);
    const tables = named(/^create table ['"]?(\w+)/i);
    // an index of words makes its own tables, and has its own way to be emptied
    const made = tables.filter((table) => indexes.some((index) => table.startsWith(`${index}_`)));
    for (const statement of schema) {
      if (!made.includes(/^create table ['"]?(\w+)/i.exec(statement)?.[1] ?? "")) this.sqlite.exec(statement);
    }
    const emptied = [...tables, "sqlite_sequence"].filter((table) => !made.includes(table) && this.#has(table));
    this.#empty = [
      ...emptied.map((table) => this.sqlite.prepare(`DELETE FROM "${table}"`)),
      ...indexes.map((index) => this.sqlite.prepare(`INSERT INTO ${index} (${index}) VALUES ('delete-all')`)),
    ];
    this.#refuseWhenFull();
  }

  /** A crash in the middle of a transaction. */
  crash(): void {
    if (this.sqlite.isTransaction) this.sqlite.exec("ROLLBACK");
  }

  wipe(): void {
    this.crash();
    this.full = false;
    this.sqlite.exec("PRAGMA foreign_keys = OFF");
    this.sqlite.exec("BEGIN");
    for (const statement of this.#empty) statement.run();
    this.sqlite.exec("COMMIT");
    this.sqlite.exec("PRAGMA foreign_keys = ON");
  }

  close(): void {
    if (this.sqlite.isOpen) this.sqlite.close();
  }

  #has(table: string): boolean {
    return this.sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table) !== undefined;
  }

  /** What makes a file longer fails; the embedded inboxes settle from their reserve, so deleting goes on (G5). */
  #refuseWhenFull(): void {
    const prepare = this.sqlite.prepare.bind(this.sqlite);
    // preparing is what costs most here, so a statement outlives the processes that ask for it
    const prepared = new Map<string, StatementSyncInstance>();
    exchange(this.sqlite, "prepare", (...given: Parameters<typeof prepare>) => {
      const known = prepared.get(given[0]);
      if (known) return known;
      const statement = prepare(...given);
      prepared.set(given[0], statement);
      if (!/^\s*(insert|update)/i.test(given[0])) return statement;
      for (const name of ["run", "get", "all"] as const) {
        const real: (...values: (string | number | null)[]) => unknown = statement[name].bind(statement);
        exchange(statement, name, (...values: (string | number | null)[]): unknown => {
          if (this.full) throw Object.assign(new Error("database or disk is full"), { errcode: sqliteFull });
          return real(...values);
        });
      }
      return statement;
    });
  }
}

/** The driver's methods are read-only properties. */
function exchange<T extends object>(target: T, name: keyof T, value: unknown): void {
  Object.defineProperty(target, name, { value });
}

/** The relay's disk: its database and its embedded inboxes. */
export class RelayDisk {
  readonly database: Disk;
  readonly inboxes: Disk;

  constructor(schemas: Schemas) {
    this.database = new Disk(schemas.relay);
    this.inboxes = new Disk(schemas.inboxes);
  }

  set full(full: boolean) {
    this.database.full = full;
    this.inboxes.full = full;
  }

  /** The inboxes' table as a relay that starts finds it. */
  openTable(): InboxTable {
    const { inboxes } = this;
    // there while the disk has room, and impossible to make while it has not
    return new InboxTable(inboxes.sqlite, { bytes: 0, keep: () => !inboxes.full, giveUp: () => undefined });
  }

  crash(): void {
    this.database.crash();
    this.inboxes.crash();
  }

  wipe(): void {
    this.database.wipe();
    this.inboxes.wipe();
  }

  close(): void {
    this.database.close();
    this.inboxes.close();
  }
}

/** A device's disk with its account's store. The statements are prepared once for all histories. */
export class AppDisk {
  readonly store: Store;
  newId: () => string = () => "";
  readonly #disk: Disk;

  constructor(schemas: Schemas) {
    this.#disk = new Disk(schemas.app);
    this.store = new Store(new AppDatabase(":memory:", this.#disk.sqlite), () => this.newId());
  }

  set full(full: boolean) {
    this.#disk.full = full;
  }

  /** for planted faults */
  get sqlite(): DatabaseSyncInstance {
    return this.#disk.sqlite;
  }

  wipe(): void {
    this.#disk.wipe();
  }

  close(): void {
    this.#disk.close();
  }
}
