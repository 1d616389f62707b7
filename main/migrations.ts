import { Kysely, type Migration, Migrator, sql, SqliteAdapter, SqliteDialect } from "kysely";
import { type Database } from "./database.ts";

/** The account's database was written by a newer version of the app; opening it could harm it. */
export class NewerDatabase extends Error {
  override readonly name = "NewerDatabase";
}

/** Append-only: a migration that was ever released is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  "001-first": {
    async up(db) {
      for (const statement of first) await sql.raw(statement).execute(db);
    },
  },
  "002-contact-notes": {
    async up(db) {
      // what this computer alone keeps about a contact, and since when both are contacts
      await sql.raw("ALTER TABLE contacts ADD COLUMN alias TEXT").execute(db);
      await sql.raw("ALTER TABLE contacts ADD COLUMN muted INTEGER NOT NULL DEFAULT 0").execute(db);
      await sql.raw("ALTER TABLE contacts ADD COLUMN marked INTEGER NOT NULL DEFAULT 0").execute(db);
      await sql.raw("ALTER TABLE contacts ADD COLUMN since INTEGER").execute(db);
    },
  },
  "003-search": {
    async up(db) {
      for (const statement of search) await sql.raw(statement).execute(db);
    },
  },
  "004-confirmed": {
    async up(db) {
      // the newest own message that has arrived: what is older and not confirmed does not wait any more
      await sql
        .raw(
          `CREATE INDEX messages_confirmed ON messages (peer, position)
           WHERE mine = 1 AND status IN ('delivered', 'read') AND stone = 0`,
        )
        .execute(db);
    },
  },
};

const first = [
  // one row: what makes the folder an account. Without it, it is what a sign-in that never succeeded left behind.
  `CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL, device TEXT NOT NULL, relay TEXT NOT NULL, name TEXT NOT NULL, wish TEXT NOT NULL
  ) STRICT`,
  // A deleted message stays as a stone (O8): its key, and no body as soon as nothing needs it.
  `CREATE TABLE messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    peer TEXT NOT NULL, sender TEXT NOT NULL, sender_name TEXT NOT NULL, id TEXT NOT NULL, mine INTEGER NOT NULL,
    body TEXT NOT NULL, scheme TEXT, sent_at INTEGER NOT NULL, accepted_at INTEGER,
    status TEXT NOT NULL, refusal TEXT, chain TEXT, number INTEGER,
    unread INTEGER NOT NULL DEFAULT 0, read_owed INTEGER NOT NULL DEFAULT 0, stone INTEGER NOT NULL DEFAULT 0,
    UNIQUE (id, sender)
  ) STRICT`,
  `CREATE INDEX messages_page ON messages (peer, position) WHERE stone = 0`,
  `CREATE INDEX messages_unread ON messages (peer, position) WHERE unread = 1`,
  `CREATE INDEX messages_waiting ON messages (peer, accepted_at) WHERE mine = 1 AND status = 'accepted' AND stone = 0`,
  `CREATE INDEX messages_read_owed ON messages (peer, position) WHERE read_owed = 1`,
  `CREATE INDEX messages_chain ON messages (chain, sender, number) WHERE chain IS NOT NULL`,
  // What the relay has not accepted yet. `batch` is set while a batch may be on its way: it is sent again as it was (O2).
  `CREATE TABLE outbox (
    position INTEGER PRIMARY KEY REFERENCES messages (position), peer TEXT NOT NULL, recipient TEXT NOT NULL, batch INTEGER
  ) STRICT`,
  `CREATE INDEX outbox_batch ON outbox (batch, position) WHERE batch IS NOT NULL`,
  `CREATE INDEX outbox_peer ON outbox (peer, position)`,
  // the stream from this device to a recipient (O9)
  `CREATE TABLE streams (peer TEXT PRIMARY KEY, chain TEXT NOT NULL, next INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  // a stream as its reader sees it: nothing is missing from `first` to `through` (O9)
  `CREATE TABLE chains (
    sender TEXT NOT NULL, chain TEXT NOT NULL, first INTEGER NOT NULL, through INTEGER NOT NULL, highest INTEGER NOT NULL,
    PRIMARY KEY (sender, chain)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE contacts (
    peer TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, last_seen INTEGER
  ) STRICT, WITHOUT ROWID`,
  // kinds that this version does not know, as they came (O7)
  `CREATE TABLE unknown_envelopes (
    position INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, raw TEXT NOT NULL,
    UNIQUE (id, kind)
  ) STRICT`,
];

const search = [
  // Words only: the texts stay in `messages`. The prefixes are what somebody types first, and would otherwise be the slowest to find.
  `CREATE VIRTUAL TABLE search USING fts5 (
    peer, body, content = 'messages', content_rowid = 'position',
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
  )`,
  // what is deleted leaves the index at once, not at its next merge (W20)
  `INSERT INTO search (search, rank) VALUES ('secure-delete', 1)`,
  `INSERT INTO search (rowid, peer, body) SELECT position, peer, body FROM messages WHERE stone = 0`,
  `CREATE TRIGGER search_stored AFTER INSERT ON messages WHEN new.stone = 0 BEGIN
    INSERT INTO search (rowid, peer, body) VALUES (new.position, new.peer, new.body);
  END`,
  `CREATE TRIGGER search_buried AFTER UPDATE OF stone ON messages WHEN old.stone = 0 AND new.stone = 1 BEGIN
    INSERT INTO search (search, rowid, peer, body) VALUES ('delete', old.position, old.peer, old.body);
  END`,
  // what was typed to somebody and not sent (W9)
  `CREATE TABLE drafts (peer TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID`,
];

/** Kysely takes SQLite's schema changes for what no transaction can hold, which has not been so for long. */
class AtomicAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
class AtomicDialect extends SqliteDialect {
  override createAdapter(): AtomicAdapter {
    return new AtomicAdapter();
  }
}

