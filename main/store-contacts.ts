import { z } from "zod";
import { type ContactView } from "../wire/ipc.ts";
import { contactState, foldName, type Contact, type FoldedName, type Presence } from "../wire/model.ts";
import { type Change, type Database, type Query } from "./database.ts";
import { type StoredMessages } from "./store-messages.ts";

const contactRow = z.object({
  peer: z.string(),
  name: z.string(),
  state: z.enum([...contactState.options, "former"]),
  last_seen: z.number().nullable(),
});
export type ContactRow = z.infer<typeof contactRow>;

/** letters of the last message that a contact list can use */
const previewLength = 200;

/** The contacts as the relay last told them, and those with whom there is only history left. */
export class StoredContacts {
  readonly #messages: StoredMessages;
  readonly #all: Query<ContactRow>;
  readonly #find: Query<ContactRow>;
  readonly #put: Change;
  readonly #seen: Change;
  readonly #remove: Change;

  constructor(database: Database, messages: StoredMessages) {
    this.#messages = messages;
    this.#all = database.query(contactRow, "SELECT peer, name, state, last_seen FROM contacts ORDER BY peer");
    this.#find = database.query(contactRow, "SELECT peer, name, state, last_seen FROM contacts WHERE peer = ?");
    this.#put = database.change(
      `INSERT INTO contacts (peer, name, state, last_seen) VALUES (?, ?, ?, ?)
       ON CONFLICT (peer) DO UPDATE SET name = excluded.name, state = excluded.state, last_seen = excluded.last_seen`,
    );
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
    this.#remove.run(peer);
    return "removed";
  }

  /** Somebody who is no contact, and of whom there is a message. */
  remember(peer: FoldedName, name: string): void {
    if (!this.find(peer)) this.#put.run(peer, name, "former", null);
  }

  /**
   * A contact as a window shows it; what nobody stores (presence) is an argument.
   * @param missing how many of their messages never came, if their numbers can tell (O9)
   */
  view(row: ContactRow, presence: Presence, missing: number | undefined): ContactView {
    const last = this.#messages.last(row.peer);
    const waiting = this.#messages.waiting(row.peer);
    return {
      name: row.name,
      key: row.peer,
      state: row.state,
      presence,
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
      ...(missing !== undefined && { missing }),
    };
  }
}
