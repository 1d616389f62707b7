import { SvelteMap } from "svelte/reactivity";
import type { Reply, WireError } from "../wire/contract.ts";
import type { AccountId, AccountView, AppEventOf, Bridge, CallParams, ContactView, MessageView } from "../wire/ipc.ts";
import { compareContacts } from "./contact-words.ts";
import { Conversation } from "./conversation.svelte.ts";
import { byContact } from "./log.ts";
import { Search } from "./search.svelte.ts";

export type AccountFacts = AppEventOf<"account:changed">["account"];

export interface AccountOptions {
  readonly bridge: Bridge;
  readonly focused: () => boolean;
  readonly now: () => number;
}

/** One account as this window shows it: its facts, its contacts, the conversations that were opened. */
export class AccountState {
  facts: AccountFacts;
  readonly contacts = new SvelteMap<string, ContactView>();
  /** key of the contact whose conversation is open */
  chosenKey = $state<string>();
  /** the disk of this computer refused to store */
  storageError = $state.raw<WireError>();

  readonly requests = $derived(this.#sorted((contact) => contact.state === "requested"));
  readonly people = $derived(this.#sorted((contact) => contact.state !== "requested"));
  /** what asks for attention: a muted contact does not */
  readonly unread = $derived(
    [...this.contacts.values()].reduce((sum, contact) => sum + (contact.muted ? 0 : contact.unread), 0),
  );
  readonly chosen = $derived(this.chosenKey === undefined ? undefined : this.contacts.get(this.chosenKey));

  readonly id: AccountId;
  readonly search: Search;
  readonly #options: AccountOptions;
  #conversations: readonly Conversation[] = [];
  /** whether the reader is at the end of the open conversation */
  #following = false;
  /** a contact to open as soon as it is there */
  #awaited: string | undefined;

  constructor(view: AccountView, options: AccountOptions) {
    this.id = view.account;
    this.#options = options;
    this.search = new Search({ bridge: options.bridge, account: view.account });
    const { contacts, ...facts } = view;
    this.facts = $state.raw(facts);
    this.contactsChanged(contacts);
  }

  #sorted(wanted: (contact: ContactView) => boolean): ContactView[] {
    return [...this.contacts.values()].filter(wanted).sort(compareContacts);
  }

  conversationWith(key: string): Conversation {
    const known = this.#opened(key);
    if (known) return known;
    const conversation = new Conversation({
      ...this.#options,
      account: this.id,
      key,
      unread: () => this.contacts.get(key)?.unread ?? 0,
      draft: this.contacts.get(key)?.draft ?? "",
    });
    this.#conversations = [...this.#conversations, conversation];
    return conversation;
  }

  #opened(key: string): Conversation | undefined {
    return this.#conversations.find((conversation) => conversation.key === key);
  }

  choose(key: string | undefined): void {
    if (key === this.chosenKey) return;
    this.#following = false;
    this.chosenKey = key;
    if (key === undefined) return;
    void this.conversationWith(key).open();
    if (this.contacts.get(key)?.marked) void this.note(key, { marked: false });
  }

  /** The next conversation of the list, or the one before; at either end it goes on from the other. */
  step(by: 1 | -1): void {
    const at = this.people.findIndex((contact) => contact.key === this.chosenKey);
    const from = at < 0 && by < 0 ? 0 : at;
    this.choose(this.people[(from + by + this.people.length) % this.people.length]?.key);
  }

  /** The next conversation below that has something unread, muted ones last. */
  stepToUnread(): void {
    const at = this.people.findIndex((contact) => contact.key === this.chosenKey);
    const around = [...this.people.slice(at + 1), ...this.people.slice(0, at + 1)];
    const calls = around.filter((contact) => (contact.unread > 0 || contact.marked) && contact.key !== this.chosenKey);
    const next = calls.find((contact) => !contact.muted) ?? calls[0];
    if (next) this.choose(next.key);
  }

  /** Shows a place in a conversation, wherever this window was. */
  goTo(key: string, position: number | undefined): void {
    if (!this.contacts.has(key)) return;
    if (position === undefined) this.choose(key);
    else this.showMessage(key, position);
  }

