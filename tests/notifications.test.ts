import { beforeEach, describe, expect, it } from "vitest";
import { doNotDisturbFor } from "../main/do-not-disturb.ts";
import { escapeMarkup, noteFor, type Note } from "../main/note.ts";
import { Notifications, type NoteListener, type Notifier } from "../main/notifications.ts";
import { texts } from "../main/text.ts";
import { type Target } from "../main/window-choice.ts";
import { accountId, type AppEventOf, type MessageView, type Preferences } from "../wire/ipc.ts";
import { messageId } from "../wire/model.ts";
import { ManualClock } from "./manual-clock.ts";
import { usual } from "./renderer-harness/world.ts";

const ana = accountId.parse("6f1c1f0e-8d55-4a0e-9d3a-1d2d6c1b7a01");
const words = texts.en;

/** A system that shows what it is given, and can be clicked. */
class Screen implements Notifier {
  supported = true;
  answers = true;
  readonly shown: (Note & { listener: NoteListener; open: boolean })[] = [];

  isSupported(): boolean {
    return this.supported;
  }
  show(note: Note, listener: NoteListener): { close(): void } {
    const one = { ...note, listener, open: true };
    this.shown.push(one);
    if (this.answers) listener.shown();
    return { close: () => void (one.open = false) };
  }
  get open(): string[] {
    return this.shown.filter(({ open }) => open).map(({ title, body }) => `${title}: ${body}`);
  }
}

let clock: ManualClock;
let screen: Screen;
let preferences: Preferences;
let read: string | undefined;
let muted: string | undefined;
let opened: [Target, number | undefined][];
let asked: string[];
let notifications: Notifications;
let position: number;

beforeEach(() => {
  clock = new ManualClock();
  screen = new Screen();
  preferences = { ...usual };
  read = undefined;
  muted = undefined;
  opened = [];
  asked = [];
  position = 0;
  notifications = new Notifications({
    notifier: screen,
    clock,
    preferences: () => preferences,
    words: () => words,
    isRead: ({ conversation }) => conversation === read,
    contact: ({ conversation }) => {
      asked.push(conversation);
      return {
        name: conversation,
        muted: conversation === muted,
        ...(conversation === "elis" && { alias: "Tia Elis" }),
      };
    },
    label: () => undefined,
    open: (target, at) => void opened.push([target, at]),
  });
});

const message = (from: string, body: string, change: Partial<MessageView> = {}): MessageView => ({
  position: ++position,
  id: messageId.parse(crypto.randomUUID()),
  with: from.toLowerCase(),
  from,
  mine: false,
  body,
  sentAt: 0,
  status: "accepted",
  unread: true,
  ...change,
});
const arrive = (...messages: MessageView[]): MessageView[] => {
  const event: AppEventOf<"messages:stored"> = { kind: "messages:stored", account: ana, messages };
  notifications.hear(event);
  return messages;
};
const readOne = (one: MessageView): void =>
  notifications.hear({ kind: "messages:changed", account: ana, messages: [{ ...one, unread: false }] });

