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

/** when storing is tried again after the disk refused to be read, in milliseconds */
const readRetryMs = 5_000;

/**
 * What has changed in one account, told to the windows as they show it: a message also changes its contact's entry.
 * Messages are told at once; the account and its contacts, which are counted anew for it, once for all that happened in a turn.
 */
export class News {
  readonly #needs: NewsNeeds;
  readonly #peers = new Set<FoldedName>();
  #account = false;
  #telling = false;
  #closed = false;

  constructor(needs: NewsNeeds) {
    this.#needs = needs;
  }

  account(): void {
    this.#account = true;
    this.#tellSoon();
  }

  stored(rows: readonly MessageRow[]): void {
    if (rows.length === 0) return;
    this.#needs.emit({ kind: "messages:stored", account: this.#needs.account, messages: rows.map(viewOf) });
    this.contacts(rows.map(({ peer }) => foldName(peer)));
  }

  changed(rows: readonly MessageRow[]): void {
    if (rows.length === 0) return;
    this.#needs.emit({ kind: "messages:changed", account: this.#needs.account, messages: rows.map(viewOf) });
    this.contacts(rows.map(({ peer }) => foldName(peer)));
  }

  deleted(row: MessageRow): void {
    const { account, emit } = this.#needs;
    emit({ kind: "message:deleted", account, with: row.peer, position: row.position });
    this.contacts([foldName(row.peer)]);
  }

  contacts(peers: Iterable<FoldedName>): void {
    for (const peer of peers) this.#peers.add(peer);
    this.#tellSoon();
  }

  contactRemoved(key: FoldedName): void {
    this.#peers.delete(key);
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

  /** Nothing is told from here on. Safe to call twice. */
  close(): void {
    this.#closed = true;
  }

  #tellSoon(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      if (this.#closed) return;
      try {
        this.#tell();
      } catch (error) {
        this.storageFailed(error, readRetryMs);
      }
    });
  }

  #tell(): void {
    const { account, book, emit, view } = this.#needs;
    const contacts = [...this.#peers].flatMap((peer) => book.view(peer) ?? []);
    this.#peers.clear();
    if (contacts.length > 0) emit({ kind: "contacts:changed", account, contacts });
    if (!this.#account) return;
    this.#account = false;
    emit({ kind: "account:changed", account: view() });
  }
}
