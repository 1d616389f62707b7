import { Refusal } from "../wire/contract.ts";
import { type ContactView } from "../wire/ipc.ts";
import { foldName, type Contact, type ContactEnvelope, type FoldedName, type Presence } from "../wire/model.ts";
import { type Announcements, type ContactChanged, type SessionStarted } from "../wire/socket.ts";
import { type ContactNote, type ContactRow } from "./store-contacts.ts";
import { type Store } from "./store.ts";

/** What happened to contacts: whose entry looks different, who is gone from the list, who has become mutual. */
export interface ContactNews {
  readonly touched: readonly FoldedName[];
  readonly removed: readonly FoldedName[];
  readonly mutual: readonly FoldedName[];
}

const nothing: ContactNews = { touched: [], removed: [], mutual: [] };

/**
 * The contacts of one account: the relay's word, kept for when there is no relay, and the presence that nobody keeps.
 * Live news may be lost and notices wait in the inbox, so each has the relay's time and an older one never undoes a newer one.
 */
export class ContactBook {
  readonly #store: Store;
  readonly #now: () => number;
  /** who is online; the value says whether they are at the computer. None without a session: then nothing is known of anybody */
  #online: Map<FoldedName, "here" | "away"> | undefined;
  /** the relay's clock minus ours */
  #skewMs = 0;
  /** in the relay's time: since when the list is the relay's word, and each contact's own last word */
  #sessionAt = 0;
  readonly #wordAt = new Map<FoldedName, number>();

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  views(): ContactView[] {
    return this.#store.contacts.all().map((row) => this.#view(row));
  }

  view(peer: FoldedName): ContactView | undefined {
    const row = this.#store.contacts.find(peer);
    return row && this.#view(row);
  }

  /** The list a session starts with is the state: who is not in it is no contact any more. */
  started(session: SessionStarted): ContactNews {
    this.#skewMs = session.serverTime - this.#now();
    this.#sessionAt = session.serverTime;
    this.#wordAt.clear();
    this.#online = new Map();
    const listed = new Set(session.contacts.map(({ name }) => foldName(name)));
    return this.#store.transact(() => {
      const news = session.contacts.map((contact) => this.#put(contact));
      for (const { peer, state } of this.#store.contacts.all()) {
        if (!listed.has(foldName(peer)) && state !== "former") news.push(this.#end(foldName(peer)));
      }
      return joined(news);
    });
  }

  /** Without a session nobody's presence is known. */
  disconnected(): ContactNews {
    if (!this.#online) return nothing;
    this.#online = undefined;
    // of nobody else was anything said
    const mutual = this.#store.contacts.all().filter(({ state }) => state === "mutual");
    return { ...nothing, touched: mutual.map(({ peer }) => foldName(peer)) };
  }

  /** The relay's word just now: live news, or its answer to a request. */
  heard(word: ContactChanged): ContactNews {
    if (word.state === "removed") return this.ended(foldName(word.name));
    this.#wordAt.set(foldName(word.name), this.#now() + this.#skewMs);
    return this.#store.transact(() => this.#put(word));
  }

  /** The relay's word just now that this is no contact any more. */
  ended(peer: FoldedName): ContactNews {
    this.#wordAt.set(peer, this.#now() + this.#skewMs);
    return this.#store.transact(() => this.#end(peer));
  }

  /** What the person notes about a contact, on this computer only. @throws {Refusal} `not-a-contact` */
  noted(peer: FoldedName, note: ContactNote): ContactNews {
    if (!this.#store.contacts.find(peer)) throw new Refusal("not-a-contact", "There is nothing known of that name.");
    this.#store.transact(() => this.#store.contacts.note(peer, note));
    return { ...nothing, touched: [peer] };
  }

  presence({ name, presence, away, lastSeen }: Announcements["presence:changed"]): ContactNews {
    const peer = foldName(name);
    if (this.#store.contacts.find(peer)?.state !== "mutual") return nothing;
    this.#place(peer, presence, away);
    if (lastSeen !== undefined) this.#store.transact(() => this.#store.contacts.seen(peer, lastSeen));
    return { ...nothing, touched: [peer] };
  }

  /** A notice from the inbox, which may have waited there: only what is newer than the relay's last word counts. */
  noticed(notice: ContactEnvelope): ContactNews {
    const peer = foldName(notice.name);
    if (notice.change === "accepted") this.#store.transact(() => this.#store.contacts.metBy(peer, notice.at));
    if (notice.at < (this.#wordAt.get(peer) ?? this.#sessionAt)) return nothing;
    this.#wordAt.set(peer, notice.at);
    const known = this.#store.contacts.find(peer)?.state;
    const { name } = notice;
    switch (notice.change) {
      case "requested":
        if (known !== undefined && known !== "former") return nothing;
        return this.#store.transact(() => this.#put({ name, state: "requested", presence: "offline" }));
      case "accepted":
        if (known !== "pending") return nothing;
        return this.#store.transact(() => this.#put({ name, state: "mutual", presence: "offline" }));
      case "removed":
        if (known === "blocked") return nothing;
        return this.#store.transact(() => this.#end(peer));
    }
  }

  #put(contact: Contact): ContactNews {
    const peer = foldName(contact.name);
    const before = this.#store.contacts.find(peer)?.state;
    if ((before === "blocked") !== (contact.state === "blocked")) this.#store.chains.restart(peer);
    this.#store.contacts.put(contact);
    // first seen as mutual it may have been so for years: only the change itself is known
    if (before !== undefined && before !== "mutual" && contact.state === "mutual") {
      this.#store.contacts.met(peer, this.#now() + this.#skewMs);
    }
    this.#place(peer, contact.state === "mutual" ? contact.presence : "offline", contact.away);
    return { touched: [peer], removed: [], mutual: contact.state === "mutual" && before !== "mutual" ? [peer] : [] };
  }

  #end(peer: FoldedName): ContactNews {
    this.#online?.delete(peer);
    // a declined request: what they still write is discarded on the relay
    if (this.#store.contacts.find(peer)?.state === "requested") this.#store.chains.restart(peer);
    switch (this.#store.contacts.end(peer)) {
      case "former":
        return { ...nothing, touched: [peer] };
      case "removed":
        return { ...nothing, removed: [peer] };
      case "unknown":
        return nothing;
    }
  }

  #place(peer: FoldedName, presence: Presence, away: true | undefined): void {
    if (presence === "online") this.#online?.set(peer, away ? "away" : "here");
    else this.#online?.delete(peer);
  }

  #view(row: ContactRow): ContactView {
    const attendance = this.#online ? (this.#online.get(foldName(row.peer)) ?? "offline") : "unknown";
    return this.#store.contacts.view(row, attendance, this.#store.chains.missing(row.peer));
  }
}

function joined(news: readonly ContactNews[]): ContactNews {
  return {
    touched: news.flatMap(({ touched }) => touched),
    removed: news.flatMap(({ removed }) => removed),
    mutual: news.flatMap(({ mutual }) => mutual),
  };
}
