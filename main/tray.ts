import type { MenuItemConstructorOptions } from "electron";
import { type AccountId, type DoNotDisturb, type DoNotDisturbUntil } from "../wire/ipc.ts";
import { type Presence } from "../wire/model.ts";
import { isQuiet } from "./do-not-disturb.ts";
import { type Words } from "./text.ts";

/** What the tray shows. */
export interface TrayState {
  readonly accounts: readonly TrayAccount[];
  readonly doNotDisturb: DoNotDisturb;
}

export interface TrayAccount {
  readonly id: AccountId;
  readonly name: string;
  readonly unread: number;
  readonly wish: Presence;
}

export interface TrayActions {
  readonly open: (account: AccountId | undefined) => void;
  readonly setPresence: (account: AccountId, presence: Presence) => void;
  readonly doNotDisturb: (until: DoNotDisturbUntil) => void;
  readonly quit: () => void;
}

/** The system's tray, or nothing where it has none. */
export interface TrayPlace {
  show(sign: TraySign): void;
  remove(): void;
}

export interface TraySign {
  readonly unread: boolean;
  readonly tip: string;
  readonly menu: MenuItemConstructorOptions[];
}

/** beyond it only the tip tells the number: a menu is made anew for each other word */
const mostSaid = 99;

/** The sign in the tray: whether something waits to be read, how much, and what can be done from there. */
export function traySign(words: Words, state: TrayState, now: number, actions: TrayActions): TraySign {
  const unread = state.accounts.reduce((sum, account) => sum + account.unread, 0);
  return {
    unread: unread > 0,
    tip: unread > 0 ? `Recado · ${words.unread(unread)}` : "Recado",
    menu: [
      { id: "open", label: words.openRecado, click: () => actions.open(undefined) },
      { type: "separator" },
      ...accountItems(words, state.accounts, actions),
      {
        id: "do-not-disturb",
        label: words.doNotDisturb,
        submenu: doNotDisturbItems(words, state.doNotDisturb, now, actions.doNotDisturb),
      },
      { type: "separator" },
      { id: "quit", label: words.quit, click: () => actions.quit() },
    ],
  };
}

function accountItems(
  words: Words,
  accounts: readonly TrayAccount[],
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const items = accounts.map((account): MenuItemConstructorOptions => {
    const { id, name, unread, wish } = account;
    const said = unread > mostSaid ? `${mostSaid}+` : words.unread(unread);
    return {
      id: `account-${id}`,
      label: unread > 0 ? `${name} · ${said}` : name,
      submenu: [
        { label: words.openRecado, click: () => actions.open(id) },
        {
          id: `presence-${id}`,
          label: wish === "offline" ? words.goOnline : words.goOffline,
          click: () => actions.setPresence(id, wish === "offline" ? "online" : "offline"),
        },
      ],
    };
  });
  return items.length === 0 ? [] : [...items, { type: "separator" }];
}

/** The same choice in the tray and in the app's menu. */
export function doNotDisturbItems(
  words: Words,
  chosen: DoNotDisturb,
  now: number,
  choose: (until: DoNotDisturbUntil) => void,
): MenuItemConstructorOptions[] {
  const quiet = isQuiet(chosen, now);
  const item = (until: DoNotDisturbUntil, label: string, checked: boolean): MenuItemConstructorOptions => ({
    id: `do-not-disturb-${until}`,
    label,
    type: "radio",
    checked,
    click: () => choose(until),
  });
  const ends: MenuItemConstructorOptions[] =
    quiet && chosen.kind === "until"
      ? [{ label: words.quietUntil(chosen.at), type: "radio", checked: true, enabled: false }]
      : [];
  return [
    item("off", words.quietOff, !quiet),
    ...ends,
    item("hour", words.quietHour, false),
    item("tomorrow", words.quietTomorrow, false),
    item("ended", words.quietOn, quiet && chosen.kind === "on"),
  ];
}
