import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ContactBook } from "../main/contact-book.ts";
import { type Store } from "../main/store.ts";
import { Refusal } from "../wire/contract.ts";
import { foldName, name as accountName } from "../wire/model.ts";
import { bia, storePlace, write, type StorePlace } from "./store-place.ts";

describe("what this computer alone keeps about a contact", () => {
  let place: StorePlace;
  let store: Store;
  let book: ContactBook;
  const nameOf = (said: string) => accountName.parse(said);
  const view = () => book.view(bia);
  const refusalCode = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof Refusal) return error.code;
    }
    return "none";
  };

  beforeEach(async () => {
    place = storePlace();
    store = await place.open();
    book = new ContactBook(store, () => 50);
    store.contacts.put({ name: nameOf("Bia"), state: "pending", presence: "offline" });
  });
  afterEach(() => {
    store.close();
    place.remove();
  });

  test("[W10] an alias, a mute and a mark are kept over a restart and over the relay's own word", async () => {
    expect(book.noted(bia, { alias: "  Bia  do laboratório ", muted: true, marked: true }).touched).toEqual([bia]);
    book.heard({ name: nameOf("Bia"), state: "mutual", presence: "online" });
    store.close();
    store = await place.open();
    book = new ContactBook(store, () => 60);
    expect(view()).toMatchObject({ name: "Bia", alias: "Bia do laboratório", muted: true, marked: true });
  });

  test("[W10] each is changed without touching the others, and an empty alias gives the name back", () => {
    book.noted(bia, { alias: "Beatriz", muted: true });
    book.noted(bia, { muted: false });
    expect(view()).toMatchObject({ alias: "Beatriz", muted: false, marked: false });
    book.noted(bia, { alias: "   " });
    expect(view()?.alias).toBeUndefined();
  });

  test("[W10] nothing is noted about a stranger, and no alias turns the line around", () => {
    expect(refusalCode(() => book.noted(foldName("Ninguem"), { muted: true }))).toBe("not-a-contact");
    expect(refusalCode(() => book.noted(bia, { alias: "Ana\u202Egnp" }))).toBe("invalid");
    expect(view()?.alias).toBeUndefined();
  });

  test("[W10] since when both are contacts is known from the change, and not from a list that says it is so", () => {
    book.heard({ name: nameOf("Bia"), state: "mutual", presence: "online" });
    expect(view()?.since).toBe(50);
    // the notice waited in the inbox and has the true time
    book.noticed({ kind: "contact", id: randomUUID(), at: 20, name: nameOf("Bia"), change: "accepted" });
    expect(view()?.since).toBe(20);
    book.heard({ name: nameOf("Caio"), state: "mutual", presence: "online" });
    expect(book.views().find((contact) => contact.name === "Caio")?.since).toBeUndefined();
  });

  test("[W3] what the relay has not accepted is counted for its recipient, apart from what waits there", () => {
    write(store, "Bia", "um");
    write(store, "Bia", "dois");
    expect(view()?.pending).toEqual({ count: 2, since: 1 });
    expect(view()?.waiting).toBeUndefined();
    const { rows } = store.outbox.next(64, []);
    store.outbox.form(rows);
    store.outbox.settle({ accepted: rows.map((row) => ({ row, acceptedAt: 10 })), refused: [], later: [], again: [] });
    expect(view()?.pending).toBeUndefined();
    expect(view()?.waiting).toEqual({ count: 2, since: 10 });
  });
});
