import {
  checkBody,
  envelope,
  foldName,
  unknownEnvelope,
  type ContactEnvelope,
  type FoldedName,
  type MessageEnvelope,
  type ReceiptEnvelope,
} from "../wire/model.ts";
import { type MessageRow } from "./store-messages.ts";
import { type Store } from "./store.ts";

/** What one delivery changed on this device. */
export interface Delivered {
  readonly stored: MessageRow[];
  readonly changed: MessageRow[];
  /** notices about contacts, for the messenger to weigh against what the relay said live */
  readonly notices: ContactEnvelope[];
  /** envelopes that are nobody's business here: answered, so that they do not come for ever, and counted for the log */
  ignored: number;
}

/**
 * Stores a batch of envelopes in one transaction; a repeated one changes nothing (O5). The caller answers the relay
 * after this has returned, never before (G5).
 * @param me the folded name of this account
 * @throws {Refusal} `storage-failed`: nothing was kept
 */
export function storeDelivery(store: Store, me: FoldedName, envelopes: readonly unknown[]): Delivered {
  const delivered: Delivered = { stored: [], changed: [], notices: [], ignored: 0 };
  store.transact(() => {
    for (const said of envelopes) storeOne(store, me, said, delivered);
  });
  return delivered;
}

function storeOne(store: Store, me: FoldedName, said: unknown, delivered: Delivered): void {
  const known = envelope.safeParse(said).data;
  if (!known) {
    // a kind of a newer relay, or one that does not fit: kept as it is, shown nowhere (O7)
    const strange = unknownEnvelope.safeParse(said).data;
    if (strange) store.keepUnknown(strange, JSON.stringify(said));
    else delivered.ignored++;
    return;
  }
  switch (known.kind) {
    case "message":
      storeMessage(store, me, known, delivered);
      break;
    case "receipt":
      storeReceipt(store, me, known, delivered);
      break;
    case "contact":
      delivered.notices.push(known);
      break;
  }
}

function storeMessage(store: Store, me: FoldedName, message: MessageEnvelope, delivered: Delivered): void {
  const sender = foldName(message.from);
  const recipient = foldName(message.to);
  const mine = sender === me;
  // The relay is not trusted: what is neither to nor from this account is not shown (G4), nor is a note to oneself.
  if ((recipient === me) === mine || checkBody(message.body) !== "ok") {
    delivered.ignored++;
    return;
  }
  const peer = mine ? recipient : sender;
  const row = store.messages.add({
    peer,
    sender,
    senderName: message.from,
    id: message.id,
    mine,
    body: message.body,
    scheme: message.scheme,
    sentAt: message.sentAt,
    acceptedAt: message.acceptedAt,
    status: "accepted",
    // The streams of this account's other devices are not this reader's to prove, and must not mix with its own numbers.
    ...(!mine && { chain: message.chain, number: message.number }),
    unread: !mine,
  });
  if (!row) return;
  store.contacts.remember(peer, mine ? message.to : message.from);
  const { chain, number } = message;
  const missing = !mine && chain !== undefined && number !== undefined ? store.chains.note(sender, chain, number) : 0;
  delivered.stored.push({ ...row, missing });
}

function storeReceipt(store: Store, me: FoldedName, receipt: ReceiptEnvelope, delivered: Delivered): void {
  const by = foldName(receipt.by);
  for (const id of receipt.of) {
    if (by === me) {
      // another device of this account has shown it; only reads travel there
      const row = receipt.status === "read" ? store.messages.readElsewhere(id) : undefined;
      if (row) delivered.changed.push(row);
      continue;
    }
    const row = store.messages.find(me, id);
    // a receipt counts only for messages whose recipient it is by (O6)
    if (row?.peer !== by) continue;
    const changed = store.messages.hear(row, receipt.status);
    if (changed?.stone === 0) delivered.changed.push(changed);
  }
}
