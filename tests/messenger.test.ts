import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContactBook } from "../main/contact-book.ts";
import { Messenger } from "../main/messenger.ts";
import { type MessageRow } from "../main/store-messages.ts";
import { type Store } from "../main/store.ts";
import { foldName, name, type Contact, type ContactState } from "../wire/model.ts";
import { bia, newId, storePlace, write, type StorePlace } from "./store-place.ts";

let place: StorePlace;
let store: Store;
let told: string[];
let messenger: Messenger;

beforeEach(async () => {
  place = storePlace();
  store = await place.open();
  told = [];
  const note = (what: string) => (rows: readonly MessageRow[]) => void told.push(`${what} ${rows.length}`);
  messenger = new Messenger({
    store,
    me: () => "Ana",
    now: () => 5,
    newId: randomUUID,
    notices: {
      stored: note("stored"),
      changed: note("changed"),
      deleted: () => void told.push("deleted"),
      drafted: () => void told.push("drafted"),
      writing: () => void told.push("writing"),
      written: () => void told.push("written"),
      shown: () => void told.push("shown"),
    },
  });
});
afterEach(() => {
  store.close();
  place.remove();
});

const contact = (as: string, state: ContactState): Contact => ({ name: name.parse(as), state, presence: "offline" });
const refuse = (id: string): void => {
  const { rows } = store.outbox.next(64, []);
  store.outbox.form(rows);
  const error = { code: "not-a-contact", message: "", retryable: false } as const;
  store.outbox.settle({
    accepted: [],
    refused: rows.filter((row) => row.id === id).map((row) => ({ row, error })),
    later: [],
    again: [],
  });
};

describe("writing", () => {
  it("[O1] what is written is stored as pending before anybody is told", () => {
    store.contacts.put(contact("Bia", "mutual"));
    const view = messenger.write("BIA", "olá");
    expect(view).toMatchObject({ with: "bia", mine: true, status: "pending", body: "olá", sentAt: 5 });
    expect(store.outbox.count()).toBe(1);
    expect(told).toEqual(["writing", "stored 1", "written"]);
  });

  it("[G9] a body that cannot be sent is refused at once", () => {
    store.contacts.put(contact("Bia", "mutual"));
    expect(() => messenger.write("Bia", "")).toThrow("invalid");
    expect(() => messenger.write("Bia", "\ud800")).toThrow("invalid");
    expect(() => messenger.write("Bia", "é".repeat(32_769))).toThrow("too-long");
    expect(messenger.write("Bia", "é".repeat(32_768)).status).toBe("pending");
    expect(store.outbox.count()).toBe(1);
  });

  it.each([
    ["requested", "not-a-contact"],
    ["blocked", "blocked"],
  ] as const)("[G8] nobody writes to a %s contact", (state, code) => {
    store.contacts.put(contact("Bia", state));
    expect(() => messenger.write("Bia", "oi")).toThrow(code);
    expect(() => messenger.write("Caio", "oi")).toThrow("not-a-contact");
    expect(told).toEqual([]);
  });

  it("a refused message is sent again as a new one at the end, and the old one leaves a stone", () => {
    store.contacts.put(contact("Bia", "pending"));
    const old = messenger.write("Bia", "um");
    refuse(old.id);
    store.contacts.put(contact("Bia", "mutual"));
    const again = messenger.resend(old.id);
    expect(again.id).not.toBe(old.id);
    expect(messenger.list("Bia", 10, undefined).messages.map(({ id }) => id)).toEqual([again.id]);
    expect(() => messenger.resend(old.id)).toThrow("invalid");
    expect(() => messenger.resend(again.id)).toThrow("invalid");
  });

  it("[O8] deleting what was never sent takes it back; what may be on its way goes its way", () => {
    store.contacts.put(contact("Bia", "mutual"));
    const sent = messenger.write("Bia", "já foi");
    store.outbox.form(store.outbox.next(64, []).rows);
    const unsent = messenger.write("Bia", "ainda não");
    messenger.delete("ana", sent.id);
    messenger.delete("ana", unsent.id);
    expect(messenger.list("Bia", 10, undefined).messages).toEqual([]);
    expect(store.outbox.next(64, []).rows.map(({ id }) => id)).toEqual([sent.id]);
    expect(store.outbox.count()).toBe(1);
    messenger.delete("ana", sent.id);
    expect(told.filter((what) => what === "deleted")).toHaveLength(2);
  });

  it("[G7] what was shown owes a report once, and survives a restart", async () => {
    const ids = [newId(), newId()];
    for (const id of ids) {
      store.messages.add({
        peer: bia,
        sender: bia,
        senderName: "Bia",
        id,
        mine: false,
        body: "oi",
        sentAt: 1,
        acceptedAt: 2,
        status: "accepted",
        unread: true,
      });
    }
    messenger.shown("Bia", 1);
    messenger.shown("Bia", 1);
    expect(told).toEqual(["changed 1", "shown"]);
    store.close();
    store = await place.open();
    expect(store.messages.owedPeers()).toEqual([bia]);
    expect(store.messages.owedReads(bia, 10)).toEqual([ids[0]]);
    store.messages.reported(bia, store.messages.owedReads(bia, 10));
    expect(store.messages.owedPeers()).toEqual([]);
  });
});

