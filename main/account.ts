import { refusal, type WireError } from "../wire/contract.ts";
import { type AccountView, type ConnectionState, type ContactView } from "../wire/ipc.ts";
import { foldName, type FoldedName, type Presence } from "../wire/model.ts";
import {
  delivery,
  type Credentials,
  type DeliveryReply,
  type SessionStarted,
  type Announcements,
} from "../wire/socket.ts";
import { type Clock, type Random } from "./clock.ts";
import { type Connection, type OpenSocket, type ToldEvent } from "./connection.ts";
import { ContactBook, type ContactNews } from "./contact-book.ts";
import { storeDelivery } from "./delivery.ts";
import { type AccountFactsShown } from "./delivery-facts.ts";
import { type Log } from "./log.ts";
import { Messenger } from "./messenger.ts";
import { type Emit, News } from "./news.ts";
import { Outbox } from "./outbox.ts";
import { ReadReports } from "./read-reports.ts";
import { Reconnection } from "./reconnection.ts";
import { type ContactNote } from "./store-contacts.ts";
import { type AccountFacts, type Store } from "./store.ts";

/** how long the relay waits before it hands over again what this device could not store */
const storageRetryMs = 5_000;

export interface AccountNeeds {
  readonly facts: AccountFacts;
  readonly store: Store;
  readonly token: () => string | undefined;
  /** @returns whether the token will still be here after a restart */
  readonly keepToken: (token: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: () => string;
  readonly deviceName: string;
  readonly log: Log;
  readonly emit: Emit;
  /** socket.io's unless a simulator brings its own network */
  readonly openSocket?: OpenSocket;
}

/** One account on one relay: its database, its connection, and everything that happens between the two. */
export class Account {
  readonly messenger: Messenger;
  readonly #needs: AccountNeeds;
  readonly #store: Store;
  readonly #book: ContactBook;
  readonly #news: News;
  readonly #outbox: Outbox;
  readonly #reads: ReadReports;
  readonly #reconnection: Reconnection;
  #facts: AccountFacts;
  #session: SessionStarted | undefined;
  #remembered: boolean;
  /** nobody has touched this computer for a while */
  #away = false;

