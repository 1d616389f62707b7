import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "../main/database.ts";
import { storeDelivery } from "../main/delivery.ts";
import { migrate, migrations, NewerDatabase } from "../main/migrations.ts";
import { follow, type ChainState } from "../main/store-chains.ts";
import { databaseName, SetAside, type Store } from "../main/store.ts";
import { ana, bia, newId, storePlace, write, type StorePlace } from "./store-place.ts";

let place: StorePlace;
let store: Store;

beforeEach(async () => {
  place = storePlace();
  store = await place.open();
});
afterEach(() => {
  store.close();
  place.remove();
});

const message = (id: string, extra: Record<string, unknown> = {}) => ({
  kind: "message",
  id,
  at: 5,
  from: "Bia",
  to: "Ana",
  body: "oi",
  sentAt: 4,
  acceptedAt: 5,
  ...extra,
});
const receipt = (of: readonly string[], by = "Bia", status = "delivered") => ({
  kind: "receipt",
  id: randomUUID(),
  at: 6,
  by,
  status,
  of,
});
const deliver = (...envelopes: unknown[]) => storeDelivery(store, ana, envelopes);
const page = (peer = bia) => store.messages.page(peer, 500).messages;
const statusOf = (id: string) => page().find((row) => row.id === id)?.status;
const acceptAll = () => {
  const { rows } = store.outbox.next(64, []);
  const sent = store.outbox.form(rows);
  store.outbox.settle({ accepted: rows.map((row) => ({ row, acceptedAt: 10 })), refused: [], later: [], again: [] });
  return sent;
};

