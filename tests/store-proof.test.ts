import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContactBook } from "../main/contact-book.ts";
import { storeDelivery } from "../main/delivery.ts";
import { viewOf } from "../main/store-messages.ts";
import { type Store } from "../main/store.ts";
import { parseName } from "../wire/model.ts";
import { ana, bia, newId, storePlace, type StorePlace } from "./store-place.ts";

/** What a reader can say about somebody's messages: complete, or exactly where some are missing. */
describe("the proof that nothing is missing", () => {
  let place: StorePlace;
  let store: Store;
  let book: ContactBook;
  const chain = randomUUID();
  const biaName = parseName("Bia");

  beforeEach(async () => {
    place = storePlace();
    store = await place.open();
    book = new ContactBook(store, () => 10);
    contact("mutual");
  });
  afterEach(() => {
    store.close();
    place.remove();
  });

  function contact(state: "mutual" | "blocked"): void {
    if (biaName) book.heard({ name: biaName, state, presence: "offline" });
  }

  const deliver = (...numbers: number[]) =>
    storeDelivery(
      store,
      ana,
      numbers.map((number) => ({
        kind: "message",
        id: newId(),
        at: number,
        from: "Bia",
        to: "Ana",
        body: `number ${number}`,
        sentAt: number,
        acceptedAt: number,
        chain,
        number,
      })),
    ).stored.map(viewOf);
  const page = () => store.messages.page(bia, 50).messages.map((row) => viewOf(row).missingBefore);
  const missing = () => book.view(bia)?.missing;

  it("[O9] before anything is numbered nothing is claimed", () => {
    expect(missing()).toBeUndefined();
  });

  it("[O9] a stream without gaps is complete, from the first number this reader saw", () => {
    deliver(7, 8, 9);
    expect(missing()).toBe(0);
    expect(page()).toEqual([undefined, undefined, undefined]);
  });

  it("[O9] a gap is shown before the message that comes after it, live and from the log", () => {
    const live = deliver(1, 2, 5);
    expect(live.map((message) => message.missingBefore)).toEqual([undefined, undefined, 2]);
    expect(page()).toEqual([undefined, undefined, 2]);
    expect(missing()).toBe(2);
  });

  it("[O9] what one deleted here is not missing", () => {
    const [, two] = deliver(1, 2, 3);
    if (!two) throw new Error("three messages");
    store.transact(() => store.messages.bury(bia, two.id));
    expect(page()).toEqual([undefined, undefined]);
    expect(missing()).toBe(0);
  });

  it("[O9] a gap that one's own block explains is not shown", () => {
    deliver(1, 2);
    contact("blocked");
    contact("mutual");
    deliver(9, 10);
    expect(page()).toEqual([undefined, undefined, undefined, undefined]);
    expect(missing()).toBe(0);
  });
});
