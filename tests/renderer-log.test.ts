import { describe, expect, it } from "vitest";
import type { MessageView } from "../wire/ipc.ts";
import { arrangeLog, byContact, mergeLog, replaceKnown, Runs, runGapMs, slipPlace } from "../renderer/log.ts";
import { message, today } from "./renderer-harness/world.ts";

const day = 86_400_000;
const shape = (items: ReturnType<typeof arrangeLog>) =>
  items.map((item) => (item.kind === "run" ? item.messages.map((one) => one.position) : item.kind));

describe("how a log is arranged", () => {
  it("[W2] messages of one sender up to five minutes apart are one run, one millisecond more begins another", () => {
    const at = today(10, 0);
    const log = [
      message(1, { sentAt: at }),
      message(2, { sentAt: at + runGapMs }),
      message(3, { sentAt: at + 2 * runGapMs + 1 }),
    ];
    expect(shape(arrangeLog(log, undefined))).toEqual(["day", [1, 2], [3]]);
  });

  it("[W2] another sender begins another run", () => {
    const sentAt = today(10, 0);
    const log = [message(1, { sentAt }), message(2, { sentAt, mine: true }), message(3, { sentAt })];
    expect(shape(arrangeLog(log, undefined))).toEqual(["day", [1], [2], [3]]);
  });

  it("[W2] each day has one heading, also when a sender's clock jumps back", () => {
    const log = [
      message(1, { sentAt: today(9, 0) - day }),
      message(2, { sentAt: today(9, 0) }),
      message(3, { sentAt: today(9, 0) - day }),
      message(4, { sentAt: today(9, 1) }),
    ];
    const items = arrangeLog(log, undefined);
    expect(shape(items)).toEqual(["day", [1], "day", [2], [3], [4]]);
    // what is out of its day must say its day itself
    expect(items.map((item) => item.kind === "run" && item.otherDay)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it("[W2] the line for new messages stands before the first unread one and cuts a run", () => {
    const sentAt = today(10, 0);
    const log = [message(1, { sentAt }), message(2, { sentAt }), message(3, { sentAt })];
    expect(shape(arrangeLog(log, 2))).toEqual(["day", [1], "new", [2, 3]]);
  });

  it("[O9] what never came is shown right where it is missing, and cuts a run", () => {
    const sentAt = today(10, 0);
    const log = [message(1, { sentAt }), message(2, { sentAt, missingBefore: 3 }), message(3, { sentAt })];
    const items = arrangeLog(log, undefined);
    expect(shape(items)).toEqual(["day", [1], "gap", [2, 3]]);
    expect(items[2]).toMatchObject({ kind: "gap", count: 3 });
  });

  it("[W2] keys are unique, so that rows keep their place", () => {
    const log = Array.from({ length: 50 }, (_, index) => message(index, { mine: index % 4 === 0 }));
    const keys = arrangeLog(log, 20).map((item) => item.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("[W2] a run keeps its key while it grows and shrinks at either end; one that is cut in two lends it once", () => {
    const log = Array.from({ length: 50 }, (_, index) => message(index, { sentAt: today(10, 0) + index }));
    const runs = new Runs();
    const runsOf = (from: number, to: number, firstUnread?: number) =>
      arrangeLog(log.slice(from, to), firstUnread, runs).flatMap((item) => (item.kind === "run" ? [item.key] : []));
    const [key] = runsOf(10, 20);
    expect(runsOf(10, 21)).toEqual([key]);
    expect(runsOf(15, 25)).toEqual([key]);
    expect(runsOf(0, 25)).toEqual([key]);
    const [upper, lower] = runsOf(0, 25, 12);
    expect(upper).toBe(key);
    expect(lower).not.toBe(key);
    expect(runsOf(30, 40)).not.toContain(key);
  });

  it("[W2] a run that nothing has changed in is the same object, so that its rows are not looked at again", () => {
    const log = Array.from({ length: 6 }, (_, index) => message(index, { mine: index > 2 }));
    const runs = new Runs();
    const arranged = (messages: readonly MessageView[]) =>
      arrangeLog(messages, undefined, runs).filter((item) => item.kind === "run");
    const [theirs, mine] = arranged(log);
    const [still, grown] = arranged([...log, message(6, { mine: true })]);
    expect(still).toBe(theirs);
    expect(grown).not.toBe(mine);
    const read = log.map((one) => (one.position === 4 ? { ...one, status: "read" as const } : one));
    expect(arranged(read)[1]?.messages).toEqual(read.slice(3));
  });

  it("[W3] the slips stand under the last run of one's own", () => {
    const log = [message(1, { mine: true }), message(2), message(3, { mine: true }), message(4)];
    const items = arrangeLog(log, undefined);
    const place = slipPlace(items);
    expect(items.flatMap((item) => (item.key === place && item.kind === "run" ? item.messages : []))).toEqual([log[2]]);
    expect(slipPlace(arrangeLog([message(1)], undefined))).toBeUndefined();
  });
});

describe("how news enters a log", () => {
  it("[W1] stored messages are upserted by position: twice is once, late is in place, and the news wins", () => {
    const known = [message(1), message(3, { status: "accepted", mine: true })];
    const news = [message(2), message(3, { status: "read", mine: true })];
    const once = mergeLog(known, news);
    expect(once.map((one) => [one.position, one.status])).toEqual([
      [1, "delivered"],
      [2, "delivered"],
      [3, "read"],
    ]);
    expect(mergeLog(once, news)).toEqual(once);
  });

  it("[W1] a changed message that is not held changes nothing", () => {
    const known = [message(5)];
    expect(replaceKnown(known, [message(1, { status: "read" })])).toBe(known);
  });

  it("[W1] a batch is given to the conversations it belongs to, in order", () => {
    const groups = byContact([message(1), message(2, { with: "clara" }), message(3)]);
    expect(groups.get("bruno")?.map((one) => one.position)).toEqual([1, 3]);
    expect(groups.get("clara")?.map((one) => one.position)).toEqual([2]);
  });
});
