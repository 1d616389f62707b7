import { type Locale } from "../wire/ipc.ts";
import { type Trouble } from "./accounts.ts";
import { type FactsWords } from "./delivery-facts.ts";
import { type NoteWords } from "./note.ts";
import { en } from "./text.en.ts";
import { ptBR } from "./text.pt-BR.ts";

/** The few words that the main process says itself: menus, notifications and dialogs. Everything else is the window's. */
export interface Words extends NoteWords {
  readonly file: string;
  readonly newWindow: string;
  readonly closeWindow: string;
  readonly quit: string;
  readonly edit: string;
  readonly undo: string;
  readonly redo: string;
  readonly cut: string;
  readonly copy: string;
  readonly reply: string;
  readonly removeHere: string;
  readonly paste: string;
  readonly selectAll: string;
  readonly view: string;
  readonly resetZoom: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fullScreen: string;
  readonly window: string;
  readonly checkForUpdates: string;
  readonly drill: string;
  readonly troubleTitle: string;
  readonly setAside: (file: string) => string;
  readonly newer: (folder: string) => string;
  readonly unreadable: (folder: string, reason: string) => string;
  readonly writeTo: (address: string) => string;
  readonly write: string;
  readonly cancel: string;
  readonly crashTitle: string;
  readonly crash: (folder: string) => string;
  readonly minimize: string;
  readonly settings: string;
  readonly conversation: string;
  readonly quickSwitch: string;
  readonly nextConversation: string;
  readonly previousConversation: string;
  readonly findMessage: string;
  readonly detach: string;
  readonly addContact: string;
  readonly goOffline: string;
  readonly goOnline: string;
  readonly doNotDisturb: string;
  readonly quietOff: string;
  readonly quietHour: string;
  readonly quietTomorrow: string;
  readonly quietOn: string;
  readonly quietUntil: (at: number) => string;
  readonly help: string;
  readonly shortcuts: string;
  readonly deliveryFacts: string;
  readonly openLogs: string;
  readonly about: string;
  readonly aboutText: (version: string, runtime: string) => string;
  readonly openRecado: string;
  readonly unread: (count: number) => string;
  readonly noSuggestions: string;
  readonly addToDictionary: string;
  readonly checkSpelling: string;
  readonly ok: string;
  readonly facts: FactsWords;
}

/** Typed by `Words`: a missing sentence does not compile. */
export const texts: Readonly<Record<Locale, Words>> = { "pt-BR": ptBR, en };

/** The sentence for an account that could not be opened. */
export function sayTrouble(words: Words, trouble: Trouble): string {
  switch (trouble.kind) {
    case "set-aside":
      return words.setAside(trouble.file);
    case "newer":
      return words.newer(trouble.folder);
    case "unreadable":
      return words.unreadable(trouble.folder, trouble.reason);
  }
}
