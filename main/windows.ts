import { BrowserWindow } from "electron";
import { type AccountId, type AppEvent, type WindowCommand, type WindowView } from "../wire/ipc.ts";
import { type Clock } from "./clock.ts";
import { createWindow, type WindowNeeds } from "./window.ts";
import { type Place, type SavedWindow, type WindowPlaces } from "./window-places.ts";
import { accountIn, bestFor, reads, type Candidate, type Target } from "./window-choice.ts";

/** moving and resizing tell all the way; the place is written when it is quiet */
const settleMs = 400;

export interface WindowsNeeds extends Omit<WindowNeeds, "pageGone"> {
  readonly places: WindowPlaces;
  readonly clock: Clock;
  readonly profile: string | undefined;
  readonly nameOf: (account: AccountId) => string | undefined;
  readonly contactName: (account: AccountId, key: string) => string | undefined;
  readonly unreadOf: (account: AccountId) => number;
  readonly tellPage: (page: number, event: AppEvent) => void;
  readonly pageGone: (page: number) => void;
  /** how the menu, the tray and notifications learn that another window is in front, or shows something else */
  readonly changed: () => void;
  /** told of each new window: menus and signs that hang on a window are put there */
  readonly created: (window: BrowserWindow) => void;
}

interface Shown extends Candidate {
  readonly window: BrowserWindow;
  view: WindowView;
  focusedAt: number;
}

/** The app's windows: views only. Closing or reloading one loses nothing. */
export class Windows {
  readonly #needs: WindowsNeeds;
  /** by the id of the window's page */
  readonly #open = new Map<number, Shown>();
  #quitting = false;
  #cancelWrite: (() => void) | undefined;

  constructor(needs: WindowsNeeds) {
    this.#needs = needs;
  }

