import type { MenuItemConstructorOptions } from "electron";
import { type MessageChoice } from "../wire/ipc.ts";
import { type Clock } from "./clock.ts";
import { type Words } from "./text.ts";

/** The menu of the right button on a message. @param answerable whether its writer can be answered */
export function messageMenuOf(
  words: Words,
  answerable: boolean,
  choose: (choice: MessageChoice) => void,
): MenuItemConstructorOptions[] {
  const item = (label: string, choice: MessageChoice): MenuItemConstructorOptions => ({
    label,
    click: () => choose(choice),
  });
  return [
    ...(answerable ? [item(words.reply, "reply")] : []),
    item(words.copy, "copy"),
    { type: "separator" },
    item(words.removeHere, "remove"),
  ];
}

/** a click is told by some systems before and by others after the menu has closed, in milliseconds */
const clickAfterCloseMs = 200;

/**
 * Shows a menu and waits for what is chosen in it.
 * @param popUp shows it; calls back when it has closed
 * @returns `undefined`: it was closed without a choice
 */
export function chosenIn<Choice>(
  menuOf: (choose: (choice: Choice) => void) => MenuItemConstructorOptions[],
  popUp: (template: MenuItemConstructorOptions[], closed: () => void) => void,
  clock: Clock,
): Promise<Choice | undefined> {
  return new Promise((resolve) => {
    popUp(menuOf(resolve), () => void clock.after(clickAfterCloseMs, () => resolve(undefined)));
  });
}
