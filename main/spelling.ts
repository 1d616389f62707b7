import { type BrowserWindow, Menu, type Session } from "electron";
import { type Locale } from "../wire/ipc.ts";
import { contextMenuOf, spellLanguages } from "./context-menu.ts";
import { type Words } from "./text.ts";

/** Checks what is typed in the app's two languages, or lets it be. While it is off, no dictionary is fetched from anywhere. */
export function checkSpelling(session: Session, on: boolean, locale: Locale): void {
  const known = session.availableSpellCheckerLanguages;
  session.setSpellCheckerEnabled(on);
  // macOS knows the language by itself, and takes no list
  if (known.length > 0)
    session.setSpellCheckerLanguages(on ? spellLanguages(locale).filter((one) => known.includes(one)) : []);
}

/** The menu of the right button, in every window. */
export function giveContextMenu(
  window: BrowserWindow,
  words: () => Words,
  spellCheck: () => boolean,
  choose: (spellCheck: boolean) => void,
): void {
  const { webContents } = window;
  webContents.on("context-menu", (_event, place) => {
    const template = contextMenuOf(words(), place, spellCheck(), {
      replace: (word) => webContents.replaceMisspelling(word),
      learn: (word) => void webContents.session.addWordToSpellCheckerDictionary(word),
      checkSpelling: choose,
    });
    if (template.length > 0) Menu.buildFromTemplate(template).popup({ window });
  });
}
