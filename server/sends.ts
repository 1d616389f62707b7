import { type ErrorCode, refusal, Refusal, type WireError } from "../wire/contract.ts";
import { checkBody, foldName, type FoldedName, type MessageEnvelope, type Outgoing } from "../wire/model.ts";
import { type SendResult } from "../wire/socket.ts";
import { type Account, type Accounts, type Identity } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { type Contacts, isDiscarded, isMutual, mayWrite, type Relations } from "./contacts.ts";
import { type FanOut } from "./fan-out.ts";
import { InboxError } from "./inbox.ts";
import { isKept, type LastBatches, type Remembered } from "./last-batches.ts";
import { type Rates } from "./rates.ts";
import { SendBatch } from "./send-batch.ts";

/** What of one request goes to one recipient; kept or refused in one piece per put, so nothing overtakes (G3). */
interface Parcel {
  readonly to: Account;
  readonly mutual: boolean;
  readonly discarded: boolean;
  readonly messages: { readonly index: number; readonly envelope: MessageEnvelope; readonly bytes: number }[];
}

/** What an envelope weighs besides its body: names, ids, times. */
const wrappingBytes = 256;

/** `message:send`: from a session's request to durable in every inbox it goes to. */
export class Sends {
  // one at a time per device, also across its sessions: a request that outlives its connection cannot overtake its own repetition
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly accounts: Accounts,
    private readonly contacts: Contacts,
    private readonly fanOut: FanOut,
    private readonly last: LastBatches,
    private readonly rates: Rates,
    private readonly clock: Clock,
  ) {}

  /** @returns one result per message, in order; never rejects for what a sender can cause */
  send(sender: Identity, messages: readonly Outgoing[]): Promise<SendResult[]> {
    const before = this.#turns.get(sender.inbox);
    const turn = before ? before.then(() => this.#send(sender, messages)) : this.#send(sender, messages);
    const done = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(sender.inbox) === done) this.#turns.delete(sender.inbox);
      });
    this.#turns.set(sender.inbox, done);
    return turn;
  }

  async #send(sender: Identity, messages: readonly Outgoing[]): Promise<SendResult[]> {
    const batch = new SendBatch(messages, this.clock.now());
    const remembered = this.last.of(sender.inbox);
    const fresh = messages.filter(({ id }) => !remembered.has(id)).length; // a repetition is not counted
    const wait = fresh > 0 ? await this.rates.send(sender.account.id, fresh) : undefined;
    if (wait !== undefined) batch.refuseAll(refusal("rate-limited", "Too many messages at once.", wait), remembered);
    const relations = await this.contacts.relationsOf(sender.account.id);
    const parcels = await this.#pack(sender, batch, remembered, relations);
    await Promise.all(parcels.map((parcel) => this.#put(sender, parcel, batch)));
    await this.#copyToOwnDevices(sender, parcels, batch);
    this.last.remember(sender.inbox, batch.accepted());
    return batch.results();
  }

  /** Checks each message in order and sorts what may go by recipient. */
  async #pack(sender: Identity, batch: SendBatch, remembered: Remembered, relations: Relations): Promise<Parcel[]> {
    const parcels = new Map<FoldedName, Parcel>();
    for (const [index, message] of batch.messages.entries()) {
      if (batch.has(index)) continue;
      const to = foldName(message.to);
      const known = remembered.get(message.id);
      if (known) {
        // Accepted before, whatever has changed since: accepted again, uncounted, not put again.
        if (isKept(known, message)) batch.accept(index, known.acceptedAt);
        else batch.refuse(index, to, usedId);
        continue;
      }
      const repeated = batch.repeats(index, message);
      if (repeated === "same") continue;
      if (repeated === "other") {
        batch.refuse(index, to, usedId);
        continue;
      }
      if (batch.refuseLikeEarlier(index, to)) continue;
      const relation = relations.get(to);
      const wrong = wrongBody(message.body);
      if (wrong) batch.refuse(index, to, wrong);
      else if (!relation || !mayWrite(relation)) batch.refuse(index, to, await this.#whyNot(to));
      else {
        const parcel = parcels.get(to) ?? {
          to: relation.peer,
          mutual: isMutual(relation),
          discarded: isDiscarded(relation),
          messages: [],
        };
        parcels.set(to, parcel);
        const envelope = wrap(message, sender.account, relation.peer, batch.acceptedAt);
        parcel.messages.push({ index, envelope, bytes: message.body.length + wrappingBytes });
        batch.hold(index, message);
      }
    }
    return [...parcels.values()];
  }

  async #whyNot(to: FoldedName): Promise<WireError> {
    const exists = await this.accounts.find(to);
    return exists
      ? refusal("not-a-contact", "Add this name to your contacts before writing to it.")
      : refusal("unknown-name", "Nobody has this name on this relay.");
  }

  async #put(sender: Identity, parcel: Parcel, batch: SendBatch): Promise<void> {
    const { to, messages } = parcel;
    try {
      if (!parcel.mutual) {
        const ids = messages.map(({ envelope }) => envelope.id);
        const admitted = await this.contacts.admitFromStranger(sender.account.id, to.id, ids);
        this.#cut(parcel, admitted, batch, "They have to accept your request before they get more.");
      }
      if (messages.length === 0) return;
      if (!parcel.discarded) {
        await this.#cutToRoom(sender, parcel, batch);
        if (messages.length === 0) return;
        await this.fanOut.toAccount(
          to.id,
          messages.map(({ envelope }) => envelope),
          sender.account.folded,
        );
      }
      for (const { index } of messages) batch.accept(index, batch.acceptedAt);
    } catch (error) {
      const refused = asRefusal(error);
      for (const { index } of messages) batch.refuse(index, to.folded, refused);
      messages.length = 0;
    }
  }

  /** What does not fit is refused, the newest first; what is there stays (G8). */
  async #cutToRoom(sender: Identity, parcel: Parcel, batch: SendBatch): Promise<void> {
    const room = await this.fanOut.room(parcel.to.id, sender.account.folded);
    let bytes = 0;
    const fits = parcel.messages.findIndex((message, count) => {
      bytes += message.bytes;
      return count >= room.envelopes || bytes > room.bytes;
    });
    // the first is left to the inbox itself, which may make room by signing a long-unused device out (G11)
    if (fits >= 0) this.#cut(parcel, Math.max(1, fits), batch, "Their inbox is full until they come back.");
  }

  #cut(parcel: Parcel, keep: number, batch: SendBatch, why: string): void {
    for (const { index } of parcel.messages.splice(keep)) {
      batch.refuse(index, parcel.to.folded, refusal("inbox-full", why, inboxFullRetryMs));
    }
  }

  /** What was accepted is shown on the sender's other devices too; their inboxes never refuse for room (G8). */
  async #copyToOwnDevices(sender: Identity, parcels: readonly Parcel[], batch: SendBatch): Promise<void> {
    const own = await this.accounts.inboxesOf(sender.account.id);
    // not "more than one": a sender that was signed out meanwhile is no longer in the list, and the others are owed it
    if (own.every(({ inbox }) => inbox === sender.inbox)) return;
    const copies = parcels.flatMap((parcel) => parcel.messages).sort((a, b) => a.index - b.index);
    if (copies.length === 0) return;
    try {
      await this.fanOut.toOtherDevices(
        sender.account.id,
        sender.inbox,
        copies.map(({ envelope }) => envelope),
      );
    } catch (error) {
      const refused = asRefusal(error);
      for (const { index, envelope } of copies) batch.refuse(index, foldName(envelope.to), refused);
    }
  }
}

