import type { Locale } from "../wire/ipc.ts";
import { bareLetters } from "./contact-words.ts";

/** Newer ones are a box in most fonts. */
const newestVersion = 15;

export interface Emoji {
  readonly emoji: string;
  readonly name: string;
  readonly group: number;
  /** what it is found by, without case and accents */
  readonly words: readonly string[];
}

/** The groups in the order of the catalogues, each with the emoji that stands for it; group 2 of the data is parts of others. */
export const groups = [
  { id: 0, name: "smileys", sign: "😀" },
  { id: 1, name: "people", sign: "👋" },
  { id: 3, name: "animals", sign: "🐻" },
  { id: 4, name: "food", sign: "🍎" },
  { id: 5, name: "travel", sign: "✈️" },
  { id: 6, name: "activities", sign: "⚽" },
  { id: 7, name: "objects", sign: "💡" },
  { id: 8, name: "symbols", sign: "💬" },
  { id: 9, name: "flags", sign: "🏳️" },
] as const;

/** Loads the emoji with their names in a language: a part of the page of its own, brought only when somebody wants it. */
export async function loadEmoji(locale: Locale): Promise<readonly Emoji[]> {
  const { default: data } = await (locale === "en"
    ? import("emoji-picker-element-data/en/cldr/data.json")
    : import("emoji-picker-element-data/pt/cldr/data.json"));
  return data
    .filter(({ group, version }) => group !== 2 && version <= newestVersion)
    .map(({ emoji, annotation, tags, group }) => ({
      emoji,
      name: annotation,
      group,
      words: [annotation, ...tags].flatMap((words) => bareLetters(words).split(/[\s_-]+/)),
    }));
}

/** Those whose name or tags have a word that begins so, for every word typed; exact names first. */
export function findEmoji(all: readonly Emoji[], typed: string, most: number): readonly Emoji[] {
  const wanted = bareLetters(typed.trim()).split(/\s+/);
  const rank = ({ name }: Emoji) => (bareLetters(name).startsWith(wanted.join(" ")) ? 0 : 1);
  return all
    .filter(({ words }) => wanted.every((want) => words.some((word) => word.startsWith(want))))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, most);
}
