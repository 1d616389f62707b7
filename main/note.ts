import { type Preferences } from "../wire/ipc.ts";

/** What the system shows. Text only: whoever shows it escapes what its system would read as markup. */
export interface Note {
  readonly title: string;
  readonly body: string;
  readonly silent: boolean;
}

/** A message that waits to be read, as far as a note tells of it. */
export interface Waiting {
  /** the contact's key */
  readonly key: string;
  readonly from: string;
  readonly body: string;
}

export interface NoteWords {
  readonly newMessages: (count: number) => string;
  readonly fromPeople: (names: readonly string[]) => string;
  readonly requestTitle: (name: string) => string;
  readonly requestBody: string;
  readonly requests: (count: number) => string;
  readonly testTitle: string;
  readonly testBody: string;
}

/** enough for any system's note; a long message is not a note's business */
const bodyLength = 240;
const namesShown = 3;

/**
 * The words of a note, or `undefined` when there is nothing to tell.
 * @param show what the person lets a note tell
 * @param label whose it is, where the app holds several accounts
 */
export function noteFor(
  messages: readonly Waiting[],
  requests: readonly string[],
  show: Preferences["notifications"],
  label: string | undefined,
  words: NoteWords,
): Omit<Note, "silent"> | undefined {
  const newest = messages.at(-1);
  const asking = requests.at(-1);
  const titled = (title: string): string => (label === undefined ? title : `${title} · ${label}`);
  if (!newest && asking === undefined) return undefined;
  if (show === "hidden" || show === "off") {
    return {
      title: titled("Recado"),
      body: newest ? words.newMessages(messages.length) : words.requests(requests.length),
    };
  }
  if (!newest) {
    const one = requests.length === 1 && asking !== undefined;
    return {
      title: titled(one ? words.requestTitle(asking) : words.requests(requests.length)),
      body: words.requestBody,
    };
  }
  const people = [...new Map(messages.map(({ key, from }) => [key, from])).values()];
  if (people.length > 1) {
    return { title: titled(words.newMessages(messages.length)), body: words.fromPeople(people.slice(-namesShown)) };
  }
  if (show === "name") return { title: titled(newest.from), body: words.newMessages(messages.length) };
  const title = messages.length === 1 ? newest.from : `${newest.from} · ${words.newMessages(messages.length)}`;
  return { title: titled(title), body: oneLine(newest.body) };
}

function oneLine(body: string): string {
  const text = body
    .slice(0, 4 * bodyLength)
    .replace(/\s+/g, " ")
    .trim();
  return text.length <= bodyLength ? text : `${text.slice(0, bodyLength).trimEnd()}…`;
}

/** What a Linux desktop would read as markup is shown as it was written, and loads and links nothing. */
export const escapeMarkup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