  /**
   * Opens the windows of the last time, or one that shows `first`.
   * @param minimized they wait in the task bar: the app started by itself
   * @param unopened the accounts whose data is here, before they are open: no more is known then, and `review` has to follow
   */
  restore(
    first: AccountId | undefined,
    { minimized = false, unopened }: { minimized?: boolean; unopened?: readonly AccountId[] } = {},
  ): void {
    const saved = this.#needs.places.read();
    const known = saved.filter(({ view }) =>
      unopened && view.kind !== "sign-in" ? unopened.includes(view.account) : this.#isKnown(view),
    );
    if (!known.some(({ view }) => view.kind !== "conversation")) {
      this.#create(
        ofAccount(first),
        saved.find(({ view }) => view.kind !== "conversation"),
        minimized,
      );
    }
    for (const { view, ...place } of known) {
      this.#create(view.kind === "sign-in" ? ofAccount(first) : view, place, minimized);
    }
  }

  /** The accounts are open: a window whose account is not among them shows `first` instead, and one of a conversation closes. */
  review(first: AccountId | undefined): void {
    for (const shown of [...this.#open.values()]) {
      if (this.#isKnown(shown.view)) this.#entitle(shown);
      else this.#dismiss(shown, first);
    }
  }

  open(account: AccountId | undefined): void {
    this.#create(ofAccount(account), undefined);
  }

  /** A conversation in a window of its own: the one there is, or a new one. */
  detach(account: AccountId, conversation: string): void {
    const view: WindowView = { kind: "conversation", account, conversation };
    const there = [...this.#open.values()].find(
      (shown) => shown.view.kind === "conversation" && reads(shown.view, { account, conversation }),
    );
    if (there) bringForward(there.window);
    else this.#create(view, this.#needs.places.of(view));
  }

  /** Brings a window with everything in it to the front, or opens those of the last time. @returns its page */
  focus(first: AccountId | undefined): number {
    if (this.#open.size === 0) this.restore(first);
    const whole = this.#newest().filter(({ view }) => view.kind !== "conversation");
    const newest = whole[0] ?? this.#create(ofAccount(first), undefined);
    bringForward(newest.window);
    return newest.window.webContents.id;
  }

  /** Shows an account where a person would look for it. */
  focusAccount(account: AccountId): void {
    const newest = this.#newest().filter(({ view }) => view.kind !== "conversation");
    const shown = newest.find(({ view }) => accountIn(view) === account) ?? newest[0];
    if (!shown) this.open(account);
    else {
      if (accountIn(shown.view) !== account) this.#turn(shown, ofAccount(account));
      bringForward(shown.window);
    }
  }

  /** The window in front shows this account; a conversation's own window stays what it is. */
  showInFront(account: AccountId): void {
    const front = this.focused();
    if (!front || front.view.kind === "conversation") this.focusAccount(account);
    else this.show(front.page, account);
  }

  /** Shows a conversation, at a message if `position` says which, in the window where a person would look for it. */
  reveal(target: Target, position?: number): void {
    const { account, conversation } = target;
    const found = bestFor(target, [...this.#open.values()]);
    const shown = found ?? this.#create({ kind: "account", account, conversation }, undefined);
    if (shown.view.kind !== "conversation") {
      const view: WindowView = { kind: "account", account, conversation };
      if (accountIn(shown.view) === account) shown.view = view;
      else this.#turn(shown, view);
    }
    // a page that has not begun yet finds it in its snapshot
    this.#needs.tellPage(shown.window.webContents.id, {
      kind: "window:go",
      account,
      conversation,
      ...(position !== undefined && { position }),
    });
    bringForward(shown.window);
  }

  viewOf(page: number): WindowView {
    return this.#open.get(page)?.view ?? { kind: "sign-in" };
  }

  show(page: number, account: AccountId | undefined): void {
    const shown = this.#open.get(page);
    if (shown && shown.view.kind !== "conversation") this.#turn(shown, ofAccount(account));
  }

  /** What a window has open: it is not notified of, and the window has it open again after a restart. */
  reads(page: number, account: AccountId, conversation: string | undefined): void {
    const shown = this.#open.get(page);
    if (shown?.view.kind !== "account" || shown.view.account !== account) return;
    shown.view = { kind: "account", account, ...(conversation !== undefined && { conversation }) };
    this.#settle();
    this.#needs.changed();
  }

  /** Whether a person looks at this conversation now. */
  isRead(target: Target): boolean {
    return [...this.#open.values()].some(
      ({ window, view }) => reads(view, target) && window.isFocused() && window.isVisible() && !window.isMinimized(),
    );
  }

  /** Windows that showed this account show the sign-in screen; its conversations' own ones close. */
  leave(account: AccountId): void {
    for (const shown of [...this.#open.values()]) {
      if (accountIn(shown.view) === account) this.#dismiss(shown, undefined);
    }
  }

  /** There is nothing left of a conversation: its own window closes. */
  forget(target: Target): void {
    for (const { window, view } of [...this.#open.values()])
      if (view.kind === "conversation" && reads(view, target)) window.close();
  }

  /** Asks something of the window that a person looks at; one comes to the front when none is. */
  command(command: WindowCommand): void {
    const page = this.focused()?.page;
    if (page !== undefined) this.#needs.tellPage(page, { kind: "window:command", command });
  }

  focused(): { readonly page: number; readonly view: WindowView } | undefined {
    const window = BrowserWindow.getFocusedWindow();
    const shown = window === null ? undefined : this.#open.get(window.webContents.id);
    return shown && { page: shown.window.webContents.id, view: shown.view };
  }

  all(): BrowserWindow[] {
    return [...this.#open.values()].map(({ window }) => window);
  }

  entitleAll(): void {
    for (const shown of this.#open.values()) this.#entitle(shown);
  }

  /** Remembers where the windows are; from here on their closing is the app's, not a person's. */
  prepareQuit(): void {
    if (this.#quitting) return;
    this.#quitting = true;
    this.#cancelWrite?.();
    if (this.#open.size > 0) this.#write();
  }

  /** The open ones, the one that was last looked at first. */
  #newest(): Shown[] {
    return [...this.#open.values()].sort((a, b) => b.focusedAt - a.focusedAt);
  }

  #create(view: WindowView, place: Place | undefined, minimized = false): Shown {
    const window = createWindow({ ...this.#needs }, view, place, this.#newest()[0]?.window.getNormalBounds());
    const page = window.webContents.id;
    const shown: Shown = { window, view, focusedAt: this.#needs.clock.now() };
    this.#open.set(page, shown);
    this.#entitle(shown);
    if (place?.maximized) window.maximize();
    window.once("ready-to-show", () => {
      if (minimized) window.minimize();
      else window.show();
    });
    window.on("focus", () => {
      shown.focusedAt = this.#needs.clock.now();
      this.#needs.changed();
    });
    window.on("blur", () => this.#needs.changed());
    window.on("resize", () => this.#settle());
    window.on("move", () => this.#settle());
    window.on("close", () => {
      this.#needs.places.closed(saved(shown));
      // the last one is what the next start brings back
      if (!this.#quitting && this.#open.size === 1) this.#write();
    });
    window.on("closed", () => {
      this.#open.delete(page);
      this.#needs.pageGone(page);
      this.#settle();
      this.#needs.changed();
    });
    this.#needs.created(window);
    return shown;
  }

  #turn(shown: Shown, view: WindowView): void {
    shown.view = view;
    this.#entitle(shown);
    this.#needs.tellPage(shown.window.webContents.id, { kind: "window:shown", view });
    this.#settle();
    this.#needs.changed();
  }

  /** What it showed is not there any more. */
  #dismiss(shown: Shown, instead: AccountId | undefined): void {
    if (shown.view.kind === "conversation") shown.window.close();
    else this.#turn(shown, ofAccount(instead));
  }

  #entitle({ window, view }: Shown): void {
    const account = accountIn(view);
    const name = account === undefined ? undefined : this.#needs.nameOf(account);
    const contact = view.kind === "conversation" ? this.#needs.contactName(view.account, view.conversation) : undefined;
    const profile = this.#needs.profile === undefined ? "Recado" : `Recado (${this.#needs.profile})`;
    const unread = account === undefined || contact !== undefined ? 0 : this.#needs.unreadOf(account);
    const said = [contact, name, profile].filter((part) => part !== undefined).join(" - ");
    window.setTitle(unread > 0 ? `(${unread}) ${said}` : said);
  }

  #isKnown(view: WindowView): boolean {
    switch (view.kind) {
      case "sign-in":
        return true;
      case "account":
        return this.#needs.nameOf(view.account) !== undefined;
      case "conversation":
        return this.#needs.contactName(view.account, view.conversation) !== undefined;
    }
  }

  #settle(): void {
    if (this.#quitting) return;
    this.#cancelWrite?.();
    this.#cancelWrite = this.#needs.clock.after(settleMs, () => {
      if (!this.#quitting && this.#open.size > 0) this.#write();
    });
  }

  #write(): void {
    this.#needs.places.write([...this.#open.values()].map(saved));
  }
}

const ofAccount = (account: AccountId | undefined): WindowView =>
  account === undefined ? { kind: "sign-in" } : { kind: "account", account };

const saved = ({ window, view }: Shown): SavedWindow => ({
  ...window.getNormalBounds(),
  maximized: window.isMaximized(),
  view,
});

function bringForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
