import { describe, expect, it } from "vitest";
import { AppState } from "../renderer/app-state.svelte.ts";
import { type Conversation } from "../renderer/conversation.svelte.ts";
import { mountedMost } from "../renderer/mounted.svelte.ts";
import { FakeBridge, type World } from "./renderer-harness/fake-bridge.ts";
import { account, ana, busyWorld, contact, message, world } from "./renderer-harness/world.ts";

async function openApp(start: World) {
  const bridge = new FakeBridge(start);
  const app = new AppState({ bridge, locale: "en", now: () => Date.now() });
  app.start();
  await expect.poll(() => app.ready).toBe(true);
  const shown = app.account;
  if (!shown) throw new Error("the scenario shows no account");
  return { app, bridge, shown };
}

const positions = (conversation: Conversation) => conversation.mounted.map((one) => one.position);
const log = (count: number, unreadFrom = Infinity) =>
  Array.from({ length: count }, (_, index) => message(index + 1, { unread: index + 1 >= unreadFrom }));
const withBruno = (messages: ReturnType<typeof log>, unread = 0): World =>
  world({
    accounts: [account({ contacts: [contact("Bruno", { unread })] })],
    shown: ana,
    messages: { bruno: messages },
  });

async function openBruno(start: World) {
  const opened = await openApp(start);
  opened.shown.choose("bruno");
  const conversation = opened.shown.conversationWith("bruno");
  await expect.poll(() => conversation.phase.kind).toBe("ready");
  return { ...opened, conversation };
}

describe("a window's state follows the events", () => {
  it("[B3] the first event is the snapshot, and all is there", async () => {
    const { app, shown } = await openApp(busyWorld());
    expect(shown.facts.name).toBe("Ana");
    expect(shown.requests.map((one) => one.name)).toEqual(["Davi"]);
    expect(shown.people[0]?.name).toBe("Bruno");
    expect(app.title).toBe("Ana · Recado");
  });

  it("[W1] contacts are upserted by key, and go", async () => {
    const { bridge, shown } = await openApp(busyWorld());
    const before = shown.contacts.size;
    const davi = contact("Davi", { state: "mutual" });
    bridge.tell({ kind: "contacts:changed", account: ana, contacts: [davi] });
    bridge.tell({ kind: "contacts:changed", account: ana, contacts: [davi] });
    expect(shown.contacts.size).toBe(before);
    expect(shown.requests).toEqual([]);
    bridge.tell({ kind: "contact:removed", account: ana, key: "davi" });
    expect(shown.contacts.has("davi")).toBe(false);
  });

  it("[W1] an account that is gone leaves the sign-in screen", async () => {
    const { app, bridge } = await openApp(busyWorld());
    bridge.tell({ kind: "account:removed", account: ana });
    expect(app.account).toBeUndefined();
    expect(app.title).toBe("Recado");
  });

  it("[W1] what is heard while a page is on its way is newer than the page", async () => {
    const start = withBruno([message(1, { mine: true, status: "accepted" })]);
    const { bridge, shown } = await openApp(start);
    shown.choose("bruno");
    const read = message(1, { mine: true, status: "read" });
    bridge.tell({ kind: "messages:changed", account: ana, messages: [read] });
    bridge.tell({ kind: "messages:stored", account: ana, messages: [message(2)] });
    const conversation = shown.conversationWith("bruno");
    await expect.poll(() => conversation.phase.kind).toBe("ready");
    expect(conversation.messages.map((one) => [one.position, one.status])).toEqual([
      [1, "read"],
      [2, "delivered"],
    ]);
  });

  it("[W1] somebody just added is opened when their contact arrives, whichever comes first", async () => {
    const { shown } = await openApp(busyWorld());
    await shown.add(" Helena ".trim());
    await expect.poll(() => shown.chosen?.name).toBe("Helena");
  });

  it("[W6] what is new is read aloud once, one's own messages and other accounts' are not", async () => {
    const { app, bridge } = await openApp(busyWorld());
    const tell = (messages: ReturnType<typeof log>) => bridge.tell({ kind: "messages:stored", account: ana, messages });
    tell([message(10, { body: "oi", unread: true })]);
    expect(app.announcer.lines.join("")).toBe("Bruno: oi");
    tell([message(11, { mine: true, body: "mine" })]);
    expect(app.announcer.lines.join("")).toBe("Bruno: oi");
    tell([message(12, { unread: true }), message(13, { unread: true })]);
    expect(app.announcer.lines.join("")).toBe("2 mensagens novas de Bruno");
  });
});

