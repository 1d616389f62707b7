import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { Refusal } from "../wire/contract.ts";
import { type Contact, type ContactEnvelope, foldName, type FoldedName, type Name } from "../wire/model.ts";
import { type Account, type Accounts, asAccount } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { type Change, type Database } from "./database.ts";
import { type Presences } from "./presence.ts";

/** One other account as this one stands to it. Everything `wire.md` says of contacts follows from these facts (G12). */
export interface Relation {
  readonly peer: Account;
  readonly iAsked: boolean;
  readonly theyAsked: boolean;
  /** I removed their request: I do not see it until I add the name */
  readonly iDeclined: boolean;
  readonly theyDeclined: boolean;
  readonly iBlocked: boolean;
  /** with what they let me see: an offline contact, last seen when they blocked me */
  readonly theyBlocked: { readonly lastSeenAt: number | undefined } | undefined;
}

export type Relations = ReadonlyMap<FoldedName, Relation>;

/** What a change of contacts means for both sides: who must be told what. */
export interface ContactChange {
  readonly mine: Contact | undefined;
  readonly relation: Relation;
  /** the other side's view, when it may learn of the change */
  readonly told: boolean;
}

export const isMutual = (relation: Relation): boolean => relation.iAsked && relation.theyAsked;
/** presence, receipts and typing pass between the two (G7) */
export const isOpen = (relation: Relation | undefined): relation is Relation =>
  relation !== undefined && isMutual(relation) && !relation.iBlocked && relation.theyBlocked === undefined;
/** `pending` and `mutual` contacts may be written to (G8) */
export const mayWrite = (relation: Relation): boolean => relation.iAsked && !relation.iBlocked;
/** what one sends there is answered as usual and discarded (G1's sole exception) */
export const isDiscarded = (relation: Relation): boolean =>
  relation.theyBlocked !== undefined || (relation.theyDeclined && !isMutual(relation));

function stateOf(relation: Relation): Contact["state"] | undefined {
  if (relation.iBlocked) return "blocked";
  if (isMutual(relation)) return "mutual";
  if (relation.iAsked) return "pending";
  return relation.theyAsked && !relation.iDeclined ? "requested" : undefined;
}

