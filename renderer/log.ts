import type { MessageView } from "../wire/ipc.ts";
import { dayOf } from "./format.ts";

/** Messages of one sender this close together stand as one run. */
export const runGapMs = 5 * 60_000;

export interface Run {
  readonly kind: "run";
  readonly key: string;
  readonly mine: boolean;
  readonly from: string;
  readonly messages: readonly MessageView[];
  /** the one whose time and status stand below the run */
  readonly last: MessageView;
  /** written on another day than the heading above it says: its time must say the day too */
  readonly otherDay: boolean;
}

export type LogItem =
  | { kind: "day"; key: string; at: number }
  | { kind: "new"; key: string }
  /** messages of the other side that never came (O9) */
  | { kind: "gap"; key: string; count: number }
  | Run;

/**
 * Keeps runs from one arrangement to the next. A run has its name while it grows or shrinks at either end: under another
 * all of its rows would be made anew, at every message in a long run. One that has not changed is the same object, so that
 * nothing of it is looked at again.
 */
export class Runs {
  /** by the position of each of its messages */
  #known: ReadonlyMap<number, Run> = new Map();
  #given = 0;

  /** Begins an arrangement. @returns gives each run its name, by what is in it; to be called in order */
  begin(): (made: Omit<Run, "key">) => Run {
    const before = this.#known;
    const known = new Map<number, Run>();
    const taken = new Set<string>();
    this.#known = known;
    return (made) => {
      const had = made.messages.map(({ position }) => before.get(position));
      const kept = had.find((one) => one !== undefined && !taken.has(one.key));
      const run = kept && isSame(kept, made) ? kept : { ...made, key: kept?.key ?? `run-${++this.#given}` };
      taken.add(run.key);
      for (const { position } of run.messages) known.set(position, run);
      return run;
    };
  }
}

/** What a run is of follows from its messages, but for the heading it stands under. */
const isSame = (one: Run, other: Omit<Run, "key">): boolean =>
  one.otherDay === other.otherDay &&
  one.messages.length === other.messages.length &&
  one.messages.every((message, index) => message === other.messages[index]);

/**
 * Arranges a log, in order of arrival, into day headings, the mark before the first unread one, and runs.
 * A heading only ever moves forward: `sentAt` is what a sender's clock said, so it may jump back without a new day having begun.
 * @param firstUnread position of the first message that was unread when the conversation was opened
 * @param runs those of the arrangement before
 */
export function arrangeLog(
  messages: readonly MessageView[],
  firstUnread: number | undefined,
  runs = new Runs(),
): LogItem[] {
  const items: LogItem[] = [];
  const runOf = runs.begin();
  let day = Number.NEGATIVE_INFINITY;
  let open: MessageView[] = [];
  let openDay = day;

  const endRun = () => {
    const first = open[0];
    const last = open.at(-1);
    if (!first || !last) return;
    const { mine, from } = first;
    items.push(runOf({ kind: "run", mine, from, messages: open, last, otherDay: openDay !== day }));
    open = [];
  };

  for (const message of messages) {
    const itsDay = isWithin(openDay, message.sentAt) ? openDay : dayOf(message.sentAt);
    if (itsDay > day) {
      endRun();
      day = itsDay;
      items.push({ kind: "day", key: `day-${itsDay}`, at: itsDay });
    }
    if (message.position === firstUnread) {
      endRun();
      items.push({ kind: "new", key: "new" });
    }
    if (message.missingBefore !== undefined) {
      endRun();
      items.push({ kind: "gap", key: `gap-${message.position}`, count: message.missingBefore });
    }
    const before = open.at(-1);
    if (before && !(itsDay === openDay && belongTogether(before, message))) endRun();
    open.push(message);
    openDay = itsDay;
  }
  endRun();
  return items;
}

/** Certain without a calendar: a day has at least 23 hours. Asked for every row at every message. */
const isWithin = (day: number, at: number): boolean => at >= day && at < day + 23 * 3_600_000;

function belongTogether(before: MessageView, message: MessageView): boolean {
  return (
    before.from === message.from && before.mine === message.mine && Math.abs(message.sentAt - before.sentAt) <= runGapMs
  );
}

/** The run under which the slips about waiting messages stand: the last one of one's own. */
export function slipPlace(items: readonly LogItem[]): string | undefined {
  return items.findLast((item) => item.kind === "run" && item.mine)?.key;
}

/** Both lists in one, by position; where both know a message, `news` wins. */
export function mergeLog(known: readonly MessageView[], news: readonly MessageView[]): readonly MessageView[] {
  const newest = known.at(-1)?.position ?? Number.NEGATIVE_INFINITY;
  if (news.every((message, index) => message.position > (news[index - 1]?.position ?? newest))) {
    return [...known, ...news];
  }
  const byPosition = new Map([...known, ...news].map((message) => [message.position, message]));
  return [...byPosition.values()].sort((a, b) => a.position - b.position);
}

/** The same log with what is newly heard about its messages; what is not in it is left out. */
export function replaceKnown(known: readonly MessageView[], news: readonly MessageView[]): readonly MessageView[] {
  const byPosition = new Map(news.map((message) => [message.position, message]));
  if (!known.some((message) => byPosition.has(message.position))) return known;
  return known.map((message) => byPosition.get(message.position) ?? message);
}

/** Messages by the key of the contact whose conversation they belong to, each in order. */
export function byContact(messages: readonly MessageView[]): ReadonlyMap<string, readonly MessageView[]> {
  const groups = new Map<string, MessageView[]>();
  for (const message of messages) {
    const group = groups.get(message.with);
    if (group) group.push(message);
    else groups.set(message.with, [message]);
  }
  return groups;
}
