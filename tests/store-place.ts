import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore, type Store } from "../main/store.ts";
import { foldName, messageId, type MessageId } from "../wire/model.ts";

/** A folder of the test's own, and the account's database in it. */
export interface StorePlace {
  readonly folder: string;
  open(): Promise<Store>;
  remove(): void;
}

export function storePlace(): StorePlace {
  const folder = mkdtempSync(path.join(tmpdir(), "recado-store-"));
  return {
    folder,
    open: () => openStore(folder, randomUUID, () => 1_000),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const newId = (): MessageId => messageId.parse(randomUUID());
export const ana = foldName("Ana");
export const bia = foldName("Bia");

/** Writes a message from Ana into log and outbox, as the messenger does. */
export function write(store: Store, to: string, body: string, id = newId()): MessageId {
  store.transact(() => {
    const row = store.messages.add({
      peer: foldName(to),
      sender: ana,
      senderName: "Ana",
      id,
      mine: true,
      body,
      sentAt: 1,
      status: "pending",
      unread: false,
    });
    if (!row) throw new Error("not new");
    store.outbox.add(row, foldName(to), to);
  });
  return id;
}
