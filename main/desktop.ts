import type { MenuItemConstructorOptions } from "electron";
import {
  type AccountId,
  type AppEvent,
  type CallValue,
  type DoNotDisturbUntil,
  type Preferences,
} from "../wire/ipc.ts";
import { type Accounts } from "./accounts.ts";
import { Attendance, type Power } from "./attendance.ts";
import { type Clock } from "./clock.ts";
import { DoNotDisturbEnd, doNotDisturbFor } from "./do-not-disturb.ts";
import { factsOf, type Log } from "./log.ts";
import { type LoginStart } from "./login-start.ts";
import { menuOf, type MenuActions } from "./menu.ts";
import { Notifications, type Notifier } from "./notifications.ts";
import { type Choice, type StoredPreferences } from "./preferences.ts";
import { texts, type Words } from "./text.ts";
import { traySign, type TrayAccount, type TrayPlace } from "./tray.ts";
import { sumOf, Unread } from "./unread.ts";
import { accountIn, type Target } from "./window-choice.ts";
import { type Windows } from "./windows.ts";

export interface DesktopNeeds {
  readonly accounts: Accounts;
  readonly windows: Windows;
  readonly preferences: StoredPreferences;
  readonly clock: Clock;
  readonly log: Log;
  readonly platform: NodeJS.Platform;
  readonly notifier: Notifier;
  readonly tray: TrayPlace;
  readonly power: Power;
  readonly loginStart: LoginStart;
  /** the number on the app's icon, and the same in words */
  readonly badge: (count: number, words: string) => void;
  readonly setMenu: (template: MenuItemConstructorOptions[]) => void;
  /** colours and dictionaries, which are Electron's and not a window's */
  readonly dress: (chosen: Preferences) => void;
  readonly tell: (event: AppEvent) => void;
  readonly help: Pick<MenuActions, "deliveryFacts" | "openLogs" | "about">;
  readonly checkForUpdates: () => void;
  readonly quit: () => void;
  readonly development: boolean;
}

/**
 * What the app is on a person's desktop besides its windows: menu, tray, badge, notifications, and whether somebody is there.
 * Everything shown is made anew from what is: no sign is counted up and down, and none is told apart.
 */
export class Desktop {
  readonly #needs: DesktopNeeds;
  readonly #notifications: Notifications;
  readonly #unread: Unread;
  readonly #attendance: Attendance;
  readonly #quietEnd: DoNotDisturbEnd;
  #counts: ReadonlyMap<AccountId, number> = new Map();

