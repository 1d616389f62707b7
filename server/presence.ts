import { type Presence } from "../wire/model.ts";
import { type Clock } from "./clock.ts";
import { type Database } from "./database.ts";

const writeEveryMs = 5_000;

/** How a session that takes delivery attends: its person is at the computer, or not. */
export type Attendance = "here" | "away";

/** How many sessions of an account attend in which way. */
type Attending = Readonly<Record<Attendance, number>>;
const nobody: Attending = { here: 0, away: 0 };

/** What contacts may see: the two words of the contract, and whether nobody is at the computer. */
export interface Showing {
  readonly presence: Presence;
  readonly away?: true;
}

const showing = ({ here, away }: Attending): Showing => {
  if (here > 0) return { presence: "online" };
  return away > 0 ? { presence: "online", away: true } : { presence: "offline" };
};

/**
 * Who is here. Only live sessions make anybody `online` or away, so after a restart nobody is (G10);
 * what must last is when somebody was last seen, written in batches because thousands may leave at once.
 */
export class Presences {
  readonly #attending = new Map<number, Attending>();
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
    return this.showing(account).presence;
  }

  /** An account is away when every session of it that takes delivery is. */
  showing(account: number): Showing {
    return showing(this.#attending.get(account) ?? nobody);
  }

  lastSeen(account: number): number | undefined {
    return this.#lastSeen.get(account);
  }

  /**
   * A session begins to attend, attends in another way, or ceases to.
   * @returns whether contacts see the account in another way than before
   */
  change(account: number, from: Attendance | undefined, to: Attendance | undefined): boolean {
    const before = this.#attending.get(account) ?? nobody;
    const now = { ...before };
    if (from) now[from]--;
    if (to) now[to]++;
    const [seen, seenNow] = [showing(before), showing(now)];
    if (seenNow.presence === "online") this.#attending.set(account, now);
    else {
      this.#attending.delete(account);
      if (seen.presence === "online") this.#left(account);
    }
    return seen.presence !== seenNow.presence || seen.away !== seenNow.away;
  }

  #left(account: number): void {
    this.#lastSeen.set(account, this.clock.now());
    this.#unwritten.add(account);
    this.#cancelWrite ??= this.clock.after(writeEveryMs, () => {
      this.#cancelWrite = undefined;
      this.write().catch(this.failed);
    });
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
    for (const account of this.#attending.keys()) {
      this.#lastSeen.set(account, this.clock.now());
      this.#unwritten.add(account);
    }
    this.#attending.clear();
    await this.write();
  }
}
