import { type ContactEnvelope, contactEnvelope, foldName } from "../wire/model.ts";
import { type Account, type Accounts } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { type Database } from "./database.ts";
import { type FanOut } from "./fan-out.ts";
import { InboxError } from "./inbox.ts";

const retryAfterMs = 3_000;
const atOnce = 100;

/** Puts the notices that changes of contacts owe, until confirmed (G12): after the change, after a failure, and after a restart. */
export class Notices {
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #cancelRetry: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly fanOut: FanOut,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Call after a change was committed, and once at start. Resolves when what was owed is put or has to wait. */
  async put(): Promise<void> {
    if (this.#closed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        await this.#putOwed();
      }
    } catch (error) {
      this.failed(error);
      this.#retryLater();
    }
  }

  /** Goes through all that is owed, oldest first: what has no room now waits without holding up what is behind it. */
  async #putOwed(): Promise<void> {
    const full = new Set<string>();
    for (let after = 0; ;) {
      const rows = await this.database
        .selectFrom("owed_notice")
        .selectAll()
        .where("id", ">", after)
        .orderBy("id")
        .limit(atOnce)
        .execute();
      for (const row of rows) {
        after = row.id;
        const envelope = contactEnvelope.parse(JSON.parse(row.envelope));
        const pair = `${row.account_id} ${envelope.name}`;
        if (full.has(pair)) continue; // no notice about somebody overtakes an older one
        const [to] = await this.accounts.byIds([row.account_id]);
        if (to && !(await this.#putOne(to, envelope))) full.add(pair);
        else await this.database.deleteFrom("owed_notice").where("id", "=", row.id).execute();
      }
      if (rows.length < atOnce || this.#closed) break;
    }
    if (full.size > 0) this.#retryLater();
  }

  /** @returns false when the inbox has no room for it now; anything else that fails is tried again as a whole */
  async #putOne(to: Account, envelope: ContactEnvelope): Promise<boolean> {
    try {
      await this.fanOut.toAccount(to.id, [envelope], foldName(envelope.name));
      return true;
    } catch (error) {
      if (error instanceof InboxError && error.code === "inbox-full") return false;
      throw error;
    }
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#cancelRetry ??= this.clock.after(retryAfterMs, () => {
      this.#cancelRetry = undefined;
      void this.put();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#running;
  }
}
