import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { accountId } from "../wire/ipc.ts";
import { deviceId, presence, type Presence, type UnknownEnvelope } from "../wire/model.ts";
import { type Change, DamagedDatabase, Database, isDamage, type Query, suspicionOf } from "./database.ts";
import { copyHistory, dropOlderCopies } from "./history-copy.ts";
import { migrate, migrations } from "./migrations.ts";
import { StoredChains } from "./store-chains.ts";
import { StoredContacts } from "./store-contacts.ts";
import { StoredDrafts } from "./store-drafts.ts";
import { StoredMessages } from "./store-messages.ts";
import { StoredOutbox } from "./store-outbox.ts";
import { StoredSearch } from "./store-search.ts";

/** What makes a folder an account; written by the first sign-in that succeeded. */
const accountFacts = z.object({
  id: accountId,
  device: deviceId,
  relay: z.string(),
  name: z.string(),
  wish: presence,
});
export type AccountFacts = z.infer<typeof accountFacts>;

/** A database that could not be read was renamed; the person is told where it is. */
export class SetAside extends Error {
  override readonly name = "SetAside";
  readonly file: string;

  constructor(file: string, cause: unknown) {
    super(`The account's database is damaged. It was kept as ${file}.`, { cause });
    this.file = file;
  }
}

/** One account's database in its own folder. Everything is synchronous, every statement is prepared once. */
export class Store {
  readonly messages: StoredMessages;
  readonly outbox: StoredOutbox;
  readonly contacts: StoredContacts;
  readonly chains: StoredChains;
  readonly drafts: StoredDrafts;
  readonly search: StoredSearch;
  readonly #database: Database;
  readonly #facts: Query<AccountFacts>;
  readonly #putFacts: Change;
  readonly #putWish: Change;
  readonly #putUnknown: Change;

  constructor(database: Database, newId: () => string) {
    this.#database = database;
    this.messages = new StoredMessages(database);
    this.outbox = new StoredOutbox(database, this.messages, newId);
    this.drafts = new StoredDrafts(database);
    this.contacts = new StoredContacts(database, this.messages, this.drafts);
    this.chains = new StoredChains(database);
    this.search = new StoredSearch(database);
    this.#facts = database.query(accountFacts, "SELECT id, device, relay, name, wish FROM account");
    this.#putFacts = database.change(
      "INSERT OR REPLACE INTO account (one, id, device, relay, name, wish) VALUES (1, ?, ?, ?, ?, ?)",
    );
    this.#putWish = database.change("UPDATE account SET wish = ?");
    this.#putUnknown = database.change(
      "INSERT INTO unknown_envelopes (kind, id, at, raw) VALUES (?, ?, ?, ?) ON CONFLICT (id, kind) DO NOTHING",
    );
  }

  /** `undefined`: nobody has ever signed in here */
  facts(): AccountFacts | undefined {
    return this.#facts.get();
  }

  putFacts(facts: AccountFacts): void {
    this.transact(() => this.#putFacts.run(facts.id, facts.device, facts.relay, facts.name, facts.wish));
  }

  putWish(wish: Presence): void {
    this.transact(() => this.#putWish.run(wish));
  }

  /** Keeps an envelope of a kind that this version does not know, as it came (O7). */
  keepUnknown(envelope: UnknownEnvelope, raw: string): void {
    this.#putUnknown.run(envelope.kind, envelope.id, envelope.at, raw);
  }

  /** One transaction; see `Database.transact`. */
  transact<T>(work: () => T): T {
    return this.#database.transact(work);
  }

  close(): void {
    this.#database.close();
  }
}

/** the name of the database inside an account's folder */
export const databaseName = "account.db";

/**
 * Opens an account's database, creating it in an empty folder. Tables of an older version are changed, a copy put beside it (M1).
 * @param known the migrations there are; tests bring those of another version
 * @throws {SetAside} it was damaged, and is kept under another name
 * @throws {NewerDatabase} a newer version of the app has written it; it is left as it is
 */
export async function openStore(
  folder: string,
  newId: () => string,
  now: () => number,
  known = migrations,
): Promise<Store> {
  const file = join(folder, databaseName);
  let database;
  try {
    database = new Database(file);
  } catch (error) {
    if (error instanceof DamagedDatabase) throw new SetAside(setAside(file, now()), error);
    throw error;
  }
  try {
    await migrate(database, known, (change) => copyHistory(database, change));
    dropOlderCopies(folder);
    return new Store(database, newId);
  } catch (error) {
    database.close();
    // a long history is not looked at as a whole before it is used
    if (isDamage(error)) throw new SetAside(setAside(file, now()), error);
    throw error;
  }
}

/** Renames a damaged database and its logs, so that nothing ever writes over them. @returns the new name */
function setAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(":", "-");
  const kept = file.replace(/\.db$/, `.damaged-${stamp}.db`);
  for (const tail of ["", "-wal", "-shm"]) {
    if (existsSync(file + tail)) renameSync(file + tail, kept + tail);
  }
  rmSync(suspicionOf(file), { force: true });
  return kept;
}
