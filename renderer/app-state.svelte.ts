import { createContext } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import type { Reply } from "../wire/contract.ts";
import type { DrillState } from "../wire/drill.ts";
import type {
  AccountId,
  AccountView,
  AppEvent,
  AppEventOf,
  Bridge,
  CallParams,
  CallValue,
  DoNotDisturbUntil,
  Locale,
  OpenedLink,
  Preferences,
  WindowCommand,
  WindowView,
} from "../wire/ipc.ts";
import type { UpdateState } from "../wire/update.ts";
import { AccountState } from "./account-state.svelte.ts";
import { Announcer } from "./announcer.svelte.ts";
import { Clock } from "./clock.svelte.ts";
import { shownName } from "./contact-words.ts";
import { formatFor } from "./format.ts";
import { splitQuote } from "./quote.ts";
import { catalogueFor, relayLabel, sentence, type About } from "./text.ts";

export interface AppOptions {
  readonly bridge: Bridge;
  /** the language until the main process has said which one */
  readonly locale: Locale;
  readonly now: () => number;
}

/** The relay to make an account on, and the code that lets one in. */
export interface Invitation {
  readonly relay: string;
  readonly code: string | undefined;
}

/** How a window looks for the moment until the main process has told it what was chosen. */
const untilTold: Omit<Preferences, "locale"> = {
  theme: "system",
  textSize: "normal",
  sendKey: "enter",
  spellCheck: false,
  notifications: "text",
  doNotDisturb: { kind: "off" },
  awayAfterMinutes: 0,
  tray: false,
  closeToTray: false,
  startHidden: false,
  startAtLogin: false,
};

/** Everything one window knows. It changes by AppEvents only; the components show it and forward what people do. */
export class AppState {
  ready = $state(false);
  preferences = $state.raw<Preferences>({ locale: "en", ...untilTold });
  /** what this window shows; the main process says and remembers it */
  view = $state.raw<WindowView>({ kind: "sign-in" });
  defaultRelay = $state("");
  version = $state("");
  profile = $state<string>();
  update = $state.raw<UpdateState>({ kind: "quiet" });
  /** a `recado://` link whose question is open */
  link = $state.raw<OpenedLink>();
  /** what a link has filled in for the sign-in screen */
  invitation = $state.raw<Invitation>();
  drill = $state.raw<DrillState>({ kind: "idle" });
  /** whether the person is looking at this window */
  focused = $state(false);
  /** what lies over the window, whatever it shows */
  overlay = $state<"none" | "switcher" | "shortcuts" | "settings" | "drill">("none");
  readonly accounts = new SvelteMap<AccountId, AccountState>();
  readonly announcer = new Announcer();
  readonly seconds: Clock;
  readonly minutes: Clock;

  readonly account = $derived(this.view.kind === "sign-in" ? undefined : this.accounts.get(this.view.account));
  /** the contact whose conversation is all that this window shows */
  readonly alone = $derived(
    this.view.kind === "conversation" ? this.account?.contacts.get(this.view.conversation) : undefined,
  );
  readonly text = $derived(catalogueFor(this.preferences.locale));
  readonly format = $derived(formatFor(this.preferences.locale));
  readonly title = $derived.by(() => {
    if (!this.account) return "Recado";
    if (this.alone) return `${this.alone.alias ?? this.alone.name} · ${this.account.facts.name} · Recado`;
    return `${this.account.facts.name} · Recado`;
  });

  /** asked again as soon as there is an account for it */
  #afterwards: OpenedLink | undefined;
  readonly #bridge: Bridge;
  readonly #now: () => number;

  constructor({ bridge, locale, now }: AppOptions) {
    this.#bridge = bridge;
    this.#now = now;
    this.preferences = { locale, ...untilTold };
    this.seconds = new Clock(now, 1_000);
    this.minutes = new Clock(now, 20_000);
  }

  /** @returns a function that ends the subscription */
  start(): () => void {
    return this.#bridge.subscribe((event) => this.apply(event));
  }

