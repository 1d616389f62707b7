import { Refusal, refusal, type WireError } from "../wire/contract.ts";
import { type AccountId, type AccountView, type AppEvent } from "../wire/ipc.ts";
import { foldName, type FoldedName } from "../wire/model.ts";
import { type ContactBook } from "./contact-book.ts";
import { factsOf, type Log } from "./log.ts";
import { type MessageRow, viewOf } from "./store-messages.ts";

export interface NewsNeeds {
  readonly account: AccountId;
  readonly book: ContactBook;
  readonly log: Log;
  /** the account's own facts as they are now */
  readonly view: () => Omit<AccountView, "contacts">;
  readonly emit: (event: AppEvent) => void;
}

/** What has changed in one account, told to the windows as they show it: a message also changes its contact's entry. */
export class News {
  readonly #needs: NewsNeeds;

  constructor(needs: NewsNeeds) {
    this.#needs = needs;
  }

  account(): void {
    this.#needs.emit({ kind: "account:changed", account: this.#needs.view() });
  }

  stored(rows: readonly MessageRow[]): void {
    if (rows.length === 0) return;
    this.#needs.emit({ kind: "messages:stored", account: this.#needs.account, messages: rows.map(viewOf) });
    this.#peers(rows);
  }

  changed(rows: readonly MessageRow[]): void {
    if (rows.length === 0) return;
    this.#needs.emit({ kind: "messages:changed", account: this.#needs.account, messages: rows.map(viewOf) });
    this.#peers(rows);
  }

  deleted(row: MessageRow): void {
    const { account, emit } = this.#needs;
    emit({ kind: "message:deleted", account, with: row.peer, position: row.position });
    this.#peers([row]);
  }

  contacts(peers: Iterable<FoldedName>): void {
    const contacts = [...new Set(peers)].flatMap((peer) => this.#needs.book.view(peer) ?? []);
    if (contacts.length > 0) this.#needs.emit({ kind: "contacts:changed", account: this.#needs.account, contacts });
  }

  contactRemoved(key: FoldedName): void {
    this.#needs.emit({ kind: "contact:removed", account: this.#needs.account, key });
  }

  typing(key: FoldedName): void {
    this.#needs.emit({ kind: "typing:told", account: this.#needs.account, key });
  }

  /**
   * The disk refused, or a fault of ours: said to the person, logged, and never a crash.
   * @param retryMs when it is tried again
   */
  storageFailed(cause: unknown, retryMs: number): WireError {
    const { account, log, emit } = this.#needs;
    log.error("storage failed", { account, ...factsOf(cause) });
    const error =
      cause instanceof Refusal ? cause.error : refusal("storage-failed", "It could not be stored.", retryMs);
    emit({ kind: "storage:failed", account, error });
    return error;
  }

  #peers(rows: readonly MessageRow[]): void {
    this.contacts(rows.map(({ peer }) => foldName(peer)));
  }
}
