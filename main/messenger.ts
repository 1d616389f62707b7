import { Refusal } from "../wire/contract.ts";
import { type CallParams, type CallValue, type MessageView } from "../wire/ipc.ts";
import { checkBody, foldName, messageId, type FoldedName, type MessageId } from "../wire/model.ts";
import { type ContactRow } from "./store-contacts.ts";
import { type MessageRow, viewOf } from "./store-messages.ts";
import { type Store } from "./store.ts";

/** What the use cases tell: to the windows, and to the outbox that there is something to send. */
export interface MessengerNotices {
  stored(rows: readonly MessageRow[]): void;
  changed(rows: readonly MessageRow[]): void;
  deleted(row: MessageRow): void;
  /** what is typed to somebody and not sent is another text now */
  drafted(peer: FoldedName): void;
  /** there will be something new in the outbox; within the transaction that puts it there */
  writing(): void;
  /** there is something new in the outbox */
  written(): void;
  /** there is something new to report as read */
  shown(): void;
}

export interface MessengerNeeds {
  readonly store: Store;
  readonly me: () => string;
  readonly now: () => number;
  readonly newId: () => string;
  readonly notices: MessengerNotices;
}

/** Which part of a log is asked for: what is before, after or around a position; nothing: the end of it. */
export type LogPlace = Pick<CallParams<"message:list">, "before" | "after" | "around">;

/** What a person does with messages. Each use case is stored before it is told to anybody. */
export class Messenger {
  readonly #needs: MessengerNeeds;

  constructor(needs: MessengerNeeds) {
    this.#needs = needs;
  }

  /** A page of a conversation, oldest first; a name without a log gives an empty one. */
  list(name: string, limit: number, { before, after, around }: LogPlace = {}): CallValue<"message:list"> {
    const { messages } = this.#needs.store;
    const peer = foldName(name);
    if (after !== undefined) {
      const page = messages.pageAfter(peer, limit, after);
      return { messages: page.messages.map(viewOf), more: true, newer: page.newer };
    }
    if (around !== undefined) {
      // the message itself is the last of the older half
      const older = messages.page(peer, Math.ceil(limit / 2), around + 1);
      const newer = messages.pageAfter(peer, Math.floor(limit / 2), around);
      return { messages: [...older.messages, ...newer.messages].map(viewOf), more: older.more, newer: newer.newer };
    }
    const page = messages.page(peer, limit, before);
    return { messages: page.messages.map(viewOf), more: page.more, newer: before !== undefined };
  }

  /** What holds the words that were typed, in one conversation or in all (W20). */
  search({ query, name, before, limit }: CallParams<"message:search">): CallValue<"message:search"> {
    return this.#needs.store.search.find(query, limit, name === undefined ? undefined : foldName(name), before);
  }

  /** Where in this conversation the message stands that a quote is of; the newest one before the answer (W21). */
  find({ name, quoted, before }: CallParams<"message:find">): CallValue<"message:find"> {
    const position = this.#needs.store.search.quoted(quoted, foldName(name), before);
    return position === undefined ? {} : { position };
  }

  /** Keeps what is typed to somebody and not sent, over a restart; it goes with the message that it becomes (W9). */
  keepDraft(name: string, draft: string): void {
    const { store, notices } = this.#needs;
    const peer = foldName(name);
    if (!store.contacts.find(peer)) return;
    if (store.transact(() => store.drafts.put(peer, draft))) notices.drafted(peer);
  }

  /**
   * Puts a message into the log and the outbox, in one transaction (O1): it is on the screen as pending, whatever happens.
   * @throws {Refusal} `invalid`, `too-long` (G9), `not-a-contact`, `blocked`, `storage-failed`
   */
  write(name: string, body: string): MessageView {
    assertBody(body);
    const contact = this.#writable(name);
    const { store } = this.#needs;
    const row = store.transact(() => {
      store.drafts.put(foldName(contact.name), "");
      return this.#put(contact, body);
    });
    this.#needs.notices.stored([row]);
    this.#needs.notices.written();
    return viewOf(row);
  }

  /**
   * Sends a refused message as a new one: it goes to the end of the log, because that is when it is said now.
   * @throws {Refusal} `invalid` when there is no refused message of that id, and what `write` throws
   */
  resend(id: MessageId): MessageView {
    const { store, notices } = this.#needs;
    const me = foldName(this.#needs.me());
    const old = store.messages.find(me, id);
    if (old?.status !== "refused" || old.stone === 1)
      throw new Refusal("invalid", "There is no refused message of that id.");
    const contact = this.#writable(old.peer);
    const row = store.transact(() => {
      store.messages.bury(me, id);
      return this.#put(contact, old.body);
    });
    notices.deleted(old);
    notices.stored([row]);
    notices.written();
    return viewOf(row);
  }

  /**
   * Deletes a message here, leaving a stone (O8). One that was never sent is withdrawn; one that may be on its way goes
   * its way, because its recipient may have it already.
   */
  delete(from: string, id: MessageId): void {
    const { store, notices } = this.#needs;
    const row = store.transact(() => {
      const known = store.messages.find(foldName(from), id);
      if (known?.mine === 1) store.outbox.withdraw(known.position);
      return store.messages.bury(foldName(from), id);
    });
    if (!row) return;
    notices.deleted(row);
    notices.written();
  }

  /** The reader has seen everything up to `position`; their senders hear it when they may (G7). */
  shown(name: string, position: number): void {
    const { store, notices } = this.#needs;
    const rows = store.transact(() => store.messages.shown(foldName(name), position));
    if (rows.length === 0) return;
    notices.changed(rows);
    notices.shown();
  }

  #put(contact: ContactRow, body: string): MessageRow {
    const { store, now, newId } = this.#needs;
    const me = this.#needs.me();
    const peer = foldName(contact.name);
    const row = store.messages.add({
      peer,
      sender: foldName(me),
      senderName: me,
      id: messageId.parse(newId()),
      mine: true,
      body,
      sentAt: now(),
      status: "pending",
      unread: false,
    });
    if (!row) throw new Error("a new id was not new");
    store.outbox.add(row, peer, contact.name);
    this.#needs.notices.writing();
    return row;
  }

  /** One writes to pending and mutual contacts only (G8); said here too, so that nobody types into a void. */
  #writable(name: string): ContactRow {
    const contact = this.#needs.store.contacts.find(foldName(name));
    if (contact?.state === "pending" || contact?.state === "mutual") return contact;
    if (contact?.state === "blocked") throw new Refusal("blocked", "This contact is blocked.");
    throw new Refusal("not-a-contact", "This is not a contact.");
  }
}

function assertBody(body: string): void {
  const verdict = checkBody(body);
  switch (verdict) {
    case "ok":
      return;
    case "too-long":
      throw new Refusal("too-long", "The message is longer than 65,536 bytes.");
    case "empty":
    case "malformed":
      throw new Refusal("invalid", "The message is empty or not a text.");
  }
}