const inboxFullRetryMs = 30_000;
const usedId = refusal("invalid", "This id was used for another message.");

function wrap(message: Outgoing, from: Account, to: Account, acceptedAt: number): MessageEnvelope {
  const { id, body, sentAt, chain, number, scheme } = message;
  return {
    kind: "message",
    id,
    at: acceptedAt,
    from: from.name, // from the session, never from the payload (G4)
    to: to.name,
    body,
    sentAt,
    acceptedAt,
    ...(chain !== undefined && { chain }),
    ...(number !== undefined && { number }),
    ...(scheme !== undefined && { scheme }),
  };
}

function wrongBody(body: string): WireError | undefined {
  switch (checkBody(body)) {
    case "ok":
      return undefined;
    case "empty":
      return refusal("invalid", "A message has at least one character.");
    case "malformed":
      return refusal("invalid", "The text is not valid Unicode.");
    case "too-long":
      return refusal("too-long", "A message has at most 65,536 bytes of UTF-8.");
  }
}

/** An inbox's refusal in the words of the wire. */
export function asRefusal(error: unknown): WireError {
  if (error instanceof Refusal) return error.error;
  if (!(error instanceof InboxError)) throw error;
  const codes = {
    "inbox-full": "inbox-full",
    "no-inbox": "unavailable",
    "inbox-busy": "unavailable",
    unavailable: "unavailable",
  } as const satisfies Record<InboxError["code"], ErrorCode>;
  return codes[error.code] === "inbox-full"
    ? refusal("inbox-full", "Their inbox is full until they come back.", inboxFullRetryMs)
    : refusal("unavailable", "The relay cannot store messages now. Send it again.", 2_000);
}