describe("[D1] what makes a note", () => {
  it("a message does, with who and what; one's own and one that was read elsewhere do not", async () => {
    arrive(message("Bia", "oi"), message("Ana", "eu", { mine: true }), message("Bia", "lida", { unread: false }));
    await clock.pass(2_000);
    expect(screen.open).toEqual(["Bia: oi"]);
  });

  it("a burst is one, however long it goes on, and nobody waits more than two seconds for it", async () => {
    for (let i = 0; i < 19; i++) {
      arrive(message("Bia", `${i}`));
      await clock.pass(100);
    }
    expect(screen.shown).toHaveLength(0);
    await clock.pass(100);
    expect(screen.open).toEqual(["Bia · 19 new messages: 18"]);
  });

  it("a note about thousands looks at each conversation once, not at each message", async () => {
    arrive(...Array.from({ length: 5_000 }, (_, i) => message(i % 2 === 0 ? "Bia" : "Elis", `${i}`)));
    await clock.pass(400);
    expect(screen.open).toEqual(["5,000 new messages: from Bia and Tia Elis"]);
    expect(asked.sort()).toEqual(["bia", "elis"]);
  });

  it("a note grows instead of multiplying, without another sound, and says from how many people", async () => {
    arrive(message("Bia", "oi"));
    await clock.pass(400);
    arrive(message("Caio", "olá"));
    await clock.pass(400);
    expect(screen.open).toEqual(["2 new messages: from Bia and Caio"]);
    expect(screen.shown.map(({ silent }) => silent)).toEqual([false, true]);
  });

  it("none for the conversation that a person looks at, and none for a muted contact", async () => {
    read = "bia";
    muted = "caio";
    arrive(message("Bia", "x"), message("Caio", "y"), message("Elis", "z"));
    await clock.pass(400);
    expect(screen.open).toEqual(["Tia Elis: z"]);
  });

  it("it goes when all it tells of was read, in whichever window or device", async () => {
    const [one, two] = arrive(message("Bia", "1"), message("Bia", "2"));
    await clock.pass(400);
    if (!one || !two) throw new Error("two arrived");
    readOne(one);
    expect(screen.open).toHaveLength(1);
    readOne(two);
    expect(screen.open).toEqual([]);
  });

  it.each(["off", "quiet", "unsupported"])("none while %s, and none comes late", async (why) => {
    if (why === "off") preferences = { ...usual, notifications: "off" };
    if (why === "quiet") preferences = { ...usual, doNotDisturb: { kind: "until", at: clock.now() + 10_000 } };
    if (why === "unsupported") screen.supported = false;
    arrive(message("Bia", "oi"));
    await clock.pass(5_000);
    expect(screen.shown).toEqual([]);
    preferences = { ...usual };
    screen.supported = true;
    arrive(message("Bia", "depois"));
    await clock.pass(5_000);
    expect(screen.open).toEqual(["Bia: depois"]);
  });
});

describe("[D2] what a note tells, and where it leads", () => {
  it.each([
    ["text", "Bia: oi <b>você</b>"],
    ["name", "Bia: 1 new message"],
    ["hidden", "Recado: 1 new message"],
  ] as const)("%s", async (show, told) => {
    preferences = { ...usual, notifications: show };
    arrive(message("Bia", "oi\n <b>você</b>"));
    await clock.pass(400);
    expect(screen.open).toEqual([told]);
  });

  it("nothing of it is markup where a system would read it, and a long message is cut", async () => {
    expect(escapeMarkup('<img src="file:///x"> & co')).toBe('&lt;img src="file:///x"&gt; &amp; co');
    const note = noteFor([{ key: "b", from: "Bia", body: "x".repeat(70_000) }], [], "text", "Ana", words);
    expect(note?.body).toHaveLength(241);
    expect(note?.title).toBe("Bia · Ana");
  });

  it("a click opens the newest message, once", async () => {
    arrive(message("Bia", "1"), message("Caio", "2"));
    await clock.pass(400);
    screen.shown[0]?.listener.clicked();
    screen.shown[0]?.listener.clicked();
    expect(opened).toEqual([[{ account: ana, conversation: "caio" }, 2]]);
  });

  it("a test says what keeps notes from being shown", async () => {
    expect(await notifications.test()).toBe("shown");
    preferences = { ...usual, doNotDisturb: { kind: "on" } };
    expect(await notifications.test()).toBe("do-not-disturb");
    preferences = { ...usual, notifications: "off" };
    expect(await notifications.test()).toBe("off");
    screen.supported = false;
    expect(await notifications.test()).toBe("not-supported");
    screen.supported = true;
    screen.answers = false;
    preferences = { ...usual };
    const silent = notifications.test();
    await clock.pass(10_000);
    expect(await silent).toBe("unconfirmed");
    const refused = notifications.test();
    screen.shown.at(-1)?.listener.failed();
    expect(await refused).toBe("failed");
  });
});

describe("[D1] do not disturb", () => {
  it("for an hour, or until tomorrow morning by the clock on the wall", async () => {
    const now = new Date(2026, 10, 25, 23, 30).getTime();
    expect(doNotDisturbFor("hour", now)).toEqual({ kind: "until", at: now + 3_600_000 });
    expect(doNotDisturbFor("tomorrow", now)).toEqual({ kind: "until", at: new Date(2026, 10, 26, 8).getTime() });
    expect(doNotDisturbFor("ended", now)).toEqual({ kind: "on" });
    expect(doNotDisturbFor("off", now)).toEqual({ kind: "off" });
  });
});