  constructor(needs: DesktopNeeds) {
    const { accounts, clock, windows } = needs;
    this.#needs = needs;
    this.#quietEnd = new DoNotDisturbEnd(clock, () => this.doNotDisturb("off"));
    this.#unread = new Unread({
      clock,
      count: () => new Map(accounts.all().map((account) => [account.facts.id, account.unread()])),
      changed: (counts) => {
        this.#counts = counts;
        this.#showCounts();
      },
    });
    this.#notifications = new Notifications({
      notifier: needs.notifier,
      clock,
      preferences: () => this.#preferences,
      words: () => this.words,
      isRead: (target) => windows.isRead(target),
      contact: ({ account, conversation }) =>
        accounts.has(account) ? accounts.get(account).contact(conversation) : undefined,
      label: (account) =>
        accounts.all().length > 1 && accounts.has(account) ? accounts.get(account).facts.name : undefined,
      open: (target: Target, position) => {
        if (accounts.has(target.account)) windows.reveal(target, position);
      },
    });
    this.#attendance = new Attendance({
      power: needs.power,
      clock,
      awayAfterMinutes: () => this.#preferences.awayAfterMinutes,
      away: (away) => accounts.setAway(away),
      asleep: () => accounts.sleep(),
      awake: () => accounts.retryNow(),
    });
  }

  get words(): Words {
    return texts[this.#preferences.locale];
  }

  get #preferences(): Preferences {
    return this.#needs.preferences.now;
  }

  /** Begins, before the accounts are open: the windows that are about to be made find colours and menus as they were chosen. */
  start(): void {
    const { loginStart, preferences, log } = this.#needs;
    try {
      // the system may have been told otherwise than by us
      const startAtLogin = loginStart.isOn();
      if (startAtLogin !== preferences.now.startAtLogin) preferences.choose({ startAtLogin });
    } catch (error) {
      log.warn("start at login not known", factsOf(error));
    }
    this.#apply();
    this.#attendance.look();
  }

  /** The accounts are open. */
  accountsOpened(): void {
    this.#unread.count();
    this.refresh();
  }

  /** as it was last counted */
  unreadOf(account: AccountId): number {
    return this.#counts.get(account) ?? 0;
  }

  /** What happened in the accounts, as the windows hear it. */
  hear(event: AppEvent): void {
    this.#notifications.hear(event);
    this.#unread.hear(event);
    if (event.kind === "contact:removed") {
      this.#needs.windows.forget({ account: event.account, conversation: event.key });
    } else if (event.kind === "account:added" || event.kind === "account:removed") this.refresh();
    else if (event.kind === "account:changed") this.#refreshIfChanged();
  }

  /** Keeps a choice, and does at once what it means. */
  choose(choice: Choice): void {
    const { loginStart, preferences } = this.#needs;
    if (choice.startAtLogin !== undefined) loginStart.set(choice.startAtLogin);
    preferences.choose(choice);
    this.#apply();
    this.#attendance.look();
  }

  doNotDisturb(until: DoNotDisturbUntil): void {
    this.choose({ doNotDisturb: doNotDisturbFor(until, this.#needs.clock.now()) });
  }

  async testNotification(): Promise<CallValue<"notification:test">> {
    const { platform } = this.#needs;
    const system = platform === "darwin" ? "mac" : platform === "win32" ? "windows" : "linux";
    return { outcome: await this.#notifications.test(), system };
  }

  /** Draws menu, tray and badge as things are now. */
  refresh(): void {
    const { accounts, clock, platform, windows } = this.#needs;
    const { words } = this;
    const chosen = this.#preferences;
    const front = windows.focused()?.view ?? { kind: "sign-in" as const };
    const inFront = accountIn(front);
    const facts = accounts.all().map((account) => account.facts);
    const several = new Set(facts.map(({ name }) => name)).size < facts.length;
    this.#lastWishes = this.#wishes();
    const menu = menuOf(
      words,
      platform,
      {
        accounts: facts.map(({ id, name, relay }) => ({ id, label: several ? `${name} · ${relay}` : name })),
        front: {
          account: inFront,
          wish: facts.find(({ id }) => id === inFront)?.wish,
          conversation: front.kind !== "sign-in" && front.conversation !== undefined,
        },
        doNotDisturb: chosen.doNotDisturb,
        development: this.#needs.development,
      },
      clock.now(),
      this.#menuActions(),
    );
    this.#draw("menu", menu, () => this.#needs.setMenu(menu));
    this.#showCounts();
  }

  /** What every message changes: titles, tray and badge, and not the menu. */
  #showCounts(): void {
    const { clock, preferences, tray } = this.#needs;
    const { words } = this;
    const sign = preferences.now.tray
      ? traySign(words, this.#trayState(), clock.now(), this.#trayActions())
      : undefined;
    const unread = sumOf(this.#counts);
    this.#draw("tray", sign, () => (sign ? tray.show(sign) : tray.remove()));
    this.#draw("titles", [...this.#counts], () => this.#needs.windows.entitleAll());
    this.#draw("badge", unread, () => this.#needs.badge(unread, words.unread(unread)));
  }

  close(): void {
    this.#attendance.close();
    this.#unread.close();
    this.#quietEnd.close();
    this.#notifications.close();
    this.#needs.tray.remove();
  }

  readonly #drawn = new Map<string, string>();

  /** The system redraws a whole menu each time: only what looks different is given to it. */
  #draw(what: string, looks: unknown, draw: () => void): void {
    const now = JSON.stringify({ looks });
    if (this.#drawn.get(what) === now) return;
    this.#drawn.set(what, now);
    draw();
  }

  #lastWishes = "";
  readonly #wishes = (): string =>
    this.#needs.accounts
      .all()
      .map(({ facts }) => `${facts.id}${facts.wish}${facts.name}`)
      .join();

  /** An account's facts change often; what the menus show of them seldom does. */
  #refreshIfChanged(): void {
    if (this.#wishes() !== this.#lastWishes) this.refresh();
  }

  #apply(): void {
    const chosen = this.#preferences;
    this.#needs.dress(chosen);
    this.#quietEnd.expect(chosen.doNotDisturb);
    this.#unread.count();
    this.refresh();
    this.#needs.tell({ kind: "preferences:changed", preferences: chosen });
  }

  #trayState(): { accounts: TrayAccount[]; doNotDisturb: Preferences["doNotDisturb"] } {
    const accounts = this.#needs.accounts.all().map(({ facts: { id, name, wish } }) => {
      return { id, name, wish, unread: this.unreadOf(id) };
    });
    return { accounts, doNotDisturb: this.#preferences.doNotDisturb };
  }

  #trayActions(): Parameters<typeof traySign>[3] {
    const { accounts, windows, quit } = this.#needs;
    const first = (): AccountId | undefined => accounts.all()[0]?.facts.id;
    return {
      open: (account) => (account === undefined ? windows.focus(first()) : windows.focusAccount(account)),
      setPresence: (account, presence) => {
        if (accounts.has(account)) accounts.get(account).setWish(presence);
      },
      doNotDisturb: (until) => this.doNotDisturb(until),
      quit,
    };
  }

  #menuActions(): MenuActions {
    const { windows, help, checkForUpdates } = this.#needs;
    return {
      checkForUpdates,
      newWindow: () => windows.open(undefined),
      command: (command) => windows.command(command),
      show: (account) => windows.showInFront(account),
      doNotDisturb: (until) => this.doNotDisturb(until),
      ...help,
    };
  }
}
