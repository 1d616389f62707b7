import { foldName, limits } from "../wire/model.ts";
import { backoffMs, type Clock, type Random } from "./clock.ts";
import { type Reconnection } from "./reconnection.ts";
import { type Store } from "./store.ts";

const retrySpan = { least: 1_000, most: 60_000 };

export interface ReadReportsNeeds {
  readonly store: Store;
  readonly reconnection: Pick<Reconnection, "tryRequest" | "state">;
  readonly clock: Clock;
  readonly random: Random;
  readonly failed: (error: unknown) => void;
}

/**
 * Tells senders what was shown here. A report is owed from the moment of showing, survives a restart, and goes to mutual
 * contacts only: on becoming mutual, everything shown so far is reported (G7).
 */
export class ReadReports {
  readonly #needs: ReadReportsNeeds;
  #running = false;
  #again = false;
  #refusals = 0;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(needs: ReadReportsNeeds) {
    this.#needs = needs;
  }

  /** There may be something to report: shown, connected, or become mutual. */
  wake(): void {
    this.#again = true;
    if (this.#running || this.#closed) return;
    this.#running = true;
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#reportAll();
      }
    } catch (error) {
      this.#wait(undefined);
      this.#needs.failed(error);
    }
    this.#running = false;
  }

  async #reportAll(): Promise<void> {
    const { store, reconnection } = this.#needs;
    if (this.#closed || reconnection.state.kind !== "online") return;
    for (const peer of store.messages.owedPeers()) {
      const contact = store.contacts.find(foldName(peer));
      if (contact?.state !== "mutual") continue;
      for (;;) {
        const ids = store.messages.owedReads(peer, limits.readIds);
        if (ids.length === 0) break;
        const reply = await reconnection.tryRequest("message:read", { from: contact.name, ids });
        if (this.#isClosed()) return;
        if (!reply.ok && reply.error.retryable) {
          this.#wait(reply.error.retryAfterMs);
          return;
        }
        // what the relay refuses for good would be refused for ever: a receipt may be lost, a loop may not be
        store.transact(() => store.messages.reported(peer, ids));
        this.#refusals = 0;
      }
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #wait(retryAfterMs: number | undefined): void {
    this.#refusals++;
    this.#cancelTimer?.();
    const { clock, random } = this.#needs;
    const wait = backoffMs(this.#refusals, random, retrySpan);
    this.#cancelTimer = clock.after(Math.max(wait, Math.min(retryAfterMs ?? 0, retrySpan.most)), () => this.wake());
  }
}
