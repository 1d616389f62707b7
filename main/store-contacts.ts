import { z } from "zod";
import { Refusal } from "../wire/contract.ts";
import { type ContactView } from "../wire/ipc.ts";
import { contactState, foldName, type Contact, type FoldedName } from "../wire/model.ts";
import { type Change, type Database, type Query } from "./database.ts";
import { type StoredDrafts } from "./store-drafts.ts";
import { type StoredMessages } from "./store-messages.ts";

const contactRow = z.object({
  peer: z.string(),
  name: z.string(),
  state: z.enum([...contactState.options, "former"]),
  last_seen: z.number().nullable(),
  alias: z.string().nullable(),
  muted: z.number(),
  marked: z.number(),
  since: z.number().nullable(),
});
export type ContactRow = z.infer<typeof contactRow>;

/** What a person keeps about a contact on this computer: no other device, and no relay, hears of it. */
export interface ContactNote {
  /** empty: the name is shown again */
  readonly alias?: string | undefined;
  readonly muted?: boolean | undefined;
  readonly marked?: boolean | undefined;
}

const columns = "peer, name, state, last_seen, alias, muted, marked, since";

/** letters of the last message that a contact list can use */
const previewLength = 200;

/** The contacts as the relay last told them, and those with whom there is only history left. */
export class StoredContacts {
  readonly #messages: StoredMessages;
  readonly #drafts: StoredDrafts;
  readonly #all: Query<ContactRow>;
  readonly #find: Query<ContactRow>;
  readonly #put: Change;
  readonly #alias: Change;
  readonly #muted: Change;
  readonly #marked: Change;
  readonly #met: Change;
  readonly #metBy: Change;
  readonly #seen: Change;
  readonly #remove: Change;

  constructor(database: Database, messages: StoredMessages, drafts: StoredDrafts) {
    this.#messages = messages;
    this.#all = database.query(contactRow, `SELECT ${columns} FROM contacts ORDER BY peer`);
    this.#find = database.query(contactRow, `SELECT ${columns} FROM contacts WHERE peer = ?`);
    this.#drafts = drafts;
    this.#put = database.change(
      `INSERT INTO contacts (peer, name, state, last_seen) VALUES (?, ?, ?, ?)
       ON CONFLICT (peer) DO UPDATE SET name = excluded.name, state = excluded.state, last_seen = excluded.last_seen`,
    );
    this.#alias = database.change("UPDATE contacts SET alias = ? WHERE peer = ?");
    this.#muted = database.change("UPDATE contacts SET muted = ? WHERE peer = ?");
    this.#marked = database.change("UPDATE contacts SET marked = ? WHERE peer = ?");
    this.#met = database.change("UPDATE contacts SET since = ? WHERE peer = ?");
    this.#metBy = database.change("UPDATE contacts SET since = ? WHERE peer = ? AND since > ?");
    this.#seen = database.change("UPDATE contacts SET last_seen = ? WHERE peer = ?");
    this.#remove = database.change("DELETE FROM contacts WHERE peer = ?");
  }

  all(): ContactRow[] {
    return this.#all.all();
  }

  find(peer: FoldedName): ContactRow | undefined {
    return this.#find.get(peer);
  }

  put(contact: Contact): FoldedName {
    const peer = foldName(contact.name);
    this.#put.run(peer, contact.name, contact.state, contact.lastSeen ?? null);
    return peer;
  }

  /** @throws {Refusal} `invalid`: an alias that could pass for something else than a name */
  note(peer: FoldedName, { alias, muted, marked }: ContactNote): void {
    if (alias !== undefined) this.#alias.run(cleanAlias(alias), peer);
    if (muted !== undefined) this.#muted.run(muted ? 1 : 0, peer);
    if (marked !== undefined) this.#marked.run(marked ? 1 : 0, peer);
  }

  /** Both are contacts since now. */
  met(peer: FoldedName, at: number): void {
    this.#met.run(at, peer);
  }

  /** ... or, as is heard later, since before that. */
  metBy(peer: FoldedName, at: number): void {
    this.#metBy.run(at, peer, at);
  }

  seen(peer: FoldedName, at: number): void {
    this.#seen.run(at, peer);
  }

  /** No contact any more: kept as `former` when there is history. @returns what became of it */
  end(peer: FoldedName): "former" | "removed" | "unknown" {
    const known = this.find(peer);
    if (!known) return "unknown";
    if (this.#messages.last(peer)) {
      this.#put.run(peer, known.name, "former", null);
      return "former";
    }
    this.#drafts.put(peer, "");
    this.#remove.run(peer);
    return "removed";
  }

  /** Somebody who is no contact, and of whom there is a message. */
  remember(peer: FoldedName, name: string): void {
    if (!this.find(peer)) this.#put.run(peer, name, "former", null);
  }

  /**
   * A contact as a window shows it; what nobody stores (presence) is an argument.
   * @param attendance online and at the computer, online and away from it, offline, or not known
   * @param missing how many of their messages never came, if their numbers can tell (O9)
   */
  view(row: ContactRow, attendance: Attendance, missing: number | undefined): ContactView {
    const last = this.#messages.last(row.peer);
    const waiting = this.#messages.waiting(row.peer);
    const pending = this.#messages.pending(row.peer);
    const draft = this.#drafts.find(row.peer);
    return {
      name: row.name,
      key: row.peer,
      ...(row.alias !== null && { alias: row.alias }),
      muted: row.muted === 1,
      marked: row.marked === 1,
      ...(row.since !== null && { since: row.since }),
      state: row.state,
      presence: attendance === "here" || attendance === "away" ? "online" : attendance,
      ...(attendance === "away" && { away: true }),
      ...(row.last_seen !== null && { lastSeen: row.last_seen }),
      unread: this.#messages.unread(row.peer),
      ...(last && {
        last: {
          body: last.body.slice(0, previewLength),
          mine: last.mine === 1,
          at: last.accepted_at ?? last.sent_at,
          status: last.status,
        },
      }),
      ...(waiting && { waiting }),
      ...(pending && { pending }),
      ...(missing !== undefined && { missing }),
      ...(draft !== undefined && { draft }),
    };
  }
}

type Attendance = "here" | "away" | "offline" | "unknown";

/** One line, without the characters that are not seen and change how the rest is read. */
function cleanAlias(alias: string): string | null {
  const clean = alias.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(clean)) throw new Refusal("invalid", "An alias is one line of text.");
  return clean === "" ? null : clean;
}
