import { type Identity } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { type Database } from "./database.ts";

const writeEveryMs = 60_000;

interface Seen {
  readonly identity: Identity;
  at: number;
  deliveredAt: number | null;
}

/** When each device was here and last took delivery: what G11 judges by. Written now and then, in one transaction. */
export class DeviceActivity {
  readonly #unwritten = new Map<string, Seen>();
  #cancelWrite: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  seen(identity: Identity): void {
    this.#note(identity).at = this.clock.now();
  }

  delivered(identity: Identity): void {
    const note = this.#note(identity);
    note.at = note.deliveredAt = this.clock.now();
  }

  #note(identity: Identity): Seen {
    const known = this.#unwritten.get(identity.inbox);
    if (known) return known;
    const note: Seen = { identity, at: 0, deliveredAt: null };
    this.#unwritten.set(identity.inbox, note);
    this.#cancelWrite ??= this.clock.after(writeEveryMs, () => {
      this.#cancelWrite = undefined;
      this.write().catch(this.failed);
    });
    return note;
  }

  async write(): Promise<void> {
    const notes = [...this.#unwritten.values()];
    this.#unwritten.clear();
    if (notes.length === 0) return;
    const writing = this.database.transaction().execute(async (change) => {
      for (const { identity, at, deliveredAt } of notes) {
        await change
          .updateTable("device")
          .set({ last_seen_at: at, ...(deliveredAt !== null && { last_delivery_at: deliveredAt }) })
          .where("account_id", "=", identity.account.id)
          .where("id", "=", identity.device)
          .execute();
      }
    });
    try {
      await writing;
    } catch (error) {
      // what was noted since is newer
      for (const note of notes)
        if (!this.#unwritten.has(note.identity.inbox)) this.#unwritten.set(note.identity.inbox, note);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    await this.write();
  }
}