describe("the log and the outbox", () => {
  it("[O1] a message and its outbox row are kept together or not at all", async () => {
    const id = write(store, "Bia", "um");
    expect(() =>
      store.transact(() => {
        const row = store.messages.add({
          peer: bia,
          sender: ana,
          senderName: "Ana",
          id: newId(),
          mine: true,
          body: "dois",
          sentAt: 1,
          status: "pending",
          unread: false,
        });
        if (!row) throw new Error("not new");
        store.outbox.add(row, bia, "Bia");
        throw new Error("cut here");
      }),
    ).toThrow("cut here");
    store.close();
    store = await place.open();
    expect(page().map((row) => row.id)).toEqual([id]);
    expect(store.outbox.next(64, []).rows.map((row) => row.id)).toEqual([id]);
  });

  it("[O2] a batch that may be on its way is sent again as it was, also after a restart and with more behind it", async () => {
    const ids = [write(store, "Bia", "um"), write(store, "Bia", "dois")];
    const first = store.outbox.form(store.outbox.next(64, []).rows);
    write(store, "Bia", "três");
    store.close();
    store = await place.open();
    const again = store.outbox.next(64, []);
    expect(again.pinned).toBe(true);
    expect(again.rows.map((row) => row.id)).toEqual(ids);
    expect(store.outbox.form(again.rows)).toEqual(first);
  });

  it("[O3] only an answer for its id takes a message out of the outbox", () => {
    const id = write(store, "Bia", "um");
    const { rows } = store.outbox.next(64, []);
    store.outbox.form(rows);
    store.outbox.settle({ accepted: [], refused: [], later: [], again: rows });
    expect(store.outbox.count()).toBe(1);
    deliver(receipt([id]));
    expect(store.outbox.count()).toBe(1);
    acceptAll();
    expect(store.outbox.count()).toBe(0);
    expect(statusOf(id)).toBe("delivered");
  });

  it("[O5] a repeated envelope changes nothing, and the first stays", () => {
    const id = randomUUID();
    expect(deliver(message(id)).stored).toHaveLength(1);
    expect(deliver(message(id, { body: "outra coisa" })).stored).toHaveLength(0);
    expect(page().map((row) => row.body)).toEqual(["oi"]);
  });

  it("[G2] nobody can suppress another's message by using its id", () => {
    const id = randomUUID();
    deliver(message(id, { from: "Caio", body: "primeiro" }));
    expect(deliver(message(id)).stored).toHaveLength(1);
    expect(page().map((row) => row.body)).toEqual(["oi"]);
  });

  it("[O6] status only moves up, and only by its recipient's receipts", () => {
    const id = write(store, "Bia", "um");
    acceptAll();
    deliver(receipt([id], "Caio", "read"));
    expect(statusOf(id)).toBe("accepted");
    deliver(receipt([id], "bia", "read"));
    expect(statusOf(id)).toBe("read");
    expect(deliver(receipt([id], "Bia", "delivered")).changed).toEqual([]);
    expect(statusOf(id)).toBe("read");
  });

  it("[O6] a read on another device of this account clears the unread mark and owes no report", () => {
    const id = newId();
    deliver(message(id));
    expect(store.messages.unread(bia)).toBe(1);
    deliver(receipt([id], "Ana", "delivered"));
    expect(store.messages.unread(bia)).toBe(1);
    deliver(receipt([id], "Ana", "read"));
    expect(store.messages.unread(bia)).toBe(0);
    expect(store.messages.owedReads(bia, 10)).toEqual([]);
  });

  it("[O7] an envelope of an unknown kind is stored as it is, once, and holds up nobody", () => {
    const strange = { kind: "reaction", id: randomUUID(), at: 3, to: "x", nested: { deep: [1, 2] } };
    const delivered = deliver(strange, strange, message(randomUUID()), 7, null, { kind: "message" });
    expect(delivered.stored).toHaveLength(1);
    expect(delivered.ignored).toBe(3);
    store.close();
    const database = new Database(path.join(place.folder, databaseName));
    const kept: unknown = database.prepare("SELECT raw FROM unknown_envelopes").all();
    database.close();
    expect(kept).toEqual([{ raw: JSON.stringify(strange) }]);
  });

  it("[G4] a message that is neither to nor from this account is not shown", () => {
    const delivered = deliver(
      message(randomUUID(), { to: "Caio" }),
      message(randomUUID(), { from: "Ana", to: "Ana" }),
      message(randomUUID(), { body: "" }),
    );
    expect(delivered.stored).toEqual([]);
    expect(delivered.ignored).toBe(3);
    expect(store.contacts.all()).toEqual([]);
  });

  it("[O8] a deleted message leaves a stone: it is not shown again when it is delivered again", () => {
    const id = newId();
    deliver(message(id));
    expect(store.messages.bury(bia, id)).toMatchObject({ stone: 1, body: "", unread: 0 });
    expect(deliver(message(id)).stored).toEqual([]);
    expect(page()).toEqual([]);
    expect(store.messages.unread(bia)).toBe(0);
    expect(store.messages.bury(bia, id)).toBeUndefined();
  });

  it("[O8] a message deleted on its way keeps its body until the relay has answered, and not longer", () => {
    const id = write(store, "Bia", "segredo");
    store.outbox.form(store.outbox.next(64, []).rows);
    expect(store.messages.bury(ana, id)?.body).toBe("segredo");
    expect(store.outbox.next(64, []).rows[0]?.body).toBe("segredo");
    acceptAll();
    expect(store.messages.find(ana, id)).toMatchObject({ stone: 1, body: "" });
  });

  it("pages go back from a position and say whether there is more", () => {
    for (let i = 0; i < 5; i++) deliver(message(randomUUID(), { body: `${i}` }));
    const last = store.messages.page(bia, 2);
    expect(last.messages.map((row) => row.body)).toEqual(["3", "4"]);
    expect(last.more).toBe(true);
    const before = store.messages.page(bia, 10, last.messages[0]?.position);
    expect(before.messages.map((row) => row.body)).toEqual(["0", "1", "2"]);
    expect(before.more).toBe(false);
  });

  it("own messages wait from their acceptance until a receipt", () => {
    const ids = [write(store, "Bia", "um"), write(store, "Bia", "dois")];
    expect(store.messages.waiting(bia)).toBeUndefined();
    acceptAll();
    expect(store.messages.waiting(bia)).toEqual({ count: 2, since: 10 });
    deliver(receipt(ids));
    expect(store.messages.waiting(bia)).toBeUndefined();
  });

  it("[G3] what is older than a message that has arrived does not wait: it has arrived before, or never will", () => {
    const [, later] = [write(store, "Bia", "to somebody who blocked"), write(store, "Bia", "after that")];
    acceptAll();
    expect(store.messages.waiting(bia)?.count).toBe(2);
    deliver(receipt([later]));
    expect(store.messages.waiting(bia)).toBeUndefined();
    write(store, "Bia", "and now");
    acceptAll();
    expect(store.messages.waiting(bia)?.count).toBe(1);
  });
});

