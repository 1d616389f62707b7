import { randomBytes, randomInt } from "node:crypto";
import { foldName, parseName } from "../wire/model.ts";
import { type Database } from "./database.ts";
import { type Passwords } from "./passwords.ts";

/** One account, as whoever runs the relay sees it. Times in milliseconds. */
export interface RegisteredAccount {
  readonly name: string;
  /** installations of the app that belong to it */
  readonly devices: number;
  readonly lastSeenAt: number | undefined;
  readonly createdAt: number;
}

/** Everybody with an account, by name. Needs nothing but the database, so it works while the relay runs. */
export async function listAccounts(database: Database): Promise<RegisteredAccount[]> {
  const rows = await database
    .selectFrom("account")
    .leftJoin("device", "device.account_id", "account.id")
    .select(({ fn }) => [
      "account.name",
      "account.created_at",
      "account.last_seen_at",
      fn.count<number>("device.id").as("devices"),
      fn.max("device.last_seen_at").as("device_seen_at"),
    ])
    .groupBy("account.id")
    .orderBy("account.folded")
    .execute();
  return rows.map(({ name, devices, created_at, last_seen_at, device_seen_at }) => {
    const seen = Math.max(last_seen_at ?? 0, device_seen_at ?? 0);
    return { name, devices, lastSeenAt: seen > 0 ? seen : undefined, createdAt: created_at };
  });
}

/** letters and digits that are not mistaken for each other when somebody reads them out */
const readable = "abcdefghjkmnpqrstuvwxyz23456789";
/** four groups of four of them: 79 bits */
const groups = 4;

/**
 * Gives an account another password, for somebody who has forgotten theirs or whose device is in other hands: every device of
 * it has to sign in again, with its inbox as it was. A device that is connected stays so until its connection ends.
 * @returns the new password, which is kept as a hash only; nothing when there is no such account
 */
export async function renewPassword(
  database: Database,
  passwords: Pick<Passwords, "hash">,
  typed: string,
): Promise<{ name: string; password: string } | undefined> {
  const account = await database
    .selectFrom("account")
    .select(["id", "name"])
    .where("folded", "=", foldName(parseName(typed) ?? ""))
    .executeTakeFirst();
  if (!account) return undefined;
  const sign = (): string => readable.charAt(randomInt(readable.length));
  const password = Array.from({ length: groups }, () => Array.from({ length: 4 }, sign).join("")).join("-");
  const hash = await passwords.hash(password);
  await database.transaction().execute(async (change) => {
    await change.updateTable("account").set({ password_hash: hash }).where("id", "=", account.id).execute();
    const devices = await change.selectFrom("device").select("id").where("account_id", "=", account.id).execute();
    for (const { id } of devices) {
      // no token has this for its hash
      const ended = `ended:${randomBytes(16).toString("hex")}`;
      await change
        .updateTable("device")
        .set({ token_hash: ended })
        .where("account_id", "=", account.id)
        .where("id", "=", id)
        .execute();
    }
  });
  return { name: account.name, password };
}
