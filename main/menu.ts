import type { MenuItemConstructorOptions } from "electron";
import { type AccountId, type DoNotDisturb, type DoNotDisturbUntil, type WindowCommand } from "../wire/ipc.ts";
import { type Presence } from "../wire/model.ts";
import { type Words } from "./text.ts";
import { doNotDisturbItems } from "./tray.ts";

/** What the menu depends on, besides the language. */
export interface MenuState {
  readonly accounts: readonly { readonly id: AccountId; readonly label: string }[];
  /** what the window in front shows */
  readonly front: {
    readonly account: AccountId | undefined;
    readonly wish: Presence | undefined;
    readonly conversation: boolean;
  };
  readonly doNotDisturb: DoNotDisturb;
  readonly development: boolean;
}

export interface MenuActions {
  readonly newWindow: () => void;
  readonly command: (command: WindowCommand) => void;
  readonly show: (account: AccountId) => void;
  readonly doNotDisturb: (until: DoNotDisturbUntil) => void;
  readonly deliveryFacts: () => void;
  readonly checkForUpdates: () => void;
  readonly openLogs: () => void;
  readonly about: () => void;
}

/** Ctrl+1 to Ctrl+9 */
const numbered = 9;
const separator: MenuItemConstructorOptions = { type: "separator" };

/** The app's menu in the person's language; what the system knows how to do keeps its role and its shortcut. */
export function menuOf(
  words: Words,
  platform: NodeJS.Platform,
  state: MenuState,
  now: number,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const mac = platform === "darwin";
  const { front } = state;
  const ask = (
    command: WindowCommand,
    label: string,
    accelerator: string | undefined,
    enabled = front.account !== undefined,
  ): MenuItemConstructorOptions => ({
    id: command,
    label,
    ...(accelerator !== undefined && { accelerator }),
    enabled,
    click: () => actions.command(command),
  });
  const settings = ask("settings", words.settings, "CmdOrCtrl+,", true);
  return [
    ...(mac
      ? [
          {
            label: "Recado",
            submenu: [
              { label: words.about, click: actions.about },
              separator,
              settings,
              separator,
              { role: "services" } as const,
              separator,
              { role: "hide" } as const,
              { role: "hideOthers" } as const,
              { role: "unhide" } as const,
              separator,
              { label: words.quit, role: "quit" } as const,
            ],
          },
        ]
      : []),
    {
      label: words.file,
      submenu: [
        { label: words.newWindow, accelerator: "CmdOrCtrl+N", click: actions.newWindow },
        ...(mac ? [] : [settings]),
        separator,
        { label: words.closeWindow, role: "close" },
        ...(mac ? [] : [{ label: words.quit, role: "quit", accelerator: "Ctrl+Q" } as const]),
      ],
    },
    {
      label: words.edit,
      submenu: [
        { label: words.undo, role: "undo" },
        { label: words.redo, role: "redo" },
        separator,
        { label: words.cut, role: "cut" },
        { label: words.copy, role: "copy" },
        { label: words.paste, role: "paste" },
        { label: words.selectAll, role: "selectAll" },
      ],
    },
    {
      label: words.conversation,
      submenu: [
        ask("quick-switch", words.quickSwitch, "CmdOrCtrl+K"),
        ask("next-conversation", words.nextConversation, "Alt+Down"),
        ask("previous-conversation", words.previousConversation, "Alt+Up"),
        separator,
        ask("find-message", words.findMessage, "CmdOrCtrl+F"),
        ask("detach", words.detach, "CmdOrCtrl+Shift+N", front.conversation),
        separator,
        ask("add-contact", words.addContact, "CmdOrCtrl+Shift+A"),
        ask("toggle-presence", front.wish === "offline" ? words.goOnline : words.goOffline, "CmdOrCtrl+Shift+O"),
        {
          id: "do-not-disturb",
          label: words.doNotDisturb,
          submenu: doNotDisturbItems(words, state.doNotDisturb, now, actions.doNotDisturb),
        },
      ],
    },
    {
      label: words.view,
      submenu: [
        { label: words.resetZoom, role: "resetZoom" },
        { label: words.zoomIn, role: "zoomIn" },
        { label: words.zoomOut, role: "zoomOut" },
        separator,
        { label: words.fullScreen, role: "togglefullscreen" },
        ...(state.development ? [{ role: "reload" } as const, { role: "toggleDevTools" } as const] : []),
      ],
    },
    {
      label: words.window,
      submenu: [
        { label: words.minimize, role: "minimize" },
        ...(mac ? [{ role: "zoom" } as const, { role: "front" } as const] : []),
        ...(state.accounts.length === 0 ? [] : [separator]),
        ...state.accounts.map(({ id, label }, at): MenuItemConstructorOptions => ({
          id: `account-${id}`,
          label,
          type: "radio",
          checked: id === front.account,
          ...(at < numbered && { accelerator: `CmdOrCtrl+${at + 1}` }),
          click: () => actions.show(id),
        })),
      ],
    },
    {
      label: words.help,
      role: "help",
      submenu: [
        ask("shortcuts", words.shortcuts, "CmdOrCtrl+/", true),
        ask("drill", words.drill, undefined, true),
        { id: "delivery-facts", label: words.deliveryFacts, click: actions.deliveryFacts },
        separator,
        { id: "check-for-updates", label: words.checkForUpdates, click: actions.checkForUpdates },
        { id: "open-logs", label: words.openLogs, click: actions.openLogs },
        ...(mac ? [] : [{ id: "about", label: words.about, click: actions.about }]),
      ],
    },
  ];
}
