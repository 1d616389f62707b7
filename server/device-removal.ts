import { randomUUID } from "node:crypto";
import { type DeviceId, deviceId } from "../wire/model.ts";
import { type Accounts } from "./accounts.ts";
import { type Clock, pause } from "./clock.ts";
import { type Database } from "./database.ts";
import { InboxError, inboxId, type InboxId, type Inboxes, type Kept, type Stored } from "./inbox.ts";
import { type LastBatches } from "./last-batches.ts";

const day = 24 * 3_600_000;
/** a device unseen for this long is signed out (G11) */
export const unseenMs = 45 * day;
/** a full inbox costs its device the sign-in when another device took delivery within this (G11) */
export const deliveredWithinMs = 7 * day;
const drainAppetite = { envelopes: 256, bytes: 1_048_576 };
const retryAfterMs = 2_000;

export type RemovalReason = "signed-out" | "revoked" | "unseen" | "inbox-full";

/** Signs devices out. What their inboxes still hold goes durably into the account's others first (G11). */
export class DeviceRemoval {
  readonly #closing = new AbortController();
  readonly #draining = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly inboxes: Inboxes,
    private readonly last: LastBatches,
    /** ends the device's session, and resolves when nothing takes from its inbox any more */
    private readonly endSession: (inbox: InboxId, reason: RemovalReason) => Promise<void>,
    /** whether this inbox's device is connected, and whether it is taking delivery now: then it only needs time */
    private readonly sessions: { isHere(inbox: InboxId): boolean; isTaking(inbox: InboxId): boolean },
    /** writes down when each device last took delivery, which is kept in memory for a while */
    private readonly activityWritten: () => Promise<void>,
    /** resolves when every put that began before now has ended */
    private readonly putsSettled: () => Promise<void>,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  /**
   * The token is gone when this resolves; the inbox may still be on its way into the others.
   * @returns false when the account has no such device
   */
  async remove(account: number, device: DeviceId, reason: RemovalReason): Promise<boolean> {
    const found = await this.database
      .selectFrom("device")
      .innerJoin("inbox", (join) =>
        join.onRef("inbox.account_id", "=", "device.account_id").onRef("inbox.device_id", "=", "device.id"),
      )
      .select(["inbox.id as inbox", "device.name as name"])
      .where("device.account_id", "=", account)
      .where("device.id", "=", device)
      .executeTakeFirst();
    if (!found) return false;
    const inbox = inboxId(found.inbox);
    const leaving = await this.database.transaction().execute(async (change) => {
      await change.deleteFrom("device").where("account_id", "=", account).where("id", "=", device).execute();
      const others = await change
        .selectFrom("inbox")
        .select("id")
        .where("account_id", "=", account)
        .where("leaving", "=", 0)
        .where("id", "!=", inbox)
        .execute();
      const isLast = others.length === 0; // then it waits for the next device
      await change
        .updateTable("inbox")
        .set({ device_id: null, leaving: isLast ? 0 : 1 })
        .where("id", "=", inbox)
        .execute();
      return !isLast;
    });
    this.accounts.forgetInboxes(account);
    this.last.forget(inbox);
    await this.endSession(inbox, reason);
    if (leaving) {
      if (reason === "unseen" || reason === "inbox-full") await this.#tell(account, device, found.name, reason);
      this.#drain(account, inbox);
    }
    return true;
  }

