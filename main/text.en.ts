import { type Words } from "./text.ts";

const locale = "en";
const plurals = new Intl.PluralRules(locale);
const number = new Intl.NumberFormat(locale);
const list = new Intl.ListFormat(locale);
const moment = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** The right form for a number, which stands where the `#` is. */
const count = (n: number, one: string, other: string): string =>
  (plurals.select(n) === "one" ? one : other).replace("#", number.format(n));

export const en: Words = {
  file: "File",
  newWindow: "New window",
  closeWindow: "Close window",
  quit: "Quit",
  edit: "Edit",
  undo: "Undo",
  redo: "Redo",
  cut: "Cut",
  copy: "Copy",
  paste: "Paste",
  selectAll: "Select all",
  view: "View",
  resetZoom: "Actual size",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fullScreen: "Full screen",
  window: "Window",
  troubleTitle: "An account could not be opened",
  setAside: (file) =>
    `An account's history is damaged and was kept as ${file}. Nothing was deleted. Sign in to that account again to go on talking.`,
  newer: (folder) =>
    `The data in ${folder} is of a newer version of Recado and was left alone. Update Recado to open that account.`,
  unreadable: (folder, reason) =>
    `The data in ${folder} could not be read (${reason}). Check that you may read that folder and that the disk has room, and open Recado again.`,
  writeTo: (address) => `Open your mail program to write to ${address}?`,
  write: "Open",
  cancel: "Cancel",
  crashTitle: "Recado has to close",
  crash: (folder) =>
    `Something unexpected happened. Your messages are kept: open Recado again. The log is in ${folder}.`,
  minimize: "Minimize",
  settings: "Preferences…",
  conversation: "Conversation",
  quickSwitch: "Go to…",
  nextConversation: "Next conversation",
  previousConversation: "Previous conversation",
  findMessage: "Find messages…",
  detach: "Open in its own window",
  addContact: "Add contact…",
  goOffline: "Go offline",
  goOnline: "Go online",
  doNotDisturb: "Do not disturb",
  quietOff: "Off",
  quietHour: "For an hour",
  quietTomorrow: "Until tomorrow at 8",
  quietOn: "Until I turn it off",
  quietUntil: (at) => `Until ${moment.format(at)}`,
  help: "Help",
  shortcuts: "Keyboard shortcuts",
  deliveryFacts: "What is delivered…",
  drill: "Does anything get lost?…",
  checkForUpdates: "Check for updates…",
  openLogs: "Open the log folder",
  about: "About Recado",
  aboutText: (version, runtime) =>
    `Version ${version}\n${runtime}\n\nWho is here reads it now. Who is not finds it on return.\nFree software, MIT license.`,
  openRecado: "Open Recado",
  unread: (n) => count(n, "# unread", "# unread"),
  noSuggestions: "No suggestions",
  addToDictionary: "Add to dictionary",
  checkSpelling: "Check spelling",
  ok: "OK",
  newMessages: (n) => count(n, "# new message", "# new messages"),
  fromPeople: (names) => `from ${list.format(names)}`,
  requestTitle: (name) => `${name} wants to be your contact`,
  requestBody: "Accept or block in the contact list.",
  requests: (n) => count(n, "# contact request", "# contact requests"),
  testTitle: "Recado",
  testBody: "This is how a new note appears.",
  facts: {
    title: "What is delivered",
    account: (name, relay) => `${name} on ${relay}`,
    own: (n) => count(n, "# message of yours", "# messages of yours"),
    pending: (n) => count(n, "# waits here for the relay", "# wait here for the relay"),
    accepted: (n) => count(n, "# kept on the relay for its reader", "# kept on the relay for their readers"),
    delivered: (n) => count(n, "# delivered", "# delivered"),
    read: (n) => count(n, "# read", "# read"),
    refused: (n) => count(n, "# refused", "# refused"),
    complete: (n) =>
      count(n, "# conversation complete: nothing is missing", "# conversations complete: nothing is missing"),
    missing: (n) => count(n, "# message of others never came", "# messages of others never came"),
    nobody: "No account on this computer yet.",
  },
};
