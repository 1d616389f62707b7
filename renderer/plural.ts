import type { Locale } from "../wire/ipc.ts";
import { formatFor } from "./format.ts";

/** The forms that Brazilian Portuguese and English need; `#` stands for the number. */
export interface Forms {
  readonly one: string;
  readonly other: string;
}

/** "1 mensagem", "1.200 mensagens": the right form by Intl.PluralRules, the number as the language writes it. */
export function plural(locale: Locale, count: number, forms: Forms): string {
  const form = new Intl.PluralRules(locale).select(count) === "one" ? forms.one : forms.other;
  return form.replace("#", formatFor(locale).number(count));
}

/** What somebody said as a sentence of a longer one: with a full stop where there is no stop yet. */
export function closed(words: string): string {
  return /[.!?…:;]$/u.test(words.trimEnd()) ? words.trimEnd() : `${words}.`;
}
