import { type AccountId, type AppEvent } from "../wire/ipc.ts";
import { type Clock } from "./clock.ts";

/** a burst of events is one count */
const settleMs = 50;

export interface UnreadNeeds {
  readonly clock: Clock;
  /** what the databases say now */
  readonly count: () => ReadonlyMap<AccountId, number>;
  readonly changed: (byAccount: ReadonlyMap<AccountId, number>) => void;
}

/**
 * How many messages wait to be read, for the badge and the tray. Counted anew from the databases whenever something may have
 * changed, never up and down: it cannot get stuck (F39).
 */
export class Unread {
  readonly #needs: UnreadNeeds;
  #last = "";
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(needs: UnreadNeeds) {
    this.#needs = needs;
  }

  hear(event: AppEvent): void {
    switch (event.kind) {
      case "messages:stored":
      case "messages:changed":
      case "message:deleted":
      case "contacts:changed":
      case "contact:removed":
      case "account:added":
      case "account:removed":
        if (!this.#closed) this.#cancel ??= this.#needs.clock.after(settleMs, () => this.count());
        return;
      default:
        return;
    }
  }

  /** Counts now; told only when it is another number than before. */
  count(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const counted = this.#needs.count();
    const now = JSON.stringify([...counted]);
    if (now === this.#last) return;
    this.#last = now;
    this.#needs.changed(counted);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }
}

export const sumOf = (counts: ReadonlyMap<AccountId, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
