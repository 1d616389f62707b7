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
 * Names runs so that one keeps its name while it grows or shrinks at either end. Under another name all of its rows would
 * be made anew: at every message, in a long run whose oldest rows leave the page.
 */
export class RunKeys {
  #known: ReadonlyMap<number, string> = new Map();
  #given = 0;

  /** Begins an arrangement. @returns names one run after the other, by what is in it */
  begin(): (messages: readonly MessageView[]) => string {
    const before = this.#known;
    const known = new Map<number, string>();
    const taken = new Set<string>();
    this.#known = known;
    return (messages) => {
      const had = messages.map(({ position }) => before.get(position));
      const key = had.find((one) => one !== undefined && !taken.has(one)) ?? `run-${++this.#given}`;
      taken.add(key);
      for (const { position } of messages) known.set(position, key);
      return key;
    };
  }
}

/**
 * Arranges a log, in order of arrival, into day headings, the mark before the first unread one, and runs.
 * A heading only ever moves forward: `sentAt` is what a sender's clock said, so it may jump back without a new day having begun.
 * @param firstUnread position of the first message that was unread when the conversation was opened
 * @param keys those of the arrangement before
 */
export function arrangeLog(
  messages: readonly MessageView[],
  firstUnread: number | undefined,
  keys = new RunKeys(),
): LogItem[] {
  const items: LogItem[] = [];
  const keyOf = keys.begin();
  let day = Number.NEGATIVE_INFINITY;
  let open: MessageView[] = [];
  let openDay = day;

  const endRun = () => {
    const first = open[0];
    const last = open.at(-1);
    if (!first || !last) return;
    items.push({
      kind: "run",
      key: keyOf(open),
      mine: first.mine,
      from: first.from,
      messages: open,
      last,
      otherDay: openDay !== day,
    });
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
