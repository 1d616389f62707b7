import type { Text } from "./text.ts";

interface Keys {
  /** KeyboardEvent.key, letters in lower case */
  readonly key: string;
  /** Control, and Command on a Mac */
  readonly ctrl?: boolean;
  readonly shift?: boolean;
  readonly alt?: boolean;
}

/**
 * Every key of the window, in the groups of the shortcut sheet. The sheet is drawn from this table and the code asks it
 * what was pressed, so that neither can promise what the other does not keep.
 */
const groups = {
  moving: {
    switcher: [{ ctrl: true, key: "k" }],
    next: [{ alt: true, key: "ArrowDown" }],
    previous: [{ alt: true, key: "ArrowUp" }],
    nextUnread: [{ alt: true, shift: true, key: "ArrowDown" }],
    panes: [{ key: "F6" }],
    panesBack: [{ shift: true, key: "F6" }],
    toField: [{ key: "Escape" }],
  },
  talking: {
    send: [{ key: "Enter" }],
    newLine: [{ shift: true, key: "Enter" }],
    search: [{ ctrl: true, key: "f" }],
    searchAll: [{ ctrl: true, shift: true, key: "f" }],
    details: [{ ctrl: true, key: "i" }],
    addContact: [{ ctrl: true, shift: true, key: "a" }],
    detach: [{ ctrl: true, shift: true, key: "n" }],
  },
  app: {
    togglePresence: [{ ctrl: true, shift: true, key: "o" }],
    newWindow: [{ ctrl: true, key: "n" }],
    settings: [{ ctrl: true, key: "," }],
    sheet: [{ ctrl: true, key: "/" }, { key: "F1" }],
  },
} as const satisfies Record<string, Record<string, readonly Keys[]>>;

type Groups = typeof groups;
type GroupName = keyof Groups;
export type ShortcutName = { [G in GroupName]: keyof Groups[G] }[GroupName];

const all: Readonly<Record<ShortcutName, readonly Keys[]>> = { ...groups.moving, ...groups.talking, ...groups.app };

const fits = (event: KeyboardEvent, { key, ctrl = false, shift = false, alt = false }: Keys): boolean => {
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // which keys make "/" differs from keyboard to keyboard
  const shiftFits = event.shiftKey === shift || key === "/";
  return pressed === key && (event.ctrlKey || event.metaKey) === ctrl && shiftFits && event.altKey === alt;
};

/** Whether this is the shortcut; never while an input method composes, whose keys are its own. */
export function pressed(event: KeyboardEvent, name: ShortcutName): boolean {
  return !event.isComposing && all[name].some((keys) => fits(event, keys));
}

const names: Readonly<Record<string, string>> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

const capsOf = ({ key, ctrl, shift, alt }: Keys, mac: boolean): string[] => [
  ...(ctrl ? [mac ? "⌘" : "Ctrl"] : []),
  ...(alt ? [mac ? "⌥" : "Alt"] : []),
  ...(shift ? [mac ? "⇧" : "Shift"] : []),
  names[key] ?? (key.length === 1 ? key.toUpperCase() : key),
];

/** What stands on the keys: a list of ways, each a list of keys pressed together. */
export function keyCaps(name: ShortcutName, mac = onMac()): string[][] {
  return all[name].map((keys) => capsOf(keys, mac));
}

/** The same for `aria-keyshortcuts`. */
export function ariaKeys(name: ShortcutName): string {
  return all[name]
    .map(({ key, ctrl, shift, alt }: Keys) =>
      [
        ...(ctrl ? ["Control"] : []),
        ...(alt ? ["Alt"] : []),
        ...(shift ? ["Shift"] : []),
        key.length === 1 ? key.toUpperCase() : key,
      ].join("+"),
    )
    .join(" ");
}

/** The sheet: groups of what can be done, with its keys. */
export function shortcutSheet(text: Text): { title: string; rows: { label: string; name: ShortcutName }[] }[] {
  const rowsOf = (group: Record<string, unknown>) =>
    (Object.keys(group) as ShortcutName[]).map((name) => ({ label: text.shortcuts[name], name }));
  return (Object.keys(groups) as GroupName[]).map((group) => ({
    title: text.shortcuts[group],
    rows: rowsOf(groups[group]),
  }));
}

function onMac(): boolean {
  return navigator.userAgent.includes("Mac");
}
