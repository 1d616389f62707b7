import { Refusal } from "../wire/contract.ts";
import { type MessageView } from "../wire/ipc.ts";
import { checkBody, foldName, messageId, type MessageId } from "../wire/model.ts";
import { type ContactRow } from "./store-contacts.ts";
import { type MessageRow, viewOf } from "./store-messages.ts";
import { type Store } from "./store.ts";

/** What the use cases tell: to the windows, and to the outbox that there is something to send. */
export interface MessengerNotices {
  stored(rows: readonly MessageRow[]): void;
  changed(rows: readonly MessageRow[]): void;
  deleted(row: MessageRow): void;
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

/** What a person does with messages. Each use case is stored before it is told to anybody. */
export class Messenger {
  readonly #needs: MessengerNeeds;

  constructor(needs: MessengerNeeds) {
    this.#needs = needs;
  }

  /** A page of a conversation, oldest first; a name without a log gives an empty one. */
  list(name: string, limit: number, before: number | undefined): { messages: MessageView[]; more: boolean } {
    const { messages, more } = this.#needs.store.messages.page(foldName(name), limit, before);
    return { messages: messages.map(viewOf), more };
  }

  /**
   * Puts a message into the log and the outbox, in one transaction (O1): it is on the screen as pending, whatever happens.
   * @throws {Refusal} `invalid`, `too-long` (G9), `not-a-contact`, `blocked`, `storage-failed`
   */
  write(name: string, body: string): MessageView {
    assertBody(body);
    const contact = this.#writable(name);
    const row = this.#needs.store.transact(() => this.#put(contact, body));
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
