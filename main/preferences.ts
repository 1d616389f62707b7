import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { preferences, type Locale, type Preferences } from "../wire/ipc.ts";
import { writeAtomically } from "./atomic-file.ts";

/** The app's language for a system's list of preferred ones: the first that there are texts in, or English. */
export function localeFor(systemLanguages: readonly string[]): Locale {
  for (const language of systemLanguages) {
    if (/^pt\b/i.test(language)) return "pt-BR";
    if (/^en\b/i.test(language)) return "en";
  }
  return "en";
}

const usual: Omit<Preferences, "locale"> = {
  theme: "system",
  textSize: "normal",
  sendKey: "enter",
  spellCheck: true,
  notifications: "text",
  doNotDisturb: { kind: "off" },
  awayAfterMinutes: 10,
  tray: true,
  closeToTray: false,
  startHidden: false,
  startAtLogin: false,
};

/** A choice of some of the preferences; what is `undefined` is left as it is. */
export type Choice = { readonly [Key in keyof Preferences]?: Preferences[Key] | undefined };

/** What a person chose for the whole app, in a small file; what was never chosen follows the system. */
export class StoredPreferences {
  readonly #file: string;
  readonly #usual: Preferences;
  #chosen: Chosen;

  /** @param system what is usual on this system and not elsewhere */
  constructor(file: string, systemLanguages: readonly string[], system: Partial<Preferences> = {}) {
    this.#file = file;
    this.#usual = { ...usual, locale: localeFor(systemLanguages), ...system };
    this.#chosen = read(file);
  }

  get now(): Preferences {
    return preferences.parse({ ...this.#usual, ...this.#chosen });
  }

  /** @throws when the file cannot be written; the choice then holds until the app ends */
  choose(choice: Choice): Preferences {
    this.#chosen = { ...this.#chosen, ...readable(choice) };
    writeAtomically(this.#file, `${JSON.stringify(this.#chosen, undefined, 2)}\n`);
    return this.now;
  }
}

/** Only keys of `Preferences`, each with a value that fits it. */
type Chosen = Readonly<Record<string, unknown>>;

/** A file that is missing or that somebody broke is a choice never made. */
function read(file: string): Chosen {
  if (!existsSync(file)) return {};
  try {
    return readable(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

/** Each choice for itself: one that this version cannot read does not take the others with it. */
function readable(said: unknown): Chosen {
  const given = z.record(z.string(), z.unknown()).catch({}).parse(said);
  const kept = Object.entries(preferences.shape).filter(
    ([key, type]) => given[key] !== undefined && type.safeParse(given[key]).success,
  );
  return Object.fromEntries(kept.map(([key]) => [key, given[key]]));
}