  apply(event: AppEvent): void {
    switch (event.kind) {
      case "snapshot":
        return this.#takeSnapshot(event);
      case "window:shown":
        return this.#show(event.view);
      case "window:go":
        return this.accounts.get(event.account)?.goTo(event.conversation, event.position);
      case "window:command":
        return this.command(event.command);
      case "account:added":
        this.#addAccount(event.account);
        return this.#askAfterwards(event.account);
      case "account:removed":
        this.accounts.delete(event.account);
        if (this.view.kind !== "sign-in" && this.view.account === event.account) this.view = { kind: "sign-in" };
        return;
      case "account:changed": {
        const account = this.accounts.get(event.account.account);
        if (account) account.facts = event.account;
        return;
      }
      case "preferences:changed":
        this.preferences = event.preferences;
        return;
      case "update:changed":
        this.update = event.update;
        return;
      case "link:opened":
        this.link = event.link;
        return;
      case "drill:changed":
        this.drill = event.drill;
        return;
      case "contacts:changed":
        this.#announceContacts(event);
        return this.accounts.get(event.account)?.contactsChanged(event.contacts);
      case "contact:removed":
        return this.accounts.get(event.account)?.contactRemoved(event.key);
      case "messages:stored":
        this.accounts.get(event.account)?.messagesStored(event.messages);
        return this.#announce(event);
      case "messages:changed":
        this.#announceRefusal(event);
        return this.accounts.get(event.account)?.messagesChanged(event.messages);
      case "message:deleted":
        return this.accounts.get(event.account)?.messageDeleted(event.with, event.position);
      case "typing:told":
        return this.accounts.get(event.account)?.typingTold(event.key);
      case "storage:failed": {
        const account = this.accounts.get(event.account);
        if (account) account.storageError = event.error;
        return;
      }
    }
  }

