import {
  type AccountId,
  type AppEvent,
  type AppEventOf,
  type CallValue,
  type ContactView,
  type Preferences,
} from "../wire/ipc.ts";
import { type Clock } from "./clock.ts";
import { isQuiet } from "./do-not-disturb.ts";
import { noteFor, type Note, type NoteWords, type Waiting } from "./note.ts";
import { type Target } from "./window-choice.ts";

/** What comes in while nothing was quiet for so long is one note; but nobody waits longer than the second for it. */
const quietMs = 300;
const longestMs = 2_000;
/** A note that replaces one this young makes no sound again. */
const soundEveryMs = 10_000;
/** a system that has not said by then that it showed a note may never say it */
const confirmMs = 4_000;

export type Outcome = CallValue<"notification:test">["outcome"];

/** What the system tells of a note. */
export interface NoteListener {
  shown(): void;
  clicked(): void;
  failed(): void;
}

/** The system's notifications; `close` takes a note away. */
export interface Notifier {
  isSupported(): boolean;
  show(note: Note, listener: NoteListener): { close(): void };
}

export interface NotificationsNeeds {
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly preferences: () => Preferences;
  readonly words: () => NoteWords;
  /** whether a person looks at this conversation now */
  readonly isRead: (target: Target) => boolean;
  /** the contact as this person knows it: an alias is their name for somebody, a muted one makes no note */
  readonly contact: (target: Target) => Pick<ContactView, "name" | "alias" | "muted"> | undefined;
  /** the account's name where there are several, so that a note says whose it is */
  readonly label: (account: AccountId) => string | undefined;
  /** a note was clicked */
  readonly open: (target: Target, position: number | undefined) => void;
}

interface OfAccount {
  /** unread messages that a note tells of, oldest first, by position */
  readonly messages: Map<number, Waiting>;
  /** names of those who ask to be a contact, by key */
  readonly requests: Map<string, string>;
  gatheringSince: number | undefined;
  cancel: (() => void) | undefined;
  live: { close(): void } | undefined;
  soundedAt: number;
}

/**
 * Tells a person what arrived while they looked elsewhere: one note per account, which grows instead of multiplying, and
 * goes when what it tells of was read, on whichever device. It never takes the focus; a click opens the very message.
 */
export class Notifications {
  readonly #needs: NotificationsNeeds;
  readonly #accounts = new Map<AccountId, OfAccount>();

  constructor(needs: NotificationsNeeds) {
    this.#needs = needs;
  }

  hear(event: AppEvent): void {
    switch (event.kind) {
      case "messages:stored":
        return this.#stored(event);
      case "messages:changed":
        for (const { position, unread } of event.messages) if (!unread) this.#gone(event.account, position);
        return;
      case "message:deleted":
        return this.#gone(event.account, event.position);
      case "contacts:changed":
        return this.#contacts(event);
      case "account:added":
        // what asked before this account was here is no news
        for (const { key, state } of event.account.contacts)
          if (state === "requested") this.#knownRequests.add(`${event.account.account} ${key}`);
        return;
      case "account:removed":
        this.#forget(event.account);
        return;
      default:
        return;
    }
  }

  /** Shows a note now, and says what came of it. */
  test(): Promise<Outcome> {
    const { notifier, clock, preferences, words } = this.#needs;
    const { notifications, doNotDisturb } = preferences();
    if (!notifier.isSupported()) return Promise.resolve("not-supported");
    if (notifications === "off") return Promise.resolve("off");
    if (isQuiet(doNotDisturb, clock.now())) return Promise.resolve("do-not-disturb");
    return new Promise((resolve) => {
      const cancel = clock.after(confirmMs, () => resolve("unconfirmed"));
      const done = (outcome: Outcome) => () => {
        cancel();
        resolve(outcome);
      };
      const { testTitle, testBody } = words();
      notifier.show(
        { title: testTitle, body: testBody, silent: false },
        { shown: done("shown"), failed: done("failed"), clicked: () => undefined },
      );
    });
  }

