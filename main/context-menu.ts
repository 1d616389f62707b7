import type { MenuItemConstructorOptions } from "electron";
import { type Words } from "./text.ts";

/** What Chromium knows of the place that was clicked; a part of Electron's `ContextMenuParams`. */
export interface ClickedPlace {
  readonly isEditable: boolean;
  readonly misspelledWord: string;
  readonly dictionarySuggestions: readonly string[];
  readonly selectionText: string;
  readonly editFlags: { readonly canCut: boolean; readonly canCopy: boolean; readonly canPaste: boolean };
}

export interface ContextActions {
  readonly replace: (word: string) => void;
  readonly learn: (word: string) => void;
  readonly checkSpelling: (on: boolean) => void;
}

const suggestionsShown = 5;

/** The menu of the right button: what is misspelled first, then what can be done with the text. Empty: there is none. */
export function contextMenuOf(
  words: Words,
  place: ClickedPlace,
  spellCheck: boolean,
  actions: ContextActions,
): MenuItemConstructorOptions[] {
  const { isEditable, misspelledWord, dictionarySuggestions, selectionText, editFlags } = place;
  const copy: MenuItemConstructorOptions = { label: words.copy, role: "copy", enabled: editFlags.canCopy };
  if (!isEditable) return selectionText.trim() === "" ? [] : [copy];
  const spelling: MenuItemConstructorOptions[] =
    spellCheck && misspelledWord !== ""
      ? [
          ...dictionarySuggestions
            .slice(0, suggestionsShown)
            .map((word): MenuItemConstructorOptions => ({ label: word, click: () => actions.replace(word) })),
          ...(dictionarySuggestions.length === 0 ? [{ label: words.noSuggestions, enabled: false }] : []),
          { label: words.addToDictionary, click: () => actions.learn(misspelledWord) },
          { type: "separator" },
        ]
      : [];
  return [
    ...spelling,
    { label: words.cut, role: "cut", enabled: editFlags.canCut },
    copy,
    { label: words.paste, role: "paste", enabled: editFlags.canPaste },
    { label: words.selectAll, role: "selectAll" },
    { type: "separator" },
    {
      label: words.checkSpelling,
      type: "checkbox",
      checked: spellCheck,
      click: () => actions.checkSpelling(!spellCheck),
    },
  ];
}

/** Dictionaries of the app's two languages; the person's own comes first. */
export const spellLanguages = (locale: "pt-BR" | "en"): string[] =>
  locale === "pt-BR" ? ["pt-BR", "en-US"] : ["en-US", "pt-BR"];
