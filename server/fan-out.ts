import { type FoldedName } from "../wire/model.ts";
import { type Accounts } from "./accounts.ts";
import { InboxError, type InboxId, type Inboxes, type Stored } from "./inbox.ts";

/** An inbox that refused although another device of the account may still take delivery (G11). */
export type FullInbox = (account: number, inbox: InboxId) => Promise<boolean>;

/** Puts envelopes into all inboxes of an account: one per device, so both devices of a person get everything. */
export class FanOut {
  readonly #inFlight = new Set<Promise<void>>();

  constructor(
    private readonly accounts: Accounts,
    private readonly inboxes: Inboxes,
    /** signs a long-unused device out whose inbox is full; true when that made the account deliverable again */
    private readonly whenFull: FullInbox,
  ) {}

  /**
   * Durable in every inbox of the account when it resolves.
   * @param origin whose share of the inboxes this counts against (G8)
   * @throws InboxError inbox-full (nothing was put then) or unavailable
   */
  async toAccount(account: number, batch: readonly Stored[], origin: FoldedName): Promise<void> {
    try {
      await this.#put(account, undefined, batch, origin);
    } catch (error) {
      if (!(error instanceof InboxError) || error.code !== "inbox-full" || !error.inbox) throw error;
      if (!(await this.whenFull(account, error.inbox))) throw error;
      await this.#put(account, undefined, batch, origin);
    }
  }

  /** Copies for a person's other devices. They are never refused for room (G8). */
  async toOtherDevices(account: number, own: InboxId, batch: readonly Stored[]): Promise<void> {
    await this.#put(account, own, batch, undefined);
  }

  /** How many envelopes fit into all of the account's inboxes for this origin; asked before a batch is cut. */
  async room(account: number, origin: FoldedName): Promise<{ envelopes: number; bytes: number }> {
    let envelopes = Infinity;
    let bytes = Infinity;
    for (const { inbox } of await this.accounts.inboxesOf(account)) {
      const room = this.inboxes.room(inbox, origin);
      envelopes = Math.min(envelopes, room.envelopes);
      bytes = Math.min(bytes, room.bytes);
    }
    return { envelopes, bytes };
  }

  /** Resolves when every put that began before now has ended: only then does an inbox that left the list get nothing more (G11). */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#inFlight]);
  }

  async #put(
    account: number,
    own: InboxId | undefined,
    batch: readonly Stored[],
    origin: FoldedName | undefined,
  ): Promise<void> {
    const options = origin === undefined ? {} : { origin };
    const to = await this.#list(account, own);
    if (to.length === 0) {
      // An account has at least one inbox (G11); should that ever be untrue, nothing is accepted into the void (G1).
      if (own === undefined) throw new InboxError("unavailable", undefined, "The account has no inbox.");
      return;
    }
    try {
      await this.#track(this.inboxes.put(to, batch, options));
    } catch (error) {
      if (!(error instanceof InboxError) || error.code !== "no-inbox") throw error;
      // Ours by the database, unknown to the engine: its queue was deleted, or could not be declared at sign-in.
      // The list is read again, because an inbox may be missing because its device was signed out meanwhile.
      const again = await this.#list(account, own);
      for (const inbox of again) await this.inboxes.open(inbox);
      await this.#track(this.inboxes.put(again, batch, options));
    }
  }

  async #list(account: number, own: InboxId | undefined): Promise<InboxId[]> {
    return (await this.accounts.inboxesOf(account)).flatMap(({ inbox }) => (inbox === own ? [] : inbox));
  }

  #track(put: Promise<void>): Promise<void> {
    this.#inFlight.add(put);
    const done = (): void => void this.#inFlight.delete(put);
    put.then(done, done);
    return put;
  }
}
