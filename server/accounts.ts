import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Refusal } from "../wire/contract.ts";
import { type DeviceId, deviceId, foldName, type FoldedName, type Name, parseName } from "../wire/model.ts";
import { type Credentials, type Device, type Handshake } from "../wire/socket.ts";
import { type Clock } from "./clock.ts";
import { sql } from "kysely";
import { type Change, type Database } from "./database.ts";
import { inboxId, type InboxId, type Inboxes } from "./inbox.ts";
import { checkInvite, useInvite } from "./invites.ts";
import { type Passwords } from "./passwords.ts";
import { type Rates } from "./rates.ts";

export interface Account {
  readonly id: number;
  readonly name: Name;
  readonly folded: FoldedName;
}

/** Who a session speaks for: it comes from the handshake and nowhere else (G4). */
export interface Identity {
  readonly account: Account;
  readonly device: DeviceId;
  readonly inbox: InboxId;
}

export interface AccountInbox {
  readonly inbox: InboxId;
  /** none: it waits for the next device that signs in (G11) */
  readonly device: DeviceId | undefined;
}

export type Registration = "open" | "invite" | "closed";

const digest = (secret: string): string => createHash("sha256").update(secret).digest("hex");
// the only place where a name from the database gets its brand back
export const asAccount = (row: { id: number; name: string; folded: string }): Account => ({
  id: row.id,
  name: row.name as Name,
  folded: row.folded as FoldedName,
});

/** Accounts and their devices: who may come in, and which inboxes are whose. */
export class Accounts {
  // read at every send; changed only through this class
  readonly #inboxes = new Map<number, readonly AccountInbox[]>();

  constructor(
    private readonly database: Database,
    private readonly inboxes: Inboxes,
    private readonly passwords: Passwords,
    private readonly rates: Rates,
    private readonly clock: Clock,
    private readonly registration: Registration,
  ) {}

  async find(folded: FoldedName): Promise<Account | undefined> {
    const row = await this.database
      .selectFrom("account")
      .select(["id", "name", "folded"])
      .where("folded", "=", folded)
      .executeTakeFirst();
    return row && asAccount(row);
  }

  async byIds(ids: readonly number[], database: Database | Change = this.database): Promise<Account[]> {
    if (ids.length === 0) return [];
    // one parameter whatever their number: SQLite and PostgreSQL both bound how many a statement may have
    const list = sql<number>`(select value from json_each(${JSON.stringify(ids)}))`;
    const rows = await database
      .selectFrom("account")
      .select(["id", "name", "folded"])
      .where("id", "in", list)
      .execute();
    return rows.map(asAccount);
  }

  /** The account's inboxes that take new envelopes: one per device, or the one that waits for a device. */
  async inboxesOf(account: number): Promise<readonly AccountInbox[]> {
    const known = this.#inboxes.get(account);
    if (known) return known;
    const rows = await this.database
      .selectFrom("inbox")
      .select(["id", "device_id"])
      .where("account_id", "=", account)
      .where("leaving", "=", 0)
      .execute();
    const list = rows.map((row) => ({
      inbox: inboxId(row.id),
      device: row.device_id === null ? undefined : deviceId.parse(row.device_id),
    }));
    this.#inboxes.set(account, list);
    return list;
  }

  /** after a change of an account's inboxes made elsewhere (device-removal.ts) */
  forgetInboxes(account: number): void {
    this.#inboxes.delete(account);
  }

  /**
   * Checks a handshake's credentials.
   * @param address where the connection comes from, for the limits on guessing
   * @returns who it is, and the token that signs this device in next time
   * @throws Refusal with one of the handshake's codes
   */
  async signIn(handshake: Handshake, address: string): Promise<{ identity: Identity; token: string }> {
    const { credentials } = handshake;
    switch (credentials.kind) {
      case "token":
        return this.#byToken(credentials.token, handshake);
      case "password": {
        const account = await this.#byPassword(credentials.name, credentials.password, address);
        return this.#issueToken(account, handshake);
      }
      case "register":
        return this.#register(credentials, handshake, address);
    }
  }

