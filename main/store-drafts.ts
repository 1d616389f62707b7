import { z } from "zod";
import { type Change, type Database, type Query } from "./database.ts";

/** What was typed and not sent, one per conversation. */
export class StoredDrafts {
  readonly #find: Query<{ body: string }>;
  readonly #put: Change;
  readonly #remove: Change;

  constructor(database: Database) {
    this.#find = database.query(z.object({ body: z.string() }), "SELECT body FROM drafts WHERE peer = ?");
    this.#put = database.change(
      "INSERT INTO drafts (peer, body) VALUES (?, ?) ON CONFLICT (peer) DO UPDATE SET body = excluded.body",
    );
    this.#remove = database.change("DELETE FROM drafts WHERE peer = ?");
  }

  find(peer: string): string | undefined {
    return this.#find.get(peer)?.body;
  }

  /** An empty draft is none. @returns whether there is anything new to tell */
  put(peer: string, body: string): boolean {
    if ((this.find(peer) ?? "") === body) return false;
    if (body === "") this.#remove.run(peer);
    else this.#put.run(peer, body);
    return true;
  }
}
