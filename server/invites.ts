import { createHash, randomBytes } from "node:crypto";
import { Refusal } from "../wire/contract.ts";
import { type Change, type Database } from "./database.ts";

const inviteLifeMs = 7 * 24 * 3_600_000;
const digest = (code: string): string => createHash("sha256").update(code).digest("hex");

/**
 * Prints the way in for one person: a single-use code, of which only the hash is kept.
 * Needs nothing but the database, so it works while the relay runs.
 */
export async function makeInvite(database: Database, now: number): Promise<{ code: string; expiresAt: number }> {
  const code = randomBytes(10).toString("base64url");
  const expiresAt = now + inviteLifeMs;
  await database
    .insertInto("invite")
    .values({ code_hash: digest(code), created_at: now, expires_at: expiresAt, used_at: null })
    .execute();
  return { code, expiresAt };
}

/** @throws Refusal invite-needed */
export async function checkInvite(database: Database, code: string | undefined, now: number): Promise<void> {
  const row =
    code &&
    (await database.selectFrom("invite").selectAll().where("code_hash", "=", digest(code.trim())).executeTakeFirst());
  if (!row || row.used_at !== null || row.expires_at < now) {
    throw new Refusal(
      "invite-needed",
      code ? "This invite code is unknown, used or expired." : "This relay takes new accounts by invite only.",
    );
  }
}

/**
 * Spends it, in the transaction that makes the account.
 * @throws Refusal invite-needed when somebody else was faster
 */
export async function useInvite(change: Change, code: string | undefined, now: number): Promise<void> {
  const used = await change
    .updateTable("invite")
    .set({ used_at: now })
    .where("code_hash", "=", digest(code?.trim() ?? ""))
    .where("used_at", "is", null)
    .executeTakeFirst();
  if (used.numUpdatedRows !== 1n) throw new Refusal("invite-needed", "This invite code was used meanwhile.");
}