  async #byToken(token: string, handshake: Handshake): Promise<{ identity: Identity; token: string }> {
    const row = await this.database
      .selectFrom("device")
      .innerJoin("account", "account.id", "device.account_id")
      .innerJoin("inbox", (join) =>
        join.onRef("inbox.account_id", "=", "account.id").onRef("inbox.device_id", "=", "device.id"),
      )
      .select(["account.id", "account.name", "account.folded", "inbox.id as inbox"])
      .where("device.token_hash", "=", digest(token))
      .where("device.id", "=", handshake.device)
      .where("inbox.leaving", "=", 0)
      .executeTakeFirst();
    if (!row) throw new Refusal("token-invalid", "This device is no longer signed in. Sign in with the password.");
    return { identity: { account: asAccount(row), device: handshake.device, inbox: inboxId(row.inbox) }, token };
  }

  async #byPassword(typed: string, password: string, address: string): Promise<Account> {
    const folded = foldName(parseName(typed) ?? "");
    const release = await this.rates.guess(folded, address);
    const row = await this.database
      .selectFrom("account")
      .select(["id", "name", "folded", "password_hash"])
      .where("folded", "=", folded)
      .executeTakeFirst();
    const right = await this.passwords.matches(row?.password_hash, password);
    if (!row || !right) throw new Refusal("credentials-invalid", "The name or the password is wrong.");
    await release();
    return asAccount(row);
  }

  async #register(
    credentials: Extract<Credentials, { kind: "register" }>,
    handshake: Handshake,
    address: string,
  ): Promise<{ identity: Identity; token: string }> {
    const name = parseName(credentials.name);
    if (!name)
      throw new Refusal(
        "name-invalid",
        "A name has 1 to 32 letters, digits, '.', '_' or '-', and begins with a letter or digit.",
      );
    const folded = foldName(name);
    const taken = await this.find(folded);
    if (taken) return this.#registerAgain(taken, credentials, handshake, address);
    if (this.registration === "closed") throw new Refusal("invite-needed", "This relay takes no new accounts.");
    if (this.registration === "invite") await checkInvite(this.database, credentials.invite, this.clock.now());
    await this.passwords.check(credentials.password, name);
    await this.rates.register(address);
    const passwordHash = await this.passwords.hash(credentials.password);
    const inbox = inboxId(`${folded}.${randomUUID()}`);
    await this.#openInbox(inbox);
    const token = randomBytes(32).toString("base64url");
    try {
      const account = await this.database.transaction().execute(async (change) => {
        const now = this.clock.now();
        if (this.registration === "invite") await useInvite(change, credentials.invite, now);
        const { id } = await change
          .insertInto("account")
          .values({ name, folded, password_hash: passwordHash, created_at: now, last_seen_at: null })
          .onConflict((conflict) => conflict.column("folded").doNothing())
          .returning("id")
          .executeTakeFirstOrThrow(() => new Refusal("name-taken", "This name is taken."));
        await change.insertInto("inbox").values({ id: inbox, account_id: id, device_id: handshake.device }).execute();
        await this.#upsertDevice(change, id, handshake, token);
        return { id, name, folded };
      });
      return { identity: { account, device: handshake.device, inbox }, token };
    } catch (error) {
      await this.inboxes.remove(inbox).catch(() => undefined); // an empty queue without an owner harms nobody
      throw error;
    }
  }

  /** A lost `session:started` must not lock anybody out: the same device with the same password is signing in. */
  async #registerAgain(
    account: Account,
    credentials: { password: string },
    handshake: Handshake,
    address: string,
  ): Promise<{ identity: Identity; token: string }> {
    const taken = new Refusal("name-taken", "This name is taken.");
    const device = await this.database
      .selectFrom("device")
      .select("id")
      .where("account_id", "=", account.id)
      .where("id", "=", handshake.device)
      .executeTakeFirst();
    if (!device) throw taken;
    try {
      await this.#byPassword(account.name, credentials.password, address);
    } catch (error) {
      if (error instanceof Refusal && error.code === "credentials-invalid") throw taken;
      throw error;
    }
    return this.#issueToken(account, handshake);
  }

  async #issueToken(account: Account, handshake: Handshake): Promise<{ identity: Identity; token: string }> {
    const token = randomBytes(32).toString("base64url");
    const { inbox, made } = await this.database.transaction().execute(async (change) => {
      await this.#upsertDevice(change, account.id, handshake, token);
      return this.#takeInbox(change, account, handshake.device);
    });
    this.forgetInboxes(account.id);
    // With the broker away the sign-in still works; the queue is declared when it is first needed (fan-out.ts, pump.ts).
    if (made) await this.inboxes.open(inbox).catch(() => undefined);
    return { identity: { account, device: handshake.device, inbox }, token };
  }

  /** This device's inbox, else the one that the last device left behind (G11), else a new one. */
  async #takeInbox(change: Change, account: Account, device: DeviceId): Promise<{ inbox: InboxId; made: boolean }> {
    const rows = await change
      .selectFrom("inbox")
      .select(["id", "device_id"])
      .where("account_id", "=", account.id)
      .where("leaving", "=", 0)
      .execute();
    const own = rows.find((row) => row.device_id === device);
    if (own) return { inbox: inboxId(own.id), made: false };
    const free = rows.find((row) => row.device_id === null);
    if (free) {
      await change.updateTable("inbox").set({ device_id: device }).where("id", "=", free.id).execute();
      return { inbox: inboxId(free.id), made: false };
    }
    const inbox = inboxId(`${account.folded}.${randomUUID()}`);
    await change.insertInto("inbox").values({ id: inbox, account_id: account.id, device_id: device }).execute();
    return { inbox, made: true };
  }

  async #upsertDevice(change: Change, account: number, handshake: Handshake, token: string): Promise<void> {
    const now = this.clock.now();
    const facts = { name: handshake.deviceName ?? "", token_hash: digest(token), last_seen_at: now };
    await change
      .insertInto("device")
      .values({ account_id: account, id: handshake.device, created_at: now, last_delivery_at: null, ...facts })
      .onConflict((conflict) => conflict.columns(["account_id", "id"]).doUpdateSet(facts))
      .execute();
  }

  async #openInbox(inbox: InboxId): Promise<void> {
    try {
      await this.inboxes.open(inbox);
    } catch {
      throw new Refusal("unavailable", "The relay cannot make a new inbox now. Try again in a moment.", 5_000);
    }
  }

  async devicesOf(identity: Identity): Promise<Device[]> {
    const rows = await this.database
      .selectFrom("device")
      .selectAll()
      .where("account_id", "=", identity.account.id)
      .orderBy("created_at")
      .execute();
    return rows.map((row) => ({
      device: deviceId.parse(row.id),
      name: row.name,
      current: row.id === identity.device,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
    }));
  }
}
