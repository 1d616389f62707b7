import { randomUUID } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { Kysely } from "kysely";
import { StartError } from "./config.ts";
import { type Database, migrations, type Tables } from "./database.ts";
import { type Park } from "./inbox.ts";
import { type KeptUsage, type UsageKeeper } from "./inboxes/rabbitmq.ts";
import { migrate, openSqlite, type Sqlite, sqliteDialect, SqliteOpenError } from "./sqlite.ts";

export type Engine = "embedded" | "rabbitmq";

/** the file of accounts and contacts */
export const databaseName = "recado.db";

/** Everything a relay keeps lies in one folder; this is who may open what in it. */
export interface DataFolder {
  readonly database: Database;
  readonly inboxFile: string;
  readonly park: Park;
  close(): Promise<void>;
}

/** a quarter of a megabyte: accounts change seldom, and a small disk is for what waits */
const checkpointPages = 64;

const readable = (error: unknown, folder: string): StartError => {
  if (error instanceof SqliteOpenError) return new StartError(error.message, 1);
  const why = error instanceof Error ? error.message : String(error);
  return new StartError(
    `The data folder ${folder} cannot be used (${why}). Check that it may be written, or choose another with --data.`,
    1,
  );
};

/**
 * Opens the folder and its database. `invite` may do so while a relay runs; only one process may hold it as relay.
 * @throws StartError with a sentence that names the folder or file
 */
export async function openDataFolder(folder: string, as: "relay" | "visitor"): Promise<DataFolder> {
  let lock: Sqlite | undefined;
  try {
    makeFolder(path.resolve(folder));
    lock = as === "relay" ? takeLock(folder) : undefined;
    const sqlite = openSqlite(path.join(folder, databaseName), { checkpointPages });
    const database = new Kysely<Tables>({ dialect: sqliteDialect(sqlite) });
    await migrate(database, migrations);
    return {
      database,
      inboxFile: path.join(folder, "inboxes.db"),
      park: (inbox, raw, reason) => park(path.join(folder, "parked"), inbox, raw, reason),
      async close() {
        await database.destroy();
        if (lock?.isOpen) lock.close();
      },
    };
  } catch (error) {
    if (lock?.isOpen) lock.close();
    throw error instanceof StartError ? error : readable(error, folder);
  }
}

/** With those above it; one by one, because where nothing can be made (/proc) Node's own way of doing so has no end. */
function makeFolder(folder: string): void {
  const isThere = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return;
  if (path.dirname(folder) !== folder) makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // somebody else was faster
    if (!isThere()) throw error;
  }
}

/** A lock that the system gives back however the holder dies: an exclusive hold on a small database. */
function takeLock(folder: string): Sqlite {
  try {
    return openSqlite(path.join(folder, "lock.db"), { exclusive: true, busyTimeoutMs: 0 });
  } catch (error) {
    if (error instanceof SqliteOpenError && error.problem === "in-use") {
      throw new StartError(
        `Another relay is running on the data folder ${folder}. Stop it, or choose another with --data.`,
        1,
      );
    }
    throw error;
  }
}

/**
 * A folder belongs to the engine it began with, because what waits is in that one.
 * @throws StartError (exit 2) that names the migration
 */
export async function checkEngine(database: Database, folder: string, wanted: Engine): Promise<void> {
  const engine = await recall(database, "engine");
  if (engine === undefined) await setEngine(database, wanted);
  else if (engine !== wanted) {
    throw new StartError(
      `The inboxes of ${folder} are kept by the engine "${engine}". Start it ${wanted === "rabbitmq" ? "without" : "with"} --amqp, ` +
        `or move them first: npm run relay -- move-inboxes --data ${folder} --amqp URL --to ${wanted}`,
      2,
    );
  }
}

export const setEngine = (database: Database, engine: Engine): Promise<void> => remember(database, "engine", engine);

/** How people reach the relay that runs on this folder; `invite` is another process and has to be told. */
export const setAddress = (database: Database, address: string): Promise<void> =>
  remember(database, "address", address);

export const addressOf = (database: Database): Promise<string | undefined> => recall(database, "address");

async function recall(database: Database, key: string): Promise<string | undefined> {
  const row = await database.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}

async function remember(database: Database, key: string, value: string): Promise<void> {
  await database
    .insertInto("meta")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** Durable before it resolves: what follows is that the original leaves the inbox. */
async function park(folder: string, inbox: string, raw: string, reason: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = await open(path.join(folder, `${Date.now()}-${randomUUID()}.json`), "wx", 0o600);
  try {
    await file.writeFile(JSON.stringify({ inbox, reason, raw }));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Keeps the broker's counts over a planned stop. */
export function usageKeeper(database: Database): UsageKeeper {
  return {
    async take() {
      const rows = await database.selectFrom("kept_usage").selectAll().execute();
      await database.deleteFrom("kept_usage").execute();
      return rows.map((row) => JSON.parse(row.usage) as KeptUsage);
    },
    async keep(all) {
      await database.transaction().execute(async (change) => {
        await change.deleteFrom("kept_usage").execute();
        for (const kept of all)
          await change
            .insertInto("kept_usage")
            .values({ inbox_id: kept.inbox, usage: JSON.stringify(kept) })
            .execute();
      });
    },
  };
}