  constructor(needs: AccountNeeds) {
    const { store, clock, random, facts } = needs;
    this.#needs = needs;
    this.#store = store;
    this.#facts = facts;
    this.#remembered = needs.token() !== undefined;
    this.#book = new ContactBook(store, () => clock.now());
    this.#news = new News({ ...needs, account: facts.id, book: this.#book, view: () => this.#ownView() });
    const failed = (error: unknown): void => void this.#news.storageFailed(error, storageRetryMs);
    this.#outbox = new Outbox({
      store: store.outbox,
      clock,
      random,
      changed: (rows) => this.#news.settled(rows),
      failed,
    });
    this.#reconnection = new Reconnection({
      relay: facts.relay,
      device: facts.device,
      deviceName: needs.deviceName,
      clock,
      random,
      ...(needs.openSocket && { openSocket: needs.openSocket }),
      token: needs.token,
      wish: () => this.#facts.wish,
      away: () => this.#away,
      listener: {
        started: (session) => this.#started(session),
        delivered: (said) => this.#delivered(said),
        told: (_event, payload) => this.#told(payload),
        changed: (state, connection) => this.#connectionChanged(state, connection),
      },
    });
    this.#reads = new ReadReports({
      store,
      reconnection: this.#reconnection,
      clock,
      random,
      failed,
    });
    this.messenger = new Messenger({
      store,
      me: () => this.#facts.name,
      now: () => clock.now(),
      newId: needs.newId,
      notices: {
        stored: (rows) => this.#news.stored(rows),
        changed: (rows) => this.#news.changed(rows),
        deleted: (row) => this.#news.deleted(row),
        drafted: (peer) => this.#news.contacts([peer]),
        writing: () => this.#outbox.form(),
        written: () => {
          this.#news.account();
          this.#outbox.wake();
        },
        shown: () => this.#reads.wake(),
      },
    });
  }

  get facts(): AccountFacts {
    return this.#facts;
  }

  view(): AccountView {
    return { ...this.#ownView(), contacts: this.#book.views() };
  }

  contact(key: string): ContactView | undefined {
    return this.#book.view(foldName(key));
  }

  /** messages that wait to be read, counted in the database (F39) */
  unread(): number {
    return this.#store.messages.unreadInAll();
  }

  /** where every own message stands, and what of others' is proven complete */
  deliveryFacts(): AccountFactsShown {
    const { name, relay } = this.#facts;
    return { name, relay, own: this.#store.messages.ownByStatus(), contacts: this.#book.views() };
  }

  start(): void {
    this.#reconnection.start();
  }

  /** @throws {Refusal} why the relay did not let this account in, or why it cannot be reached */
  async signIn(credentials: Credentials): Promise<void> {
    await this.#reconnection.signIn(credentials);
  }

  retryNow(): void {
    this.#reconnection.retryNow();
  }

  /** The computer goes to sleep; `retryNow` is its waking up. */
  sleep(): void {
    this.#reconnection.sleep();
  }

  /** Whether somebody is at this computer; contacts see it while this account is online. Delivery goes on. */
  setAway(away: boolean): void {
    if (this.#away === away) return;
    this.#away = away;
    this.#news.account();
    this.#reconnection.applyWish();
  }

  /** Takes delivery or not (G6). The wish survives a restart; the relay hears it as soon as there is a connection. */
  setWish(wish: Presence): void {
    this.#store.putWish(wish);
    this.#facts = { ...this.#facts, wish };
    this.#news.account();
    this.#reconnection.applyWish();
  }

  /** Asks for a contact, or accepts a request (G12). @throws {Refusal} the relay's */
  async addContact(name: string): Promise<void> {
    const { contact } = await this.#reconnection.request("contact:add", { name });
    this.#contactNews(this.#book.heard(contact));
  }

  async removeContact(name: string): Promise<void> {
    await this.#reconnection.request("contact:remove", { name });
    this.#contactNews(this.#book.ended(foldName(name)));
  }

  async blockContact(name: string): Promise<void> {
    const { contact } = await this.#reconnection.request("contact:block", { name });
    if (contact) this.#contactNews(this.#book.heard(contact));
  }

  async unblockContact(name: string): Promise<void> {
    const { contact } = await this.#reconnection.request("contact:unblock", { name });
    this.#contactNews(contact ? this.#book.heard(contact) : this.#book.ended(foldName(name)));
  }

  /** Keeps what this computer alone knows of a contact. @throws {Refusal} `not-a-contact`, `storage-failed` */
  noteContact(name: string, note: ContactNote): void {
    this.#contactNews(this.#book.noted(foldName(name), note));
  }

  tellTyping(name: string): void {
    if (this.#store.contacts.find(foldName(name))?.state === "mutual") this.#reconnection.tellTyping(name);
  }

  /** Signs this device out at the relay, if it can be reached (G11). */
  async signOut(): Promise<void> {
    await this.#reconnection.tryRequest("session:end", {});
  }

  /** Safe to call twice. */
  close(): void {
    this.#news.close();
    this.#outbox.close();
    this.#reads.close();
    this.#reconnection.close();
    this.#store.close();
  }

  #started(session: SessionStarted): WireError | undefined {
    if (foldName(session.name) !== foldName(this.#facts.name)) {
      return refusal("not-a-relay", "The relay started a session of somebody else.");
    }
    try {
      this.#facts = { ...this.#facts, name: session.name };
      this.#store.putFacts(this.#facts);
      this.#remembered = this.#needs.keepToken(session.token);
      this.#session = session;
      this.#contactNews(this.#book.started(session));
      return undefined;
    } catch (error) {
      return this.#news.storageFailed(error, storageRetryMs);
    }
  }

  #connectionChanged(state: ConnectionState, connection: Connection | undefined): void {
    this.#needs.log.info("connection", {
      account: this.#facts.id,
      state: state.kind,
      ...(state.kind === "unreachable" && { code: state.error.code }),
    });
    if (state.kind === "online" && connection && this.#session) {
      this.#outbox.attach((messages) => connection.send(messages), this.#session.limits);
      this.#reads.wake();
    } else this.#outbox.detach();
    if (!connection) this.#contactNews(this.#book.disconnected());
    this.#news.account();
  }

  /** Stores, then answers (O5). What could not be stored is handed over again after a while. */
  #delivered(said: unknown): DeliveryReply {
    const parsed = delivery.safeParse(said);
    if (!parsed.success) return { ok: false, error: refusal("invalid", "This is not a delivery.") };
    try {
      const delivered = storeDelivery(this.#store, foldName(this.#facts.name), parsed.data.envelopes);
      if (delivered.ignored > 0) {
        this.#needs.log.warn("envelopes ignored", { account: this.#facts.id, count: delivered.ignored });
      }
      for (const notice of delivered.notices) this.#contactNews(this.#book.noticed(notice));
      this.#news.stored(delivered.stored);
      this.#news.changed(delivered.changed);
      return { ok: true };
    } catch (error) {
      this.#news.storageFailed(error, storageRetryMs);
      return { ok: false, error: refusal("unavailable", "This device cannot store now.", storageRetryMs) };
    }
  }

  #told(payload: Announcements[ToldEvent]): void {
    try {
      if ("from" in payload) this.#typing(foldName(payload.from));
      else if ("state" in payload) this.#contactNews(this.#book.heard(payload));
      else if ("presence" in payload) this.#contactNews(this.#book.presence(payload));
    } catch (error) {
      this.#news.storageFailed(error, storageRetryMs);
    }
  }

  #typing(key: FoldedName): void {
    if (this.#store.contacts.find(key)?.state === "mutual") this.#news.typing(key);
  }

  #contactNews({ touched, removed, mutual }: ContactNews): void {
    this.#news.contacts(touched);
    for (const key of removed) this.#news.contactRemoved(key);
    for (const peer of mutual) this.#outbox.retry(peer);
    if (mutual.length > 0) this.#reads.wake();
  }

  #ownView(): Omit<AccountView, "contacts"> {
    const { id, name, relay, wish } = this.#facts;
    return {
      account: id,
      name,
      relay,
      connection: this.#reconnection.state,
      wish,
      pending: this.#store.outbox.count(),
      remembered: this.#remembered,
      ...(this.#away && wish === "online" && { away: true }),
    };
  }
}