describe("the log of a conversation", () => {
  it("[W7] it opens at the end when all is read, and older pages come without repeats or gaps", async () => {
    const { conversation } = await openBruno(withBruno(log(200)));
    expect(positions(conversation).at(-1)).toBe(200);
    const seen = new Set<number>();
    for (let page = 0; page < 20; page++) {
      await conversation.older();
      const [first = 0] = positions(conversation);
      expect(positions(conversation)).toEqual(conversation.mounted.map((_, index) => first + index));
      for (const position of positions(conversation)) seen.add(position);
    }
    const all = Array.from({ length: 200 }, (_, index) => index + 1);
    expect([...seen].sort((a, b) => a - b)).toEqual(all);
    expect(conversation.messages.map(({ position }) => position)).toEqual(all);
    expect(conversation.phase).toEqual({ kind: "ready", more: false });
  });

  it("[W7] it opens at the first unread message, however many there are", async () => {
    const { conversation } = await openBruno(withBruno(log(3_000, 801), 2_200));
    expect(conversation.firstUnread).toBe(801);
    expect(positions(conversation)).toContain(801);
    expect(positions(conversation)).toContain(790);
    expect(conversation.atNewest).toBe(false);
    expect(conversation.mounted.length).toBeLessThanOrEqual(mountedMost);
  });

  it("[W7] never more than the limit is mounted while walking up and down, and the way back is whole", async () => {
    const { conversation } = await openBruno(withBruno(log(1_500)));
    for (let page = 0; page < 100; page++) {
      await conversation.older();
      expect(conversation.mounted.length).toBeLessThanOrEqual(mountedMost);
    }
    expect(positions(conversation)[0]).toBe(1);
    for (let page = 0; page < 100; page++) {
      await conversation.newer();
      expect(conversation.mounted.length).toBeLessThanOrEqual(mountedMost);
    }
    expect(positions(conversation).at(-1)).toBe(1_500);
    expect(conversation.atNewest).toBe(true);
  });

  it("[W7] a new message does not move what a reader up in the history sees", async () => {
    const { bridge, conversation } = await openBruno(withBruno(log(1_500)));
    for (let page = 0; page < 30; page++) await conversation.older();
    const before = positions(conversation);
    bridge.tell({ kind: "messages:stored", account: ana, messages: [message(1_501, { unread: true })] });
    expect(positions(conversation)).toEqual(before);
    await conversation.toNewest();
    expect(positions(conversation).at(-1)).toBe(1_501);
  });

  it("[W7] an hour at the end keeps the page small", async () => {
    const { bridge, conversation, shown } = await openBruno(withBruno(log(10)));
    shown.follow(true);
    for (let position = 11; position < 3_600; position++) {
      bridge.tell({ kind: "messages:stored", account: ana, messages: [message(position)] });
    }
    expect(conversation.mounted.length).toBeLessThanOrEqual(mountedMost);
    expect(positions(conversation).at(-1)).toBe(3_599);
    expect(conversation.messages.length).toBeLessThan(3_000);
  });

  it("[W7] a deleted message leaves the log, mounted or not", async () => {
    const { bridge, conversation } = await openBruno(withBruno(log(150)));
    for (const position of [150, 95]) bridge.tell({ kind: "message:deleted", account: ana, with: "bruno", position });
    expect(conversation.messages.some((one) => one.position === 95 || one.position === 150)).toBe(false);
    expect(positions(conversation).at(-1)).toBe(149);
    const mounted = positions(conversation);
    expect(mounted).toEqual([...mounted].sort((a, b) => a - b));
  });

  it("[W7] a page that cannot be had is said, and can be asked for again", async () => {
    const start = { ...withBruno(log(3)), refuse: { "message:list": "storage-failed" } as const };
    const { bridge, shown } = await openApp(start);
    shown.choose("bruno");
    const conversation = shown.conversationWith("bruno");
    await expect.poll(() => conversation.phase.kind).toBe("failed");
    bridge.world.refuse = {};
    await conversation.open();
    expect(positions(conversation)).toEqual([1, 2, 3]);
  });

  it("[W8] what was shown is told once, up to the newest", async () => {
    const { bridge, conversation } = await openBruno(withBruno(log(5, 3), 3));
    conversation.tellShown();
    conversation.tellShown();
    await expect.poll(() => conversation.newestUnread).toBeUndefined();
    expect(bridge.calls.filter((call) => call.name === "message:shown").map((call) => call.params)).toEqual([
      { account: ana, name: "bruno", position: 5 },
    ]);
  });
});

describe("what is typed", () => {
  it("[W9] a sent draft is in the log once, though the reply and the event both bring it", async () => {
    const { conversation } = await openBruno(withBruno(log(2)));
    conversation.draft.text = " oi \n";
    await conversation.send();
    expect(conversation.draft.text).toBe("");
    expect(conversation.messages.map((one) => one.body)).toEqual(["message 1", "message 2", " oi"]);
  });

  it("[W9] a draft that could not be kept is there again, with the reason", async () => {
    const start = { ...withBruno(log(2)), refuse: { "message:write": "storage-failed" } as const };
    const { conversation } = await openBruno(start);
    conversation.draft.text = "important";
    await conversation.send();
    expect(conversation.draft.text).toBe("important");
    expect(conversation.refusal?.code).toBe("storage-failed");
  });

  it("[G9] nothing blank and nothing over the limit leaves", async () => {
    const { bridge, conversation } = await openBruno(withBruno(log(2)));
    for (const draft of ["", " \n ", "é".repeat(40_000)]) {
      conversation.draft.text = draft;
      await conversation.send();
      expect(conversation.draft.text).toBe(draft);
    }
    expect(bridge.calls.some((call) => call.name === "message:write")).toBe(false);
  });

  it("[W9] each conversation keeps its own draft", async () => {
    const { shown } = await openApp(busyWorld());
    shown.conversationWith("bruno").draft.text = "for Bruno";
    shown.choose("clara");
    shown.choose("bruno");
    expect(shown.conversationWith("bruno").draft.text).toBe("for Bruno");
    expect(shown.conversationWith("clara").draft.text).toBe("");
  });
});