  /** Goes on with what a stop interrupted, and signs out who was not seen for long. Call at start and now and then. */
  async sweep(): Promise<void> {
    const leaving = await this.database
      .selectFrom("inbox")
      .select(["id", "account_id"])
      .where("leaving", "=", 1)
      .execute();
    if (this.#draining.size === 0) for (const row of leaving) this.#drain(row.account_id, inboxId(row.id));
    const unseen = await this.database
      .selectFrom("device")
      .innerJoin("inbox", (join) =>
        join.onRef("inbox.account_id", "=", "device.account_id").onRef("inbox.device_id", "=", "device.id"),
      )
      .select(["device.account_id", "device.id", "inbox.id as inbox"])
      .where("device.last_seen_at", "<", this.clock.now() - unseenMs)
      .execute();
    for (const row of unseen) {
      // one that has been connected all the time, with nothing to take, is not unseen
      if (this.sessions.isHere(inboxId(row.inbox))) continue;
      await this.remove(row.account_id, deviceId.parse(row.id), "unseen");
    }
  }

  /**
   * A full inbox whose person reads elsewhere: its device is signed out and the account told (G11).
   * @returns whether the account takes envelopes again
   */
  async makeRoom(account: number, inbox: InboxId): Promise<boolean> {
    if (this.sessions.isTaking(inbox)) return false;
    await this.activityWritten();
    const since = this.clock.now() - deliveredWithinMs;
    const devices = await this.database
      .selectFrom("device")
      .innerJoin("inbox", (join) =>
        join.onRef("inbox.account_id", "=", "device.account_id").onRef("inbox.device_id", "=", "device.id"),
      )
      .select(["device.id", "inbox.id as inbox", "device.last_delivery_at"])
      .where("device.account_id", "=", account)
      .execute();
    const full = devices.find((row) => row.inbox === inbox);
    const readsElsewhere = devices.some((row) => row.inbox !== inbox && (row.last_delivery_at ?? 0) >= since);
    if (!full || !readsElsewhere) return false;
    return this.remove(account, deviceId.parse(full.id), "inbox-full");
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#draining);
  }

  async #tell(account: number, device: DeviceId, name: string, reason: RemovalReason): Promise<void> {
    const notice: Stored = {
      kind: "device",
      id: randomUUID(),
      at: this.clock.now(),
      device,
      name,
      change: "signed-out",
      reason,
    };
    const to = (await this.accounts.inboxesOf(account)).map(({ inbox }) => inbox);
    await this.inboxes.put(to, [notice]).catch(this.failed);
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #drain(account: number, inbox: InboxId): void {
    const draining = this.#empty(account, inbox)
      .catch(this.failed)
      .finally(() => this.#draining.delete(draining));
    this.#draining.add(draining);
  }

  /** Into the others, then settled, until nothing is left; readers drop what they have already (G2). */
  async #empty(account: number, inbox: InboxId): Promise<void> {
    const { signal } = this.#closing;
    await this.putsSettled(); // one that began before the inbox left the list may still be on its way into it
    while (!this.#isClosing()) {
      try {
        await this.inboxes.open(inbox);
        const consumption = await this.inboxes.consume(
          inbox,
          (batch) => this.#move(account, batch),
          () => drainAppetite,
        );
        // a consumption that ends by itself (the broker went away) is begun again
        let ended = false;
        void consumption.ended.then(() => (ended = true));
        const isOver = (): boolean => ended || this.#isClosing();
        while (!isOver() && this.inboxes.waiting(inbox).envelopes > 0) await pause(this.clock, 50, signal);
        await consumption.stop();
        if (this.#isClosing()) return;
        if (this.inboxes.waiting(inbox).envelopes > 0) {
          await pause(this.clock, retryAfterMs, signal);
          continue;
        }
        await this.inboxes.remove(inbox);
        await this.database.deleteFrom("inbox").where("id", "=", inbox).execute();
        return;
      } catch (error) {
        if (!(error instanceof InboxError)) throw error;
        await pause(this.clock, retryAfterMs, signal);
      }
    }
  }

  async #move(account: number, batch: readonly Kept[]): Promise<void> {
    const to = (await this.accounts.inboxesOf(account)).map((one) => one.inbox);
    try {
      await this.inboxes.put(
        to,
        batch.map(({ stored }) => stored),
      );
    } catch (error) {
      await pause(this.clock, retryAfterMs, this.#closing.signal);
      throw error;
    }
  }
}
