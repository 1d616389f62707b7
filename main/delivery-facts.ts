import { type ContactView } from "../wire/ipc.ts";
import { type MessageStatus } from "../wire/message-status.ts";

/** What one account's own database says of its deliveries. */
export interface AccountFactsShown {
  readonly name: string;
  readonly relay: string;
  /** own messages by status, those deleted here left out */
  readonly own: ReadonlyMap<MessageStatus, number>;
  readonly contacts: readonly Pick<ContactView, "missing">[];
}

export interface FactsWords {
  readonly title: string;
  readonly account: (name: string, relay: string) => string;
  readonly own: (count: number) => string;
  readonly pending: (count: number) => string;
  readonly accepted: (count: number) => string;
  readonly delivered: (count: number) => string;
  readonly read: (count: number) => string;
  readonly refused: (count: number) => string;
  readonly complete: (count: number) => string;
  readonly missing: (count: number) => string;
  readonly nobody: string;
}

const statuses = ["pending", "accepted", "delivered", "read", "refused"] as const satisfies MessageStatus[];

/** The facts in words, an account a paragraph: where every own message stands, and what of others' is proven complete (O9). */
export function sayDeliveryFacts(words: FactsWords, accounts: readonly AccountFactsShown[]): string {
  if (accounts.length === 0) return words.nobody;
  return accounts.map((account) => paragraph(words, account).join("\n")).join("\n\n");
}

function paragraph(words: FactsWords, { name, relay, own, contacts }: AccountFactsShown): string[] {
  const sum = [...own.values()].reduce((all, count) => all + count, 0);
  const stands = statuses.flatMap((status) => {
    const count = own.get(status) ?? 0;
    return count === 0 ? [] : [words[status](count)];
  });
  const complete = contacts.filter(({ missing }) => missing === 0).length;
  const missing = contacts.reduce((all, contact) => all + (contact.missing ?? 0), 0);
  return [
    words.account(name, relay),
    sum === 0 ? words.own(0) : `${words.own(sum)}: ${stands.join(", ")}`,
    ...(complete === 0 ? [] : [words.complete(complete)]),
    ...(missing === 0 ? [] : [words.missing(missing)]),
  ];
}
