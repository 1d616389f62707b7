import { randomUUID } from "node:crypto";
import { argv, stdout } from "node:process";
import { openStore } from "../main/store.ts";
import { storeDelivery } from "../main/delivery.ts";
import { foldName } from "../wire/model.ts";
import { write } from "./store-place.ts";

/** Writes and receives for ever, and says each id when its transaction is committed. Ended with SIGKILL. */
const [, , folder = ""] = argv;
const store = await openStore(folder, randomUUID, Date.now);
for (;;) {
  const id = write(store, "Bia", "o que foi escrito");
  stdout.write(`written ${id}\n`);
  const arrived = randomUUID();
  const envelope = {
    kind: "message",
    id: arrived,
    at: 1,
    from: "Bia",
    to: "Ana",
    body: "o que chegou",
    sentAt: 1,
    acceptedAt: 1,
  };
  storeDelivery(store, foldName("Ana"), [envelope]);
  stdout.write(`stored ${arrived}\n`);
  const { rows } = store.outbox.next(64, []);
  const sent = store.outbox.form(rows);
  stdout.write(`formed ${JSON.stringify(sent.map(({ id: each, number }) => [each, number]))}\n`);
  if (rows.length >= 8) {
    store.outbox.settle({ accepted: rows.map((row) => ({ row, acceptedAt: 2 })), refused: [], later: [], again: [] });
  } else store.outbox.release(rows);
  await new Promise((resolve) => setImmediate(resolve));
}
