import { type Presence } from "../wire/model.ts";
import { type Clock } from "./clock.ts";
import { type Database } from "./database.ts";

const writeEveryMs = 5_000;

/**
 * Who is here. Only live sessions make anybody `online`, so after a restart nobody is (G10);
 * what must last is when somebody was last seen, written in batches because thousands may leave at once.
 */
export class Presences {
  readonly #online = new Map<number, number>();
  readonly #lastSeen = new Map<number, number>();
  readonly #unwritten = new Set<number>();
  #cancelWrite: (() => void) | undefined;

  private constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  static async open(database: Database, clock: Clock, failed: (error: unknown) => void): Promise<Presences> {
    const presences = new Presences(database, clock, failed);
    const rows = await database
      .selectFrom("account")
      .select(["id", "last_seen_at"])
      .where("last_seen_at", "is not", null)
      .execute();
    for (const row of rows) if (row.last_seen_at !== null) presences.#lastSeen.set(row.id, row.last_seen_at);
    return presences;
  }

  of(account: number): Presence {
    return this.#online.has(account) ? "online" : "offline";
  }

  lastSeen(account: number): number | undefined {
    return this.#lastSeen.get(account);
  }

  /** @returns whether this made the account online */
  arrive(account: number): boolean {
    const sessions = (this.#online.get(account) ?? 0) + 1;
    this.#online.set(account, sessions);
    return sessions === 1;
  }

  /** @returns whether this made the account offline */
  leave(account: number): boolean {
    const sessions = (this.#online.get(account) ?? 0) - 1;
    if (sessions > 0) {
      this.#online.set(account, sessions);
      return false;
    }
    this.#online.delete(account);
    this.#lastSeen.set(account, this.clock.now());
    this.#unwritten.add(account);
    this.#cancelWrite ??= this.clock.after(writeEveryMs, () => {
      this.#cancelWrite = undefined;
      this.write().catch(this.failed);
    });
    return true;
  }

  /** Writes what is not written yet; also before closing. */
  async write(): Promise<void> {
    const accounts = [...this.#unwritten];
    this.#unwritten.clear();
    if (accounts.length === 0) return;
    try {
      await this.database.transaction().execute(async (change) => {
        for (const id of accounts) {
          await change
            .updateTable("account")
            .set({ last_seen_at: this.#lastSeen.get(id) ?? null })
            .where("id", "=", id)
            .execute();
        }
      });
    } catch (error) {
      for (const id of accounts) this.#unwritten.add(id);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    for (const account of this.#online.keys()) {
      this.#lastSeen.set(account, this.clock.now());
      this.#unwritten.add(account);
    }
    this.#online.clear();
    await this.write();
  }
}