/** Contacts, requests and blocks: read at every send from memory, changed in one transaction with the notice they owe. */
export class Contacts {
  readonly #relations = new Map<number, Promise<Relations>>();

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly presences: Presences,
    private readonly clock: Clock,
  ) {}

  /** This account's relations; loaded once, then kept while a session of it lives. */
  relationsOf(account: number): Promise<Relations> {
    const known = this.#relations.get(account);
    if (known) return known;
    const loading = this.#load(account);
    this.#relations.set(account, loading);
    loading.catch(() => this.#relations.delete(account));
    return loading;
  }

  /** after the account's last session has gone */
  forget(account: number): void {
    this.#relations.delete(account);
  }

  async list(account: Account): Promise<Contact[]> {
    const relations = await this.relationsOf(account.id);
    return [...relations.values()].flatMap((relation) => this.view(relation) ?? []);
  }

  /** The relation as its owner may see it (G7); undefined when it shows nothing. */
  view(relation: Relation): Contact | undefined {
    const state = stateOf(relation);
    if (!state) return undefined;
    const name = relation.peer.name;
    if (state !== "mutual") return { name, state, presence: "offline" };
    const lastSeen = relation.theyBlocked ? relation.theyBlocked.lastSeenAt : this.presences.lastSeen(relation.peer.id);
    return {
      name,
      state,
      ...(isOpen(relation) ? this.presences.showing(relation.peer.id) : { presence: "offline" as const }),
      ...(lastSeen !== undefined && { lastSeen }),
    };
  }

  /** @throws Refusal unknown-name, own-name, blocked, already-contact */
  add(me: Account, typed: string): Promise<ContactChange> {
    return this.#change(me, typed, async (change, relation) => {
      if (relation.iBlocked) throw new Refusal("blocked", "You blocked this name. Unblock it first.");
      if (relation.iAsked) throw new Refusal("already-contact", "This name is among your contacts already.");
      const pair = { from_id: me.id, to_id: relation.peer.id };
      await change
        .insertInto("ask")
        .values({ ...pair, asked_at: this.clock.now() })
        .execute();
      await change
        .deleteFrom("decline")
        .where("owner_id", "=", me.id)
        .where("peer_id", "=", relation.peer.id)
        .execute();
      const told = relation.theyAsked ? !relation.theyBlocked : !isDiscarded(relation);
      if (told) await this.#owe(change, relation.peer.id, me.name, relation.theyAsked ? "accepted" : "requested");
      return told;
    });
  }

  /** @throws Refusal not-a-contact */
  remove(me: Account, typed: string): Promise<ContactChange> {
    return this.#change(
      me,
      typed,
      async (change, relation) => {
        const there = relation.peer.id;
        if (relation.iAsked) {
          const both = (from: number, to: number) =>
            change.deleteFrom("ask").where("from_id", "=", from).where("to_id", "=", to).execute();
          await both(me.id, there);
          if (relation.theyAsked) await both(there, me.id);
          const told = isMutual(relation) ? !relation.theyBlocked : !isDiscarded(relation);
          if (told) await this.#owe(change, there, me.name, "removed");
          return told;
        }
        if (!relation.theyAsked || relation.iDeclined)
          throw new Refusal("not-a-contact", "This name is not among your contacts.");
        await change.insertInto("decline").values({ owner_id: me.id, peer_id: there }).execute();
        return false;
      },
      "not-a-contact",
    );
  }

  /** @throws Refusal unknown-name, own-name */
  block(me: Account, typed: string): Promise<ContactChange> {
    return this.#change(me, typed, async (change, relation) => {
      // what a contact would see of somebody who went offline now
      const lastSeenAt =
        this.presences.of(me.id) === "online" ? this.clock.now() : (this.presences.lastSeen(me.id) ?? null);
      await change
        .insertInto("block")
        .values({ owner_id: me.id, peer_id: relation.peer.id, blocked_at: this.clock.now(), last_seen_at: lastSeenAt })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      // who is offline already cannot go offline: then a word about it would give the block away (G7)
      return isOpen(relation) && this.presences.of(me.id) === "online";
    });
  }

  /** @throws Refusal unknown-name, own-name */
  unblock(me: Account, typed: string): Promise<ContactChange> {
    return this.#change(me, typed, async (change, relation) => {
      await change.deleteFrom("block").where("owner_id", "=", me.id).where("peer_id", "=", relation.peer.id).execute();
      return isOpen({ ...relation, iBlocked: false }) && relation.iBlocked && this.presences.of(me.id) === "online";
    });
  }

  /**
   * At most 20 different messages before the two are mutual, delivered or not (G8). Counted before they are put:
   * a crash in between costs the stranger one of them, never the other side a 21st.
   * @returns how many of the ids, from the first, may go
   */
  async admitFromStranger(from: number, to: number, ids: readonly string[]): Promise<number> {
    return this.database.transaction().execute(async (change) => {
      const rows = await change
        .selectFrom("stranger_message")
        .select("message_id")
        .where("from_id", "=", from)
        .where("to_id", "=", to)
        .execute();
      const counted = new Set(rows.map((row) => row.message_id));
      const fresh: { from_id: number; to_id: number; message_id: string }[] = [];
      let admitted = 0;
      for (const id of ids) {
        if (!counted.has(id)) {
          if (counted.size >= strangerLimit) break;
          counted.add(id);
          fresh.push({ from_id: from, to_id: to, message_id: id });
        }
        admitted++;
      }
      if (fresh.length > 0) await change.insertInto("stranger_message").values(fresh).execute();
      return admitted;
    });
  }

  async #change(
    me: Account,
    typed: string,
    apply: (change: Change, relation: Relation) => Promise<boolean>,
    whenUnknown: "unknown-name" | "not-a-contact" = "unknown-name",
  ): Promise<ContactChange> {
    const peer = await this.accounts.find(foldName(typed));
    if (!peer) throw new Refusal(whenUnknown, "Nobody has this name on this relay.");
    if (peer.id === me.id)
      throw new Refusal(whenUnknown === "unknown-name" ? "own-name" : whenUnknown, "This is your own name.");
    const told = await this.database.transaction().execute(async (change) => {
      const relations = await this.#load(me.id, change);
      return apply(change, relations.get(peer.folded) ?? stranger(peer));
    });
    this.forget(me.id);
    this.forget(peer.id);
    const relation = (await this.relationsOf(me.id)).get(peer.folded) ?? stranger(peer);
    return { mine: this.view(relation), relation, told };
  }

  /** The notice is in the same transaction as the change that owes it; notices.ts puts it until confirmed (G12). */
  async #owe(change: Change, account: number, name: Name, what: ContactEnvelope["change"]): Promise<void> {
    const envelope: ContactEnvelope = { kind: "contact", id: randomUUID(), at: this.clock.now(), name, change: what };
    await change
      .insertInto("owed_notice")
      .values({ account_id: account, envelope: JSON.stringify(envelope) })
      .execute();
  }

  /** One statement for all six facts and the peers' names: it runs at every sign-in, and after every change. */
  async #load(account: number, database: Database | Change = this.database): Promise<Relations> {
    const { rows } = await sql<Fact>`
      select account.id, account.name, account.folded, fact.kind, fact.last_seen_at from (
        select 'iAsked' as kind, to_id as peer, null as last_seen_at from ask where from_id = ${account}
        union all select 'theyAsked', from_id, null from ask where to_id = ${account}
        union all select 'iDeclined', peer_id, null from decline where owner_id = ${account}
        union all select 'theyDeclined', owner_id, null from decline where peer_id = ${account}
        union all select 'iBlocked', peer_id, null from block where owner_id = ${account}
        union all select 'theyBlocked', owner_id, last_seen_at from block where peer_id = ${account}
      ) as fact join account on account.id = fact.peer`.execute(database);
    const relations = new Map<FoldedName, Relation>();
    for (const row of rows) {
      const peer = asAccount(row);
      // also those who only blocked or declined me: a request to them must find that out
      const known = relations.get(peer.folded) ?? stranger(peer);
      const fact = row.kind === "theyBlocked" ? { lastSeenAt: row.last_seen_at ?? undefined } : true;
      relations.set(peer.folded, { ...known, [row.kind]: fact });
    }
    return relations;
  }
}

/** One fact about one other account, as a row. */
interface Fact {
  readonly id: number;
  readonly name: string;
  readonly folded: string;
  readonly kind: "iAsked" | "theyAsked" | "iDeclined" | "theyDeclined" | "iBlocked" | "theyBlocked";
  readonly last_seen_at: number | null;
}

const strangerLimit = 20;

const stranger = (peer: Account): Relation => ({
  peer,
  iAsked: false,
  theyAsked: false,
  iDeclined: false,
  theyDeclined: false,
  iBlocked: false,
  theyBlocked: undefined,
});
