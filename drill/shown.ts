import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { z } from "zod";
import { messageStatus } from "../wire/message-status.ts";

const row = z.object({
  position: z.number(),
  peer: z.string(),
  sender: z.string(),
  id: z.string(),
  mine: z.number(),
  body: z.string(),
  status: messageStatus,
  /** what its sender was told against it, as JSON; also while it is pending and goes again */
  refusal: z.string().nullish(),
});
/** A message as an app's database has it: this is what a person sees. */
export type ShownRow = z.infer<typeof row>;

const tally = z.object({ received: z.number(), outbox: z.number(), unconfirmed: z.number() });
export type Tally = z.infer<typeof tally>;

function withDatabase<T>(folder: string, none: T, read: (database: InstanceType<typeof DatabaseSync>) => T): T {
  const accounts = path.join(folder, "accounts");
  for (const name of existsSync(accounts) ? readdirSync(accounts) : []) {
    const file = path.join(accounts, name, "account.db");
    if (!existsSync(file)) continue;
    const database = new DatabaseSync(file, { timeout: 5_000 });
    try {
      return read(database);
    } finally {
      database.close();
    }
  }
  return none;
}

/** Every message that an app shows, in the order in which it shows them; read behind the app's back, also while it runs. */
export const readShown = (folder: string): ShownRow[] =>
  withDatabase<ShownRow[]>(folder, [], (database) =>
    z
      .array(row)
      .parse(
        database
          .prepare(
            "SELECT position, peer, sender, id, mine, body, status, refusal FROM messages WHERE stone = 0 ORDER BY position",
          )
          .all(),
      ),
  );

/** Enough to know whether everything has come to rest. @param device whose own messages are counted as unconfirmed */
export const readTally = (folder: string, device: string): Tally =>
  withDatabase<Tally>(folder, { received: 0, outbox: 0, unconfirmed: 0 }, (database) =>
    tally.parse(
      database
        .prepare(
          `SELECT (SELECT count(*) FROM messages WHERE mine = 0) AS received,
                  (SELECT count(*) FROM outbox) AS outbox,
                  (SELECT count(*) FROM messages WHERE mine = 1 AND status IN ('pending', 'accepted')
                     AND body LIKE '%/' || ? || '/%') AS unconfirmed`,
        )
        .get(device),
    ),
  );

/** The bodies that an app has received, in the order in which it shows them. */
export const readBodies = (folder: string): string[] =>
  withDatabase<string[]>(folder, [], (database) =>
    database
      .prepare("SELECT body FROM messages WHERE mine = 0 AND stone = 0 ORDER BY position")
      .all()
      .map((found) => z.object({ body: z.string() }).parse(found).body),
  );
