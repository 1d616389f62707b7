import type { ContactView } from "../wire/ipc.ts";
import type { Format } from "./format.ts";
import type { Text } from "./text.ts";

/** What stands beside a contact's name: presence where it is known, otherwise how far the contact has come. */
export function contactWord(contact: ContactView, text: Text): string {
  switch (contact.state) {
    case "mutual":
      return text.presence[contact.presence];
    case "pending":
    case "requested":
    case "blocked":
    case "former":
      return text.presence[contact.state];
  }
}

/** The longer form under the name of an open conversation, with the time an absent contact was last seen. */
export function contactLine(contact: ContactView, text: Text, format: Format, now: number): string {
  if (contact.state === "mutual" && contact.presence === "offline" && contact.lastSeen !== undefined) {
    return text.presence.lastSeen(format.moment(contact.lastSeen, now));
  }
  return contactWord(contact, text);
}

/** The accessible name of a contact in the list: who, presence, unread. */
export function contactLabel(contact: ContactView, text: Text): string {
  const parts = [contact.name, contactWord(contact, text)];
  if (contact.unread > 0) parts.push(text.contacts.unread(contact.unread));
  return parts.join(", ");
}

/** The last line of a conversation on one line, for the list. */
export function lastLine(contact: ContactView, text: Text): string {
  if (!contact.last) return "";
  const body = contact.last.body.slice(0, 200).replace(/\s+/g, " ").trim();
  return contact.last.mine ? text.contacts.you(body) : body;
}

/** The newest word first; those without one after them, by name. */
export function compareContacts(a: ContactView, b: ContactView): number {
  return (b.last?.at ?? 0) - (a.last?.at ?? 0) || a.name.localeCompare(b.name);
}

const bare = (typed: string): string => typed.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether a contact's name holds what was typed, accents and case aside. */
export function matchesContact(contact: ContactView, typed: string): boolean {
  return bare(contact.name).includes(bare(typed.trim()));
}

/** One of eight avatar colours, the same for a name everywhere and always. */
export function tintOf(key: string): number {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return hash % 8;
}

/** The letter on the avatar. */
export function initialOf(name: string): string {
  const first = new Intl.Segmenter().segment(name)[Symbol.iterator]().next();
  return first.done ? "?" : first.value.segment.toUpperCase();
}
