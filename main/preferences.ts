import { existsSync, readFileSync } from "node:fs";
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

/** What a person chose for the whole app, in a small file; what was never chosen follows the system. */
export class StoredPreferences {
  readonly #file: string;
  readonly #system: Preferences;
  #chosen: Partial<Preferences>;

  constructor(file: string, systemLanguages: readonly string[]) {
    this.#file = file;
    this.#system = { locale: localeFor(systemLanguages), theme: "system" };
    this.#chosen = read(file);
  }

  get now(): Preferences {
    return { ...this.#system, ...this.#chosen };
  }

  /** @throws when the file cannot be written; the choice then holds until the app ends */
  choose(choice: { [Key in keyof Preferences]?: Preferences[Key] | undefined }): Preferences {
    const { locale = this.#chosen.locale, theme = this.#chosen.theme } = choice;
    this.#chosen = { ...(locale && { locale }), ...(theme && { theme }) };
    writeAtomically(this.#file, `${JSON.stringify(this.#chosen, undefined, 2)}\n`);
    return this.now;
  }
}

/** A file that is missing or that somebody broke is a choice never made. */
function read(file: string): Partial<Preferences> {
  if (!existsSync(file)) return {};
  try {
    const said: unknown = JSON.parse(readFileSync(file, "utf8"));
    const { locale, theme } = preferences.partial().catch({}).parse(said);
    return { ...(locale && { locale }), ...(theme && { theme }) };
  } catch {
    return {};
  }
}
