import type { Locale } from "../wire/ipc.ts";

/** Times in words. Everything takes milliseconds since the epoch; `now` is passed in so that it can be tested. */
export interface Format {
  /** 14:02 */
  time(at: number): string;
  /** hoje, ontem, sexta-feira, 12 de novembro: the heading of a day in the log */
  day(at: number, now: number): string;
  /** 14:02 today, "ontem, 14:02" and so on: fits after "desde" and "visto" */
  moment(at: number, now: number): string;
  /** the short one in the contact list: 14:02, ontem, sex., 12 de nov. */
  listed(at: number, now: number): string;
  number(value: number): string;
}

/** The first millisecond of the local day. */
export function dayOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Whole local days from `at` to `now`; summer time makes some of them 23 or 25 hours long. */
export function daysBetween(at: number, now: number): number {
  return Math.round((dayOf(now) - dayOf(at)) / 86_400_000);
}

/** Made when it is first asked for, and kept: making one reads the language's tables, which a window's first paint does not wait for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function newFormat(locale: Locale): Format {
  const style = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(locale, options));
  const time = style({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const weekday = style({ weekday: "long" });
  const weekdayShort = style({ weekday: "short" });
  const date = style({ day: "numeric", month: "long" });
  const dateShort = style({ day: "numeric", month: "short" });
  const dateWithYear = style({ day: "numeric", month: "long", year: "numeric" });
  const dateWithYearShort = style({ day: "numeric", month: "short", year: "numeric" });
  const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const number = once(() => new Intl.NumberFormat(locale));

  const named = (at: number, now: number, short: boolean): string => {
    const days = daysBetween(at, now);
    if (days === 0 || days === 1) return relative().format(-days, "day");
    if (days > 1 && days < 7) return (short ? weekdayShort : weekday)().format(at);
    if (new Date(at).getFullYear() === new Date(now).getFullYear()) return (short ? dateShort : date)().format(at);
    return (short ? dateWithYearShort : dateWithYear)().format(at);
  };

  return {
    time: (at) => time().format(at),
    day: (at, now) => named(at, now, false),
    moment: (at, now) =>
      daysBetween(at, now) === 0 ? time().format(at) : `${named(at, now, true)}, ${time().format(at)}`,
    listed: (at, now) => (daysBetween(at, now) === 0 ? time().format(at) : named(at, now, true)),
    number: (value) => number().format(value),
  };
}

const formats: Readonly<Record<Locale, Format>> = { "pt-BR": newFormat("pt-BR"), en: newFormat("en") };

/** The one format of a language. */
export const formatFor = (locale: Locale): Format => formats[locale];