describe("numbers", () => {
  it("[O9] each recipient has a stream of its own, counted from 1", () => {
    write(store, "Bia", "um");
    write(store, "Caio", "um");
    write(store, "Bia", "dois");
    const sent = acceptAll();
    expect(sent.map(({ to, number }) => [to, number])).toEqual([
      ["Bia", 1],
      ["Caio", 1],
      ["Bia", 2],
    ]);
    expect(sent[0]?.chain).toBe(sent[2]?.chain);
    expect(sent[0]?.chain).not.toBe(sent[1]?.chain);
  });

  it("[O9] a finally refused message gives its number back, and those behind it are numbered anew", () => {
    for (const body of ["um", "dois", "três"]) write(store, "Bia", body);
    const { rows } = store.outbox.next(64, []);
    store.outbox.form(rows);
    const [one, two, three] = rows;
    if (!one || !two || !three) throw new Error("three rows");
    const error = { code: "too-long", message: "", retryable: false } as const;
    store.outbox.settle({
      accepted: [{ row: one, acceptedAt: 1 }],
      refused: [{ row: two, error }],
      later: [],
      again: [three],
    });
    const sent = store.outbox.form(store.outbox.next(64, []).rows);
    expect(sent.map(({ body, number }) => [body, number])).toEqual([["três", 2]]);
  });

  const table: [string, ChainState | undefined, number, number[], ChainState][] = [
    ["the first seen is where a reader starts", undefined, 7, [], { first: 7, through: 7, highest: 7 }],
    ["the next one", { first: 7, through: 7, highest: 7 }, 8, [], { first: 7, through: 8, highest: 8 }],
    ["a gap", { first: 1, through: 2, highest: 2 }, 4, [], { first: 1, through: 2, highest: 4 }],
    ["a gap that is filled", { first: 1, through: 2, highest: 5 }, 3, [4, 5], { first: 1, through: 5, highest: 5 }],
    ["one of two gaps", { first: 1, through: 2, highest: 6 }, 3, [4, 6], { first: 1, through: 4, highest: 6 }],
    ["an old one again", { first: 3, through: 5, highest: 5 }, 4, [], { first: 3, through: 5, highest: 5 }],
    ["one before the first", { first: 3, through: 5, highest: 5 }, 1, [], { first: 3, through: 5, highest: 5 }],
  ];
  it.each(table)("[O9] a reader follows a stream: %s", (_title, state, number, held, expected) => {
    expect(follow(state, number, (other) => held.includes(other))).toEqual(expected);
  });

  it("[O9] what was delivered is followed, a hole shows, and filling it closes it", () => {
    const chain = randomUUID();
    const numbered = (number: number) => message(randomUUID(), { chain, number });
    deliver(numbered(1), numbered(2), numbered(4));
    expect(store.chains.find(bia, chain)).toEqual({ first: 1, through: 2, highest: 4 });
    deliver(numbered(3));
    expect(store.chains.find(bia, chain)).toEqual({ first: 1, through: 4, highest: 4 });
  });
});

describe("opening", () => {
  it("[G1] durable commits, keys and a sound schema are there at every open", async () => {
    const before = readdirSync(place.folder);
    store.close();
    store = await place.open();
    expect(before).toContain(databaseName);
    expect(store.facts()).toBeUndefined();
  });

  it("a damaged database is set aside, explained and never written over", async () => {
    store.close();
    const file = path.join(place.folder, databaseName);
    const damage = "this is not a database ".repeat(300);
    writeFileSync(file, damage);
    const error: unknown = await place.open().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(SetAside);
    if (!(error instanceof SetAside)) return;
    expect(readFileSync(error.file, "utf8")).toBe(damage);
    expect(readdirSync(place.folder)).not.toContain(databaseName);
    store = await place.open();
    expect(readFileSync(error.file, "utf8")).toBe(damage);
  });

  it("a page that rots is found when the file is opened", async () => {
    for (let i = 0; i < 500; i++) deliver(message(randomUUID(), { body: "x".repeat(500) }));
    store.close();
    const file = path.join(place.folder, databaseName);
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096 * 20, 4096 * 24);
    writeFileSync(file, bytes);
    await expect(place.open()).rejects.toBeInstanceOf(SetAside);
    store = await place.open();
  });

  it("a page of a long history that rots is found when it is used, and the next opening sets it aside", async () => {
    store.transact(() => {
      for (let i = 0; i < 320; i++) deliver(message(randomUUID(), { body: "x".repeat(30_000) }));
    });
    store.close();
    const file = path.join(place.folder, databaseName);
    const bytes = readFileSync(file);
    bytes.fill(0xff, 4096 * 1_000, 4096 * (bytes.length / 4096 - 10));
    writeFileSync(file, bytes);
    store = await place.open();
    expect(() => store.messages.page(bia, 500)).toThrow(/malformed/);
    store.close();
    await expect(place.open()).rejects.toBeInstanceOf(SetAside);
    store = await place.open();
  });

  it("a database of a newer version is refused with a reason, and left alone", async () => {
    store.close();
    const database = new Database(path.join(place.folder, databaseName));
    await migrate(database, { ...migrations, "999-future": { up: async () => undefined } });
    database.close();
    await expect(place.open()).rejects.toBeInstanceOf(NewerDatabase);
    await expect(place.open()).rejects.toThrow("999-future");
    // what the newer version wrote is untouched: with its own migrations it opens
    const newer = new Database(path.join(place.folder, databaseName));
    await migrate(newer, { ...migrations, "999-future": { up: async () => undefined } });
    newer.close();
  });
});