describe("contacts", () => {
  const session = (contacts: Contact[], serverTime = 1_000) => ({
    name: name.parse("Ana"),
    token: "t",
    contacts,
    waiting: 0,
    limits: { bodyBytes: 1, batch: 64, requestBytes: 1 },
    serverTime,
  });
  const notice = (change: "requested" | "accepted" | "removed", at: number, of = "Bia") => ({
    kind: "contact" as const,
    id: randomUUID(),
    at,
    name: name.parse(of),
    change,
  });
  const stateOf = (book: ContactBook) => book.view(bia)?.state;

  it("[G12] the list of a session is the state: who is not in it is gone, or former when there is history", () => {
    const book = new ContactBook(store, () => 0);
    book.started(session([contact("Bia", "mutual"), contact("Caio", "pending")]));
    write(store, "Bia", "oi");
    const news = book.started(session([]));
    expect(news.removed).toEqual([foldName("Caio")]);
    expect(stateOf(book)).toBe("former");
  });

  it("[G12] a notice that waited in the inbox does not undo what the relay has said since", () => {
    const book = new ContactBook(store, () => 0);
    book.started(session([]));
    book.noticed(notice("requested", 900));
    expect(stateOf(book)).toBeUndefined();
    book.noticed(notice("requested", 1_100));
    expect(stateOf(book)).toBe("requested");
    book.noticed(notice("removed", 1_050));
    expect(stateOf(book)).toBe("requested");
    book.noticed(notice("removed", 1_200));
    expect(stateOf(book)).toBeUndefined();
  });

  it("[G12] an accepted request makes a pending contact mutual, and says so once", () => {
    const book = new ContactBook(store, () => 0);
    book.started(session([contact("Bia", "pending")]));
    expect(book.noticed(notice("accepted", 1_100)).mutual).toEqual([bia]);
    expect(book.heard(contact("Bia", "mutual")).mutual).toEqual([]);
    expect(stateOf(book)).toBe("mutual");
  });

  it("[G7] presence is of mutual contacts only, and ends with the session", () => {
    const book = new ContactBook(store, () => 0);
    book.started(session([contact("Bia", "pending")]));
    book.presence({ name: name.parse("Bia"), presence: "online" });
    expect(book.view(bia)?.presence).toBe("offline");
    book.heard({ ...contact("Bia", "mutual"), presence: "online" });
    expect(book.view(bia)?.presence).toBe("online");
    expect(book.disconnected().touched).toEqual([bia]);
    expect(book.view(bia)?.presence).toBe("unknown");
    expect(book.disconnected().touched).toEqual([]);
  });
});
