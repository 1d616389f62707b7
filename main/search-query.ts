/** More words than anybody types; the rest is left out. */
const wordsMost = 16;

// what the index's tokenizer (unicode61) takes as part of a word, and the marks it looks through
const token = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
const hasToken = /[\p{L}\p{N}\p{Co}]/u;

/** What somebody searches for: words, each the beginning of one, and signs (an emoji, a dash) that must stand in the text as they are. */
export interface SearchQuery {
  readonly words: readonly string[];
  readonly signs: readonly string[];
}

/** Reads what was typed. Nothing in it is a command: quotes, stars, `AND`, `NEAR(` are text like any other (W20). */
export function parseSearch(typed: string): SearchQuery {
  const pieces = typed
    .toWellFormed()
    .split(/[\s\p{Cc}]+/u)
    .filter((piece) => piece !== "")
    .slice(0, wordsMost);
  return {
    words: pieces.filter((piece) => hasToken.test(piece)),
    signs: pieces.filter((piece) => !hasToken.test(piece)),
  };
}

/** The words as an expression of FTS5: each is a quoted string, which is text whatever it holds, and may go on. */
export function matchOf(words: readonly string[], peer: string | undefined): string {
  const body = `body : (${words.map((word) => `${quoted(word)} *`).join(" AND ")})`;
  return peer === undefined ? body : `(peer : ${quoted(peer)}) AND (${body})`;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A text as the index compares it: without case and accents. */
export const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Where a text holds what was searched: [from, to), in order, not overlapping. */
export function marksIn(text: string, { words, signs }: SearchQuery): [number, number][] {
  const wanted = words.flatMap((word) => [...word.matchAll(token)].map(([piece]) => fold(piece)));
  const found: [number, number][] = [];
  for (const { 0: piece, index } of text.matchAll(token)) {
    const folded = fold(piece);
    const longest = Math.max(0, ...wanted.filter((word) => folded.startsWith(word)).map((word) => word.length));
    if (longest > 0) found.push([index, index + unfoldedLength(piece, longest)]);
  }
  for (const sign of signs) {
    for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + sign.length)) {
      found.push([at, at + sign.length]);
    }
  }
  return found
    .sort(([a], [b]) => a - b)
    .filter(([from], index, all) => index === 0 || from >= (all[index - 1]?.[1] ?? 0));
}

/** How much of `piece` folds to `length` letters: an accent belongs to the letter before it. */
function unfoldedLength(piece: string, length: number): number {
  let folded = 0;
  let taken = 0;
  for (const character of piece) {
    const adds = fold(character).length;
    if (folded >= length && adds > 0) break;
    folded += adds;
    taken += character.length;
  }
  return taken;
}

/** letters of a snippet before its first match, and in all */
const before = 36;
const snippetLength = 160;

/** The part of a text around its first match, on one line, and what to mark in it. */
export function snippetOf(body: string, query: SearchQuery): { snippet: string; marks: [number, number][] } {
  // one line of a text of 64 KiB: what is far from the first match is not worth marking
  const line = body.replace(/\s+/g, " ").trim();
  const [first] = marksIn(line, query);
  const start = first && first[0] > before + 20 ? wordStart(line, first[0] - before) : 0;
  const cut = line.slice(start, start + snippetLength).toWellFormed();
  const snippet = `${start > 0 ? "…" : ""}${cut}${start + snippetLength < line.length ? "…" : ""}`;
  return { snippet, marks: marksIn(snippet, query) };
}

/** The beginning of the word after `at`, so that a snippet does not begin inside one. */
function wordStart(line: string, at: number): number {
  const space = line.indexOf(" ", at);
  return space < 0 || space > at + 20 ? at : space + 1;
}