  #takeSnapshot(snapshot: AppEventOf<"snapshot">): void {
    this.accounts.clear();
    for (const account of snapshot.accounts) this.#addAccount(account);
    this.#show(snapshot.view);
    this.preferences = snapshot.preferences;
    this.defaultRelay = snapshot.defaultRelay;
    this.version = snapshot.version;
    this.profile = snapshot.profile;
    this.update = snapshot.update;
    this.link = snapshot.link;
    this.drill = snapshot.drill ?? { kind: "idle" };
    this.ready = true;
  }

  /** The conversation that was open the last time is open again, if it is still there. */
  #show(view: WindowView): void {
    this.view = view;
    if (view.kind === "sign-in" || view.conversation === undefined) return;
    const account = this.accounts.get(view.account);
    if (account?.contacts.has(view.conversation)) account.choose(view.conversation);
  }

  #addAccount(view: AccountView): void {
    const options = { bridge: this.#bridge, now: this.#now, focused: () => this.focused };
    this.accounts.set(view.account, new AccountState(view, options));
  }

  /** One's own messages are not read aloud, and a burst is one sentence. */
  #announce({ account: id, messages }: AppEventOf<"messages:stored">): void {
    const account = this.account;
    if (account?.id !== id) return;
    const incoming = messages.filter((message) => !message.mine && message.unread);
    const last = incoming.at(-1);
    if (!last) return;
    const contact = account.contacts.get(last.with);
    const name = contact ? shownName(contact) : last.from;
    const words = this.text.conversation;
    this.announcer.say(
      incoming.length === 1 ? words.spoken(name, splitQuote(last.body).answer) : words.arrived(incoming.length, name),
    );
  }

  /** Somebody asks to be a contact, or has accepted: said before the list changes, while what was known is known. */
  #announceContacts({ account: id, contacts }: AppEventOf<"contacts:changed">): void {
    const account = this.account;
    if (account?.id !== id) return;
    for (const contact of contacts) {
      const before = account.contacts.get(contact.key)?.state;
      if (contact.state === "requested" && before !== "requested") {
        this.announcer.say(this.text.contacts.wants(shownName(contact)));
      } else if (contact.state === "mutual" && (before === "pending" || before === "requested")) {
        this.announcer.say(this.text.contacts.accepted(shownName(contact)));
      }
    }
  }

  /** A refusal is the one change of status that somebody has to act on. */
  #announceRefusal({ account: id, messages }: AppEventOf<"messages:changed">): void {
    const account = this.account;
    const refused = messages.findLast((message) => message.mine && message.status === "refused");
    if (account?.id !== id || !refused?.refusal) return;
    const contact = account.contacts.get(refused.with);
    const about = this.about(account, contact ? shownName(contact) : refused.with);
    this.announcer.say(this.text.listAnd(`${this.text.message.refused}.`, sentence(this.text, refused.refusal, about)));
  }

  /** What a refusal on this account is about. */
  about(account: AccountState, name = account.facts.name): About {
    return { name, relay: relayLabel(account.facts.relay) };
  }

  signIn(params: CallParams<"account:sign-in">): Promise<Reply<unknown>> {
    return this.#bridge.call("account:sign-in", params);
  }

  show(account?: AccountId): Promise<Reply<unknown>> {
    return this.#bridge.call("window:show", account === undefined ? {} : { account });
  }

  /** Takes a paste over that is a link of ours: it asks its question instead of standing in a field. */
  readonly takeLink = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData("text/plain").trim() ?? "";
    if (!/^recado:/i.test(text)) return;
    event.preventDefault();
    void this.#bridge.call("link:paste", { text: text.slice(0, 4_096) });
  };

  /** A link's question is answered or put away; main forgets it, too. */
  linkAnswered(): void {
    this.link = undefined;
    void this.#bridge.call("link:answered", {});
  }

  /** Shows the sign-in screen filled in by a link; what else the link asked for is asked again when the account is there. */
  beginAccount(link: Exclude<OpenedLink, { kind: "unknown" }>): Promise<Reply<unknown>> {
    this.invitation = { relay: link.relay, code: link.kind === "join" ? link.invite : undefined };
    this.#afterwards = link.kind === "join" ? undefined : link;
    return this.show();
  }

  #askAfterwards({ relay }: AccountView): void {
    const link = this.#afterwards;
    if (link === undefined || link.kind === "unknown" || link.relay !== relay) return;
    this.#afterwards = undefined;
    this.link = link;
  }

  updates(act: "check" | "download" | "apply" | "open-page" | "dismiss"): void {
    void this.#bridge.call(`update:${act}`, {});
  }

  /** Opens a conversation in this window, whichever account it is of. */
  async goTo(account: AccountState, key: string): Promise<void> {
    account.choose(key);
    if (account.id !== this.account?.id) await this.show(account.id);
  }

  openWindow(): Promise<Reply<unknown>> {
    return this.#bridge.call("window:open", {});
  }

  /** Tells the main process which conversation this window has open: it makes no note of it, and opens it again. */
  tellReading(): void {
    if (this.view.kind !== "account" || !this.account) return;
    const { id, chosenKey } = this.account;
    void this.#bridge.call("window:reads", { account: id, ...(chosenKey !== undefined && { name: chosenKey }) });
  }

  /** What a menu or a shortcut asks of this window. What only an open account can do is done by its window. */
  command(command: WindowCommand): void {
    if (command === "settings" || command === "shortcuts" || command === "drill") this.overlay = command;
    else if (command === "quick-switch") this.overlay = this.accounts.size > 0 ? "switcher" : "none";
    else if (command === "detach") void this.account?.detach();
    else if (command === "toggle-presence") void this.account?.togglePresence();
    else this.onCommand(command);
  }

  /** set by the window that shows an account */
  onCommand: (command: WindowCommand) => void = () => undefined;

  quiet(until: DoNotDisturbUntil): Promise<Reply<unknown>> {
    return this.#bridge.call("do-not-disturb:set", { until });
  }

  testNotification(): Promise<Reply<CallValue<"notification:test">>> {
    return this.#bridge.call("notification:test", {});
  }

  prefer(preferences: Partial<Preferences>): Promise<Reply<unknown>> {
    return this.#bridge.call("preferences:set", preferences);
  }

  startDrill(): Promise<Reply<unknown>> {
    return this.#bridge.call("drill:start", {});
  }

  stopDrill(): Promise<Reply<unknown>> {
    return this.#bridge.call("drill:stop", {});
  }
}

export const [appState, provideAppState] = createContext<AppState>();
