import { Refusal, refusal, type WireError } from "../wire/contract.ts";
import { type AccountId, type AccountView, type AppEvent, type AppEventOf } from "../wire/ipc.ts";
import { foldName, type FoldedName } from "../wire/model.ts";
import { type Clock } from "./clock.ts";
import { type ContactBook } from "./contact-book.ts";
import { factsOf, type Log } from "./log.ts";
import { type MessageRow, viewOf } from "./store-messages.ts";

/** Tells the windows; several events at once are one message to each of them, and drawn together. */
export type Emit = (...events: readonly AppEvent[]) => void;

export interface NewsNeeds {
  readonly account: AccountId;
  readonly book: ContactBook;
  readonly clock: Clock;
  readonly log: Log;
  /** the account's own facts as they are now */
  readonly view: () => Omit<AccountView, "contacts">;
  readonly emit: Emit;
}

/** when storing is tried again after the disk refused to be read, in milliseconds */
const readRetryMs = 5_000;
/** so many messages at once are a flood: an absence that ends, or the receipts for one */
const floodRows = 32;
/** after these the windows draw for so long, in milliseconds, and what comes meanwhile is told together */
const drawMs = 100;
/** how long another status of a message that is there already may wait, in milliseconds: one is seldom alone */
const changeMs = 50;

type Untold =
  | { readonly kind: "messages:stored" | "messages:changed"; readonly rows: MessageRow[] }
  | AppEventOf<"message:deleted">
  | AppEventOf<"contact:removed">;

/**
 * What has changed in one account, told to the windows as they show it: a message also changes its contact's entry.
 * All that happened in a turn is told together, the entries and the account counted anew once for all of it. A message is
 * told at once, another status of it a moment later: drawing each of them would hold up the next message. A flood is told
 * in portions: windows that draw every batch of it hold up the next one.
 */
export class News {
  readonly #needs: NewsNeeds;
  /** in the order in which it happened */
  #untold: Untold[] = [];
  readonly #peers = new Set<FoldedName>();
  #account = false;
  #telling = false;
  #cancelChange: (() => void) | undefined;
  #cancelDrawing: (() => void) | undefined;
  #closed = false;

  constructor(needs: NewsNeeds) {
    this.#needs = needs;
  }

  account(): void {
    this.#account = true;
    this.#tellSoon();
  }

  stored(rows: readonly MessageRow[]): void {
    if (this.#add("messages:stored", rows)) this.#tellSoon();
  }

  changed(rows: readonly MessageRow[]): void {
    if (this.#add("messages:changed", rows)) this.#tellLater();
  }

  /** The relay has answered for these: fewer wait for it. */
  settled(rows: readonly MessageRow[]): void {
    this.#account = true;
    this.changed(rows);
    this.#tellLater();
  }

  deleted(row: MessageRow): void {
    const { account } = this.#needs;
    this.#untold.push({ kind: "message:deleted", account, with: row.peer, position: row.position });
    this.contacts([foldName(row.peer)]);
  }

  contacts(peers: Iterable<FoldedName>): void {
    for (const peer of peers) this.#peers.add(peer);
    this.#tellSoon();
  }

  contactRemoved(key: FoldedName): void {
    this.#peers.delete(key);
    this.#untold.push({ kind: "contact:removed", account: this.#needs.account, key });
    this.#tellSoon();
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
    this.#cancelChange?.();
    this.#cancelDrawing?.();
  }

  /** @returns whether there is anything in it */
  #add(kind: "messages:stored" | "messages:changed", rows: readonly MessageRow[]): boolean {
    if (rows.length === 0) return false;
    const last = this.#untold.at(-1);
    if (last?.kind === kind) last.rows.push(...rows);
    else this.#untold.push({ kind, rows: [...rows] });
    for (const { peer } of rows) this.#peers.add(foldName(peer));
    return true;
  }

  #tellLater(): void {
    if (this.#telling || this.#cancelDrawing) return;
    this.#cancelChange ??= this.#needs.clock.after(changeMs, () => this.#tell());
  }

  #tellSoon(): void {
    if (this.#telling || this.#cancelDrawing) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      if (!this.#closed) this.#tell();
    });
  }

  #tell(): void {
    const { account, clock, emit } = this.#needs;
    this.#cancelChange?.();
    this.#cancelChange = undefined;
    const untold = this.#untold;
    this.#untold = [];
    const told = untold.map((one) =>
      "rows" in one ? { kind: one.kind, account, messages: one.rows.map(viewOf) } : one,
    );
    const events = [...told, ...this.#entries()];
    if (events.length > 0) emit(...events);
    const rows = untold.reduce((sum, one) => sum + ("rows" in one ? one.rows.length : 0), 0);
    if (rows < floodRows) return;
    this.#cancelDrawing = clock.after(drawMs, () => {
      this.#cancelDrawing = undefined;
      this.#tell();
    });
  }

  /** The contacts that something happened to, and the account, as they are now. None while the disk cannot be read: that is told, too. */
  #entries(): AppEvent[] {
    const { account, book, view } = this.#needs;
    try {
      const contacts = [...this.#peers].flatMap((peer) => book.view(peer) ?? []);
      this.#peers.clear();
      const entries: AppEvent[] = contacts.length > 0 ? [{ kind: "contacts:changed", account, contacts }] : [];
      if (this.#account) entries.push({ kind: "account:changed", account: view() });
      this.#account = false;
      return entries;
    } catch (error) {
      this.storageFailed(error, readRetryMs);
      return [];
    }
  }
}
