import type { ContactView } from "../wire/ipc.ts";
import type { Format } from "./format.ts";
import { splitDraft, splitQuote } from "./quote.ts";
import type { Text } from "./text.ts";

/** What words about a contact depend on, besides the contact. */
export interface Words {
  readonly text: Text;
  readonly format: Format;
  readonly now: number;
}

/** What stands beside a contact's name: presence as far as it is known, or how far the contact has come. */
export function contactWord(contact: ContactView, text: Text): string {
  switch (contact.state) {
    case "mutual": {
      const presence = knownPresence(contact);
      return presence === "unknown" ? "" : text.presence[presence];
    }
    case "pending":
    case "requested":
    case "blocked":
    case "former":
      return text.presence[contact.state];
  }
}

/** The longer form under the name of an open conversation, with the time an absent contact was last seen. */
export function contactLine(contact: ContactView, text: Text, format: Format, now: number): string {
  if (contact.state === "mutual" && contact.presence !== "online" && contact.lastSeen !== undefined) {
    const moment = format.moment(contact.lastSeen, now);
    return contact.presence === "unknown" ? text.presence.seen(moment) : text.presence.lastSeen(moment);
  }
  return contactWord(contact, text);
}

/** What this person calls a contact: the alias if there is one. The relay and other people know `name` only. */
export function shownName({ alias, name }: Pick<ContactView, "alias" | "name">): string {
  return alias ?? name;
}

/** Nothing is claimed about somebody who is not a mutual contact, or while nobody tells. */
export function knownPresence(contact: ContactView): "online" | "away" | "offline" | "unknown" {
  if (contact.state !== "mutual") return "unknown";
  return contact.presence === "online" && contact.away ? "away" : contact.presence;
}

/** The accessible name of a contact in the list: who, presence, unread, what waits for them. */
export function contactLabel(contact: ContactView, words: Words): string {
  const { text } = words;
  const parts = [shownName(contact), contactWord(contact, text)].filter((part) => part !== "");
  if (contact.unread > 0) parts.push(text.contacts.unread(contact.unread));
  else if (contact.marked) parts.push(text.contacts.marked);
  const wait = waitOf(contact, words.now);
  if (wait) parts.push(text.waits.spoken(wait.count, words.format.moment(wait.since, words.now)));
  if (contact.alias !== undefined) parts.push(text.contacts.really(contact.name));
  if (contact.muted) parts.push(text.contacts.muted);
  return parts.join(", ");
}

/** With the reader online, a message is usually delivered within milliseconds: no slip flashes up for those. */
export const slipPatienceMs = 3_000;

/** Own messages to a contact that are not delivered, wherever they wait; `undefined` while that is no news yet. */
export function waitOf(contact: ContactView, now: number): { count: number; since: number } | undefined {
  const { waiting, pending } = contact;
  if (!waiting && !pending) return undefined;
  const since = Math.min(waiting?.since ?? Infinity, pending?.since ?? Infinity);
  const expected = contact.state === "mutual" && contact.presence === "offline" && waiting !== undefined;
  if (!expected && now - since < slipPatienceMs) return undefined;
  return { count: (waiting?.count ?? 0) + (pending?.count ?? 0), since };
}

/** How many own messages wait, and for how many people. */
export function allThatWaits(contacts: readonly ContactView[], now: number): { messages: number; people: number } {
  const waits = contacts.flatMap((contact) => waitOf(contact, now) ?? []);
  return { messages: waits.reduce((sum, { count }) => sum + count, 0), people: waits.length };
}

/** The last line of a conversation on one line, for the list. */
export function lastLine(contact: ContactView, text: Text): string {
  if (!contact.last) return "";
  const body = onOneLine(splitQuote(contact.last.body).answer);
  return contact.last.mine ? text.contacts.you(body) : body;
}

const onOneLine = (body: string): string => body.slice(0, 200).replace(/\s+/g, " ").trim();

/** What stands under a contact's name in the list. */
export type RowLine = { kind: "draft" | "waiting" | "said" | "nothing"; words: string };

/** What was begun comes first, so that it is not forgotten. What waits is said rather than repeated: the last word, if it is one's own, is what waits. */
export function rowLine(contact: ContactView, { text, format, now }: Words): RowLine {
  const draft = onOneLine(splitDraft(contact.draft ?? "").answer);
  if (draft !== "") return { kind: "draft", words: text.contacts.draft(draft) };
  const wait = waitOf(contact, now);
  if (wait && (contact.last?.mine ?? true)) {
    return { kind: "waiting", words: text.waits.short(wait.count, format.moment(wait.since, now)) };
  }
  const words = lastLine(contact, text);
  return { kind: words === "" ? "nothing" : "said", words };
}

/** The newest word first; those without one after them, by name. */
export function compareContacts(a: ContactView, b: ContactView): number {
  return (b.last?.at ?? 0) - (a.last?.at ?? 0) || shownName(a).localeCompare(shownName(b));
}

/** Letters without accents and case, for finding. */
export const bareLetters = (typed: string): string => typed.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether a contact's name or alias holds what was typed, accents and case aside. */
export function matchesContact(contact: ContactView, typed: string): boolean {
  const wanted = bareLetters(typed.trim());
  return [contact.name, contact.alias ?? ""].some((name) => bareLetters(name).includes(wanted));
}

/** One of eight avatar colours, the same for a name everywhere and always. */
export function tintOf(key: string): number {
  // FNV-1a: names that differ in a letter should not look alike
  let hash = 0x811c9dc5;
  for (const character of key) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 16) % 8;
}

const letters = new Intl.Segmenter();

/** The letter on the avatar. */
export function initialOf(name: string): string {
  const first = letters.segment(name)[Symbol.iterator]().next();
  return first.done ? "?" : first.value.segment.toUpperCase();
}
