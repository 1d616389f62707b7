import { randomUUID } from "node:crypto";
import { foldName, type FoldedName, type MessageId, type ReceiptEnvelope } from "../wire/model.ts";
import { type Account } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { type Contacts, isOpen } from "./contacts.ts";
import { type FanOut } from "./fan-out.ts";
import { InboxError, type Kept, type Stored } from "./inbox.ts";

const retryAfterMs = 2_000;
const keptAtMost = 1_000;

interface Owed {
  readonly to: Account;
  readonly receipt: ReceiptEnvelope;
  readonly origin: FoldedName;
}

/** Receipts into the senders' inboxes. One that cannot be stored now never holds a settle (G5): it is kept here and tried again. */
export class Receipts {
  readonly #owed: Owed[] = [];
  #cancelRetry: (() => void) | undefined;

  constructor(
    private readonly contacts: Contacts,
    private readonly fanOut: FanOut,
    private readonly clock: Clock,
  ) {}

  /** Tells each sender of a batch that its messages have arrived: one receipt per sender, not per message. Never rejects. */
  async delivered(reader: Account, batch: readonly Kept[]): Promise<void> {
    const bySender = new Map<string, MessageId[]>();
    for (const { stored: envelope } of batch) {
      if (!isMessage(envelope) || envelope.from === reader.name) continue;
      const ids = bySender.get(envelope.from);
      if (ids) ids.push(envelope.id);
      else bySender.set(envelope.from, [envelope.id]);
    }
    if (bySender.size === 0) return;
    const relations = await this.contacts.relationsOf(reader.id);
    await Promise.all(
      [...bySender].map(async ([sender, of]) => {
        const relation = relations.get(foldName(sender));
        if (isOpen(relation)) await this.#put(relation.peer, this.#receipt(reader, "delivered", of), reader.folded);
      }),
    );
  }

  /**
   * What a person has read: to the sender when the two are mutual (G7), and to the reader's other devices.
   * @throws InboxError unavailable: the app keeps its report and says it again
   */
  async read(
    reader: Account,
    own: Parameters<FanOut["toOtherDevices"]>[1],
    typed: string,
    of: readonly MessageId[],
  ): Promise<void> {
    const relation = (await this.contacts.relationsOf(reader.id)).get(foldName(typed));
    const receipt = this.#receipt(reader, "read", of);
    await this.fanOut.toOtherDevices(reader.id, own, [receipt]);
    if (!isOpen(relation)) return;
    try {
      await this.fanOut.toAccount(relation.peer.id, [receipt], reader.folded);
    } catch (error) {
      if (!(error instanceof InboxError) || error.code !== "inbox-full") throw error;
      this.#keep({ to: relation.peer, receipt, origin: reader.folded });
    }
  }

  close(): void {
    this.#cancelRetry?.();
    this.#owed.length = 0;
  }

  #receipt(by: Account, status: ReceiptEnvelope["status"], of: readonly MessageId[]): ReceiptEnvelope {
    return { kind: "receipt", id: randomUUID(), at: this.clock.now(), by: by.name, status, of: [...of] };
  }

  async #put(to: Account, receipt: ReceiptEnvelope, origin: FoldedName): Promise<void> {
    try {
      await this.fanOut.toAccount(to.id, [receipt], origin);
    } catch {
      this.#keep({ to, receipt, origin });
    }
  }

  #keep(owed: Owed): void {
    // beyond this the oldest is given up: a status stays where it is, which is late but never untrue
    if (this.#owed.length >= keptAtMost) this.#owed.shift();
    this.#owed.push(owed);
    this.#cancelRetry ??= this.clock.after(retryAfterMs, () => {
      this.#cancelRetry = undefined;
      const again = this.#owed.splice(0);
      for (const one of again) void this.#put(one.to, one.receipt, one.origin);
    });
  }
}

/** An envelope read back from an inbox may be of any kind; only a message has these fields. */
export function isMessage(
  envelope: Stored,
): envelope is Extract<Stored, { kind: "message" }> & { from: string; id: MessageId } {
  return envelope.kind === "message" && "from" in envelope && typeof envelope.from === "string";
}
