import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContactBook } from "../main/contact-book.ts";
import { News } from "../main/news.ts";
import { type MessageRow } from "../main/store-messages.ts";
import { type Store } from "../main/store.ts";
import { accountId, type AppEvent } from "../wire/ipc.ts";
import { ManualClock, settled } from "./manual-clock.ts";
import { bia, newId, storePlace, type StorePlace } from "./store-place.ts";

const account = accountId.parse(newId());
/** as many as a relay delivers at once */
const batch = 64;

let place: StorePlace;
let store: Store;
let clock: ManualClock;
/** what was told together, as kinds and how many messages or entries they are of */
let told: string[][];
let news: News;

const briefly = (event: AppEvent): string => {
  if ("messages" in event) return `${event.kind} ${event.messages.length}`;
  if (event.kind === "contacts:changed") {
    const [contact] = event.contacts;
    return `${event.kind} ${event.contacts.length}, unread ${contact?.unread ?? 0}`;
  }
  return event.kind;
};

beforeEach(async () => {
  place = storePlace();
  store = await place.open();
  store.contacts.remember(bia, "Bia");
  clock = new ManualClock();
  told = [];
  news = new News({
    account,
    book: new ContactBook(store, () => clock.now()),
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined, close: () => undefined },
    view: () => {
      throw new Error("nothing here changes the account");
    },
    emit: (...events) => told.push(events.map(briefly)),
  });
});
afterEach(() => {
  news.close();
  store.close();
  place.remove();
});

/** Stores messages of Bia's, as a delivery does. */
const arrive = (count: number): MessageRow[] =>
  store.transact(() =>
    Array.from({ length: count }, () => {
      const row = store.messages.add({
        peer: bia,
        sender: bia,
        senderName: "Bia",
        id: newId(),
        mine: false,
        body: "oi",
        sentAt: 1,
        status: "accepted",
        unread: true,
      });
      if (!row) throw new Error("a message was here already");
      return row;
    }),
  );

describe("telling the windows", () => {
  it("a message and its contact's entry are told together, at the end of the turn", async () => {
    news.stored(arrive(1));
    expect(told).toEqual([]);
    await settled();
    expect(told).toEqual([["messages:stored 1", "contacts:changed 1, unread 1"]]);
  });

  it("in the order in which it happened, the entry counted once and last", async () => {
    const [first, second] = arrive(2);
    if (!first || !second) throw new Error("two were stored");
    news.stored([first]);
    news.stored([second]);
    news.changed([first]);
    news.deleted(second);
    news.stored(arrive(1));
    await settled();
    expect(told).toEqual([
      [
        "messages:stored 2",
        "messages:changed 1",
        "message:deleted",
        "messages:stored 1",
        "contacts:changed 1, unread 3",
      ],
    ]);
  });

  it("another status waits a moment, and is told once, with what else comes", async () => {
    const [first, second] = arrive(2);
    if (!first || !second) throw new Error("two were stored");
    news.changed([first]);
    await settled();
    expect(told).toEqual([]);
    await clock.pass(25);
    news.changed([second]);
    await clock.pass(25);
    expect(told).toEqual([["messages:changed 2", "contacts:changed 1, unread 2"]]);
    news.changed([first]);
    news.stored(arrive(1));
    await settled();
    expect(told.slice(1)).toEqual([["messages:changed 1", "messages:stored 1", "contacts:changed 1, unread 3"]]);
    await clock.pass(1_000);
    expect(told).toHaveLength(2);
  });

  it("[F34] of a flood the first is told at once and the rest in portions, none of it lost and none doubled", async () => {
    for (let delivery = 0; delivery < 10; delivery++) {
      news.stored(arrive(batch));
      await settled();
    }
    expect(told).toEqual([[`messages:stored ${batch}`, `contacts:changed 1, unread ${batch}`]]);
    await clock.pass(100);
    expect(told[1]).toEqual([`messages:stored ${9 * batch}`, `contacts:changed 1, unread ${10 * batch}`]);
    await clock.pass(1_000);
    expect(told).toHaveLength(2);
  });

  it("after the flood a message is told at once again", async () => {
    news.stored(arrive(batch));
    await settled();
    await clock.pass(100);
    news.stored(arrive(1));
    await settled();
    expect(told.slice(1)).toEqual([["messages:stored 1", `contacts:changed 1, unread ${batch + 1}`]]);
  });

  it("what happens while the windows draw keeps its place behind the flood", async () => {
    const [row] = arrive(1);
    if (!row) throw new Error("one was stored");
    news.stored([row, ...arrive(batch)]);
    await settled();
    news.deleted(row);
    news.contactRemoved(bia);
    await settled();
    expect(told).toHaveLength(1);
    await clock.pass(100);
    expect(told[1]).toEqual(["message:deleted", "contact:removed"]);
  });

  it("nothing is told after it was closed", async () => {
    news.stored(arrive(batch));
    await settled();
    news.stored(arrive(1));
    news.close();
    await clock.pass(1_000);
    expect(told).toHaveLength(1);
  });
});