  /** Takes away what is shown. */
  close(): void {
    for (const account of [...this.#accounts.keys()]) this.#forget(account);
  }

  readonly #knownRequests = new Set<string>();

  #stored({ account, messages }: AppEventOf<"messages:stored">): void {
    const fresh = messages.filter((message) => !message.mine && message.unread);
    if (fresh.length === 0) return;
    const of = this.#of(account);
    for (const { position, with: key, from, body } of fresh) of.messages.set(position, { key, from, body });
    this.#gather(account, of);
  }

  #contacts({ account, contacts }: AppEventOf<"contacts:changed">): void {
    for (const { key, name, state } of contacts) {
      const id = `${account} ${key}`;
      if (state === "requested" && !this.#knownRequests.has(id)) {
        this.#knownRequests.add(id);
        const of = this.#of(account);
        of.requests.set(key, name);
        this.#gather(account, of);
      } else if (state !== "requested" && this.#knownRequests.delete(id)) {
        const of = this.#accounts.get(account);
        if (of?.requests.delete(key)) this.#refresh(of);
      }
    }
  }

  #gone(account: AccountId, position: number): void {
    const of = this.#accounts.get(account);
    if (of?.messages.delete(position)) this.#refresh(of);
  }

  /** A note that has nothing left to tell goes; one that has is not shown again for what it lost. */
  #refresh(of: OfAccount): void {
    if (of.messages.size > 0 || of.requests.size > 0) return;
    of.live?.close();
    of.live = undefined;
  }

  #of(account: AccountId): OfAccount {
    const known = this.#accounts.get(account);
    if (known) return known;
    const of: OfAccount = {
      messages: new Map(),
      requests: new Map(),
      gatheringSince: undefined,
      cancel: undefined,
      live: undefined,
      soundedAt: -soundEveryMs,
    };
    this.#accounts.set(account, of);
    return of;
  }

  #forget(account: AccountId): void {
    const of = this.#accounts.get(account);
    of?.cancel?.();
    of?.live?.close();
    this.#accounts.delete(account);
  }

  #gather(account: AccountId, of: OfAccount): void {
    const { clock } = this.#needs;
    const now = clock.now();
    of.gatheringSince ??= now;
    of.cancel?.();
    const wait = Math.max(0, Math.min(quietMs, of.gatheringSince + longestMs - now));
    of.cancel = clock.after(wait, () => this.#show(account, of));
  }

  #show(account: AccountId, of: OfAccount): void {
    const { clock, notifier, preferences, words, label, isRead, contact } = this.#needs;
    of.gatheringSince = undefined;
    of.cancel = undefined;
    // asked once for each conversation: after an absence thousands of messages may be of one
    const conversations = new Map(
      Array.from(new Set(Array.from(of.messages.values(), ({ key }) => key)), (key) => {
        const target = { account, conversation: key };
        const known = contact(target);
        return [key, { quiet: isRead(target) || known?.muted === true, alias: known?.alias }] as const;
      }),
    );
    for (const [position, { key }] of of.messages) if (conversations.get(key)?.quiet) of.messages.delete(position);
    const { notifications, doNotDisturb } = preferences();
    const now = clock.now();
    if (notifications === "off" || isQuiet(doNotDisturb, now) || !notifier.isSupported()) {
      // the tray and the badge tell of it; a note does not come late
      of.messages.clear();
      of.requests.clear();
    }
    const messages = Array.from(of.messages.values(), (waiting) => ({
      ...waiting,
      from: conversations.get(waiting.key)?.alias ?? waiting.from,
    }));
    const note = noteFor(messages, [...of.requests.values()], notifications, label(account), words());
    of.live?.close();
    of.live = undefined;
    if (!note) return;
    const silent = now - of.soundedAt < soundEveryMs;
    if (!silent) of.soundedAt = now;
    of.live = notifier.show(
      { ...note, silent },
      { shown: () => undefined, failed: () => undefined, clicked: () => this.#clicked(account, of) },
    );
  }

  #clicked(account: AccountId, of: OfAccount): void {
    const newest = [...of.messages].at(-1);
    const asking = [...of.requests.keys()].at(-1);
    of.live = undefined;
    of.messages.clear();
    of.requests.clear();
    if (newest) this.#needs.open({ account, conversation: newest[1].key }, newest[0]);
    else if (asking !== undefined) this.#needs.open({ account, conversation: asking }, undefined);
  }
}
