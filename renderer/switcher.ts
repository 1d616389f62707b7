import type { AccountState } from "./account-state.svelte.ts";
import { bareLetters, matchesContact, shownName } from "./contact-words.ts";
import type { AccountId, ContactView } from "../wire/ipc.ts";

/** A conversation that can be gone to. */
export interface Target {
  readonly account: AccountState;
  readonly contact: ContactView;
}

/** more than anybody reads */
const most = 50;

/** How well a name answers what was typed: at its beginning, at the beginning of one of its words, anywhere. */
function rank(contact: ContactView, typed: string): number {
  const names = [shownName(contact), contact.name].map(bareLetters);
  if (names.some((name) => name.startsWith(typed))) return 0;
  if (names.some((name) => name.split(/[\s._-]+/).some((word) => word.startsWith(typed)))) return 1;
  return 2;
}

/**
 * Where one can go, best first. With nothing typed: unread first, then by the newest word, and what is open last, because one
 * is there already. With something typed the match comes first, and of two that match alike the one of the account that is open.
 * @param here the account and conversation that the window shows
 * @param open the account that it shows, with a conversation or without
 */
export function findTargets(
  accounts: Iterable<AccountState>,
  typed: string,
  here?: Target,
  open: AccountId | undefined = here?.account.id,
): Target[] {
  const wanted = bareLetters(typed.trim());
  const isHere = ({ account, contact }: Target) => account.id === here?.account.id && contact.key === here.contact.key;
  // a muted one is there to be found, not to call
  const calls = ({ contact }: Target) => (contact.unread > 0 || contact.marked ? (contact.muted ? 1 : 2) : 0);
  const found = [...accounts].flatMap((account) =>
    [...account.contacts.values()]
      .filter((contact) => matchesContact(contact, typed))
      .map((contact): Target => ({ account, contact })),
  );
  return found
    .sort(
      (a, b) =>
        (wanted === "" ? Number(isHere(a)) - Number(isHere(b)) : rank(a.contact, wanted) - rank(b.contact, wanted)) ||
        calls(b) - calls(a) ||
        (wanted === "" ? 0 : Number(b.account.id === open) - Number(a.account.id === open)) ||
        (b.contact.last?.at ?? 0) - (a.contact.last?.at ?? 0) ||
        shownName(a.contact).localeCompare(shownName(b.contact)),
    )
    .slice(0, most);
}
