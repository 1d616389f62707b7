import {
  type Generated,
  type Insertable,
  type Kysely,
  type Migration,
  type Selectable,
  sql,
  type Transaction,
} from "kysely";

/** The relay's own facts. Inboxes are elsewhere (inbox.ts). Times are milliseconds, flags 0 or 1. */
export interface Tables {
  account: {
    id: Generated<number>;
    name: string;
    folded: string;
    password_hash: string;
    created_at: number;
    last_seen_at: number | null;
  };
  /** one installation of the app, signed in to an account */
  device: {
    account_id: number;
    id: string;
    name: string;
    token_hash: string;
    created_at: number;
    last_seen_at: number;
    last_delivery_at: number | null;
  };
  /** `device_id` null: waits for the next device that signs in (G11); `leaving`: is being emptied into the account's others */
  inbox: {
    id: string;
    account_id: number;
    device_id: string | null;
    leaving: Generated<number>;
  };
  /** who asked whom to be a contact; both directions make it mutual (G12) */
  ask: { from_id: number; to_id: number; asked_at: number };
  /** whose requests an owner does not see; survives a withdrawn request, ends when the owner adds the name */
  decline: { owner_id: number; peer_id: number };
  /** `last_seen_at`: what the blocked one sees from then on */
  block: { owner_id: number; peer_id: number; blocked_at: number; last_seen_at: number | null };
  /** which messages went to somebody before the two were mutual (G8: at most 20) */
  stranger_message: { from_id: number; to_id: number; message_id: string };
  /** notices that a change of contacts owes; gone when they are in the inboxes (G12) */
  owed_notice: { id: Generated<number>; account_id: number; envelope: string };
  invite: { code_hash: string; created_at: number; expires_at: number; used_at: number | null };
  /** only between a planned stop and the next start (last-batches.ts) */
  last_batch: { inbox_id: string; accepted: string };
  /** what each queue held at a planned stop; the broker counts messages, not what is in them */
  kept_usage: { inbox_id: string; usage: string };
  meta: { key: string; value: string };
}

export type Database = Kysely<Tables>;
export type Change = Transaction<Tables>;
export type AccountRow = Selectable<Tables["account"]>;
export type DeviceRow = Selectable<Tables["device"]>;
export type NewInbox = Insertable<Tables["inbox"]>;

/** Append-only: a migration that was ever released is never edited. */
export const migrations: Record<string, Migration> = {
  "001-accounts": {
    async up(db) {
      await db.schema
        .createTable("account")
        .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
        .addColumn("name", "text", (c) => c.notNull())
        .addColumn("folded", "text", (c) => c.notNull().unique())
        .addColumn("password_hash", "text", (c) => c.notNull())
        .addColumn("created_at", "integer", (c) => c.notNull())
        .addColumn("last_seen_at", "integer")
        .execute();
      const account = (column: string) =>
        sql`${sql.ref(column)} integer not null references account (id) on delete cascade`;
      await sql`create table device (${account("account_id")}, id text not null, name text not null, token_hash text not null unique,
        created_at integer not null, last_seen_at integer not null, last_delivery_at integer, primary key (account_id, id)) strict`.execute(
        db,
      );
      await sql`create table inbox (id text primary key, ${account("account_id")}, device_id text, leaving integer not null default 0) strict`.execute(
        db,
      );
      await sql`create index inbox_account on inbox (account_id)`.execute(db);
      await sql`create table ask (${account("from_id")}, ${account("to_id")}, asked_at integer not null,
        primary key (from_id, to_id)) strict, without rowid`.execute(db);
      await sql`create index ask_to on ask (to_id)`.execute(db);
      await sql`create table decline (${account("owner_id")}, ${account("peer_id")}, primary key (owner_id, peer_id)) strict, without rowid`.execute(
        db,
      );
      await sql`create index decline_peer on decline (peer_id)`.execute(db);
      await sql`create table block (${account("owner_id")}, ${account("peer_id")}, blocked_at integer not null, last_seen_at integer,
        primary key (owner_id, peer_id)) strict, without rowid`.execute(db);
      await sql`create index block_peer on block (peer_id)`.execute(db);
      await sql`create table stranger_message (${account("from_id")}, ${account("to_id")}, message_id text not null,
        primary key (from_id, to_id, message_id)) strict, without rowid`.execute(db);
      await sql`create table owed_notice (id integer primary key autoincrement, ${account("account_id")}, envelope text not null) strict`.execute(
        db,
      );
      await sql`create table invite (code_hash text primary key, created_at integer not null, expires_at integer not null, used_at integer) strict`.execute(
        db,
      );
      await sql`create table last_batch (inbox_id text primary key, accepted text not null) strict`.execute(db);
      await sql`create table kept_usage (inbox_id text primary key, usage text not null) strict`.execute(db);
      await sql`create table meta (key text primary key, value text not null) strict`.execute(db);
    },
  },
};