/**
 * Brings the file to this version's schema, in one transaction: a crash in the middle leaves the file as it was (M2).
 * @param aboutTo called before a file that was in use is changed, with the first change to come (M1); when it throws, nothing is
 * @throws {NewerDatabase} the file has migrations that this version does not know (M3)
 */
export async function migrate(
  database: Database,
  known = migrations,
  aboutTo: (change: string) => void = () => undefined,
): Promise<void> {
  // Kysely here only orders and records migrations; `destroy` would close our connection, so it is left to its owner.
  const kysely = new Kysely<unknown>({
    dialect: new AtomicDialect({
      database: {
        close: () => database.close(),
        prepare(text) {
          const statement = database.prepare(text);
          return {
            reader: statement.columns().length > 0,
            all: (values): unknown[] => statement.all(...values),
            run: (values) => statement.run(...values),
            iterate: (values) => statement.iterate(...values),
          };
        },
      },
    }),
  });
  const migrator = new Migrator({ db: kysely, provider: { getMigrations: async () => ({ ...known }) } });
  const applied = await appliedIn(kysely);
  // asked before the migrator runs, because it would only call the list corrupted
  const stranger = applied.find((name) => !Object.hasOwn(known, name));
  if (stranger !== undefined)
    throw new NewerDatabase(`${database.file} has ${stranger}, which this version does not know`);
  const change = Object.keys(known)
    .sort()
    .find((name) => !applied.includes(name));
  if (change !== undefined && applied.length > 0) aboutTo(change);
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error("migration failed", { cause: error });
}

/** The names of what was applied, none in a new file. */
async function appliedIn(kysely: Kysely<unknown>): Promise<string[]> {
  const tables = await sql`SELECT name FROM sqlite_master WHERE name = 'kysely_migration'`.execute(kysely);
  if (tables.rows.length === 0) return [];
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(kysely);
  return rows.map(({ name }) => name);
}
