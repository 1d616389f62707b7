/** Made when it is first asked for, and kept: reading a language's tables takes tens of milliseconds, which no start waits for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** How one language counts, lists and tells the time. @param locale as BCP 47 has it */
export function formatsFor(locale: string) {
  const plurals = once(() => new Intl.PluralRules(locale));
  const number = once(() => new Intl.NumberFormat(locale));
  const list = once(() => new Intl.ListFormat(locale));
  const moment = once(
    () => new Intl.DateTimeFormat(locale, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  );
  return {
    /** the right form for a number, which stands where the `#` is */
    count: (n: number, one: string, other: string): string =>
      (plurals().select(n) === "one" ? one : other).replace("#", number().format(n)),
    list: (names: readonly string[]): string => list().format(names),
    /** @param at milliseconds since the epoch */
    moment: (at: number): string => moment().format(at),
  };
}