  /** Opens the conversation that is open here in a window of its own. */
  detach(): Promise<Reply<unknown>> | undefined {
    if (this.chosenKey === undefined) return undefined;
    return this.#options.bridge.call("window:detach", { account: this.id, name: this.chosenKey });
  }

  /** Leads to one message, in whatever conversation it is. */
  showMessage(key: string, position: number): void {
    if (!this.contacts.has(key)) return;
    if (key !== this.chosenKey) {
      this.#following = false;
      this.chosenKey = key;
    }
    void this.conversationWith(key).show(position);
  }

  follow(following: boolean): void {
    this.#following = following;
  }

  /** Opens the conversation with somebody just added, who may only arrive with the next event. */
  chooseByName(name: string): void {
    const wanted = name.normalize("NFKC").trim().toLowerCase();
    const contact = [...this.contacts.values()].find((known) => known.name.toLowerCase() === wanted);
    this.#awaited = contact ? undefined : wanted;
    if (contact) this.choose(contact.key);
  }

  contactsChanged(contacts: readonly ContactView[]): void {
    for (const contact of contacts) {
      this.contacts.set(contact.key, contact);
      this.#opened(contact.key)?.draft.heard(contact.draft ?? "");
      if (this.#awaited === contact.name.toLowerCase()) {
        this.#awaited = undefined;
        this.choose(contact.key);
      }
    }
  }

  contactRemoved(key: string): void {
    this.contacts.delete(key);
    this.#conversations = this.#conversations.filter((conversation) => conversation.key !== key);
    if (this.chosenKey === key) this.chosenKey = undefined;
  }

  messagesStored(messages: readonly MessageView[]): void {
    this.storageError = undefined;
    for (const [key, group] of byContact(messages)) {
      this.#opened(key)?.stored(group, key === this.chosenKey && this.#following);
    }
  }

  messagesChanged(messages: readonly MessageView[]): void {
    for (const [key, group] of byContact(messages)) this.#opened(key)?.changed(group);
  }

  messageDeleted(key: string, position: number): void {
    this.#opened(key)?.removed(position);
  }

  typingTold(key: string): void {
    this.#opened(key)?.typing.heard();
  }

  /** Adds somebody and opens the conversation with them. */
  async add(name: string): Promise<Reply<unknown>> {
    const reply = await this.#options.bridge.call("contact:add", { account: this.id, name });
    if (reply.ok) this.chooseByName(name);
    return reply;
  }

  /** Accepts a request, which is adding its sender (G12). What is being read stays on the screen; where nothing is, they come. */
  async accept(name: string): Promise<Reply<unknown>> {
    const reply = await this.#options.bridge.call("contact:add", { account: this.id, name });
    if (reply.ok && this.chosenKey === undefined) this.chooseByName(name);
    return reply;
  }

  remove(key: string): Promise<Reply<unknown>> {
    return this.#options.bridge.call("contact:remove", { account: this.id, name: key });
  }

  block(key: string): Promise<Reply<unknown>> {
    return this.#options.bridge.call("contact:block", { account: this.id, name: key });
  }

  unblock(key: string): Promise<Reply<unknown>> {
    return this.#options.bridge.call("contact:unblock", { account: this.id, name: key });
  }

  /** What this computer alone keeps about a contact. */
  note(key: string, note: Omit<CallParams<"contact:note">, "account" | "name">): Promise<Reply<unknown>> {
    return this.#options.bridge.call("contact:note", { account: this.id, name: key, ...note });
  }

  setPresence(presence: AccountView["wish"]): Promise<Reply<unknown>> {
    return this.#options.bridge.call("presence:set", { account: this.id, presence });
  }

  togglePresence(): Promise<Reply<unknown>> {
    return this.setPresence(this.facts.wish === "offline" ? "online" : "offline");
  }

  retry(): Promise<Reply<unknown>> {
    return this.#options.bridge.call("connection:retry", { account: this.id });
  }

  resume(password?: string): Promise<Reply<unknown>> {
    return this.#options.bridge.call("account:resume", {
      account: this.id,
      ...(password !== undefined && { password }),
    });
  }

  signOut(): Promise<Reply<unknown>> {
    return this.#options.bridge.call("account:sign-out", { account: this.id });
  }
}
