import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callHandlers } from "../main/calls.ts";
import { systemClock } from "../main/clock.ts";
import { openBridge, type Asking, type BridgeEnd, type Ipc, type Page } from "../main/ipc.ts";
import { LinkQuestions } from "../main/links.ts";
import { openLog } from "../main/log.ts";
import { contentSecurityPolicy, fileOf, isOwnPage, pageUrl, servePage } from "../main/page.ts";
import { StoredPreferences } from "../main/preferences.ts";
import { Updates } from "../main/updates.ts";
import { bridgeContract, channels, type AccountId, type AppEvent } from "../wire/ipc.ts";
import { AppDesk } from "./app-desk.ts";

/** Electron's end of the bridge, as far as it can be seen from here. */
class OpenIpc implements Ipc {
  call: ((event: Asking, ...said: unknown[]) => Promise<unknown>) | undefined;
  subscribe: ((event: Asking) => void) | undefined;

  handle(channel: string, listener: (event: Asking, ...said: unknown[]) => Promise<unknown>): void {
    expect(channel).toBe(channels.call);
    this.call = listener;
  }
  on(channel: string, listener: (event: Asking) => void): void {
    expect(channel).toBe(channels.subscribe);
    this.subscribe = listener;
  }
  removeHandler(): void {
    this.call = undefined;
  }
  removeAllListeners(): void {
    this.subscribe = undefined;
  }
}

class OpenPage implements Page {
  readonly heard: AppEvent[] = [];
  gone = false;
  constructor(readonly id: number) {}
  send(channel: string, ...events: readonly AppEvent[]): void {
    expect(channel).toBe(channels.event);
    if (this.gone) throw new Error("Object has been destroyed");
    this.heard.push(...events);
  }
  isDestroyed(): boolean {
    return this.gone;
  }
}

let ipc: OpenIpc;
let bridge: BridgeEnd;
let desk: AppDesk;
let page: OpenPage;
let shown: (AccountId | undefined)[];
let faults: string[];

beforeEach(() => {
  ipc = new OpenIpc();
  desk = new AppDesk();
  page = new OpenPage(1);
  shown = [];
  faults = [];
  const updates = new Updates({
    source: { kind: "off", reason: "development" },
    updater: () => {
      throw new Error("updates are off");
    },
    clock: systemClock,
    random: () => 0,
    log: openLog(path.join(desk.folder, "logs"), () => 0),
    changed: (update) => bridge.tell({ kind: "update:changed", update }),
    openPage: () => undefined,
  });
  const preferences = new StoredPreferences(path.join(desk.folder, "preferences.json"), ["pt-PT", "en"]);
  bridge = openBridge({
    ipc,
    handlers: callHandlers({
      accounts: desk.accounts,
      windows: {
        open: (account) => void shown.push(account),
        show: (_page, account) => void shown.push(account),
        detach: (account) => void shown.push(account),
        reads: (_page, account) => void shown.push(account),
        leave: () => undefined,
      },
      links: new LinkQuestions({ focus: () => page.id, tellPage: (id, event) => bridge.tellPage(id, event) }),
      updates,
      choose: (choice) => bridge.tell({ kind: "preferences:changed", preferences: preferences.choose(choice) }),
      doNotDisturb: () => undefined,
      testNotification: () => Promise.resolve({ outcome: "shown", system: "linux" }),
      openLink: async () => undefined,
      drill: { start: () => undefined, stop: () => undefined },
      messageMenu: async (answerable) => (answerable ? "reply" : undefined),
    }),
    isOwnPage: (url) => isOwnPage(url, undefined),
    snapshot: () => ({
      kind: "snapshot",
      view: { kind: "sign-in" },
      accounts: desk.accounts.views(),
      preferences: preferences.now,
      defaultRelay: "localhost:4567",
      version: "0",
      update: updates.state,
    }),
    unexpected: (_error, call) => faults.push(call),
  });
});
afterEach(() => {
  bridge.close();
  desk.close();
});

const top = (url = pageUrl): Asking => ({ sender: page, senderFrame: { url, parent: null } });
const ask = (name: unknown, params?: unknown, event = top()): Promise<unknown> => {
  if (!ipc.call) throw new Error("the bridge is closed");
  return ipc.call(event, name, params);
};
const turned: AppEvent = { kind: "window:shown", view: { kind: "sign-in" } };
const invalid = { ok: false, error: { code: "invalid" } };

describe("the bridge, before there is anything to show", () => {
  it("[B3] a page that asks early waits, and gets one snapshot and what comes after it", () => {
    const gone = new OpenPage(2);
    ipc.subscribe?.(top());
    ipc.subscribe?.(top());
    ipc.subscribe?.({ ...top(), sender: gone });
    gone.gone = true;
    bridge.tell(turned);
    expect(page.heard).toEqual([]);
    bridge.begin();
    bridge.tell(turned);
    expect(page.heard.map(({ kind }) => kind)).toEqual(["snapshot", "window:shown"]);
    expect(gone.heard).toEqual([]);
  });
});

describe("the bridge", () => {
  beforeEach(() => bridge.begin());

  it("[B1] only the calls of the contract exist; anything else is answered invalid and changes nothing", async () => {
    for (const name of ["nope", "constructor", "__proto__", "toString", "", undefined, null, 7, {}, ["window:open"]]) {
      expect(await ask(name, {})).toMatchObject(invalid);
    }
    for (const name of Object.keys(bridgeContract)) {
      expect(await ask(name, 7)).toMatchObject(invalid);
      expect(await ask(name, { account: "../../etc", name: {}, relay: 3, theme: "pink" })).toMatchObject(invalid);
    }
    expect(shown).toEqual([]);
    expect(faults).toEqual([]);
    expect(await ask("preferences:set", { theme: "dark" })).toEqual({ ok: true, value: {} });
  });

  it("[B1] an account that is not here is said so", async () => {
    const account = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    for (const [name, params] of [
      ["message:write", { account, name: "Bia", body: "oi" }],
      ["window:show", { account }],
      ["account:sign-out", { account }],
    ] as const) {
      expect(await ask(name, params)).toMatchObject({ ok: false, error: { code: "account-unknown" } });
    }
    expect(shown).toEqual([]);
  });

  it.each([
    ["a frame inside our page", { url: pageUrl, parent: {} }],
    ["another page", { url: "https://exemplo.org/", parent: null }],
    ["another host of our scheme", { url: "app://mallory/index.html", parent: null }],
    ["a file", { url: "file:///tmp/index.html", parent: null }],
    ["a blank page", { url: "about:blank", parent: null }],
    ["an address that is none", { url: "", parent: null }],
    ["a frame that is gone", null],
  ])("[B2] %s is refused, and hears nothing", async (_title, senderFrame) => {
    expect(await ask("window:open", {}, { sender: page, senderFrame })).toMatchObject(invalid);
    ipc.subscribe?.({ sender: page, senderFrame });
    bridge.tell(turned);
    expect(page.heard).toEqual([]);
    expect(shown).toEqual([]);
  });

  it("[B3] the first event is the snapshot, to each page that subscribes, and again after it began anew", () => {
    bridge.tell(turned);
    ipc.subscribe?.(top());
    bridge.tell(turned);
    expect(page.heard.map(({ kind }) => kind)).toEqual(["snapshot", "window:shown"]);
    bridge.forget(page.id);
    bridge.tell(turned);
    ipc.subscribe?.(top());
    expect(page.heard.map(({ kind }) => kind)).toEqual(["snapshot", "window:shown", "snapshot"]);
  });

  it("a page that is gone is left alone, and the others hear on", () => {
    const other = new OpenPage(2);
    ipc.subscribe?.(top());
    ipc.subscribe?.({ ...top(), sender: other });
    page.gone = true;
    bridge.tell(turned);
    expect(other.heard.map(({ kind }) => kind)).toEqual(["snapshot", "window:shown"]);
  });
});

describe("our page", () => {
  let root: string;
  beforeEach(() => {
    const folder = mkdtempSync(path.join(tmpdir(), "recado-page-"));
    root = path.join(folder, "renderer");
    mkdirSync(root);
    writeFileSync(path.join(root, "index.html"), "<!doctype html>");
    writeFileSync(path.join(folder, "secret.json"), "{}");
  });
  afterEach(() => rmSync(path.dirname(root), { recursive: true, force: true }));

  it("is served with its policy and its type", async () => {
    const response = await servePage(root, pageUrl);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Security-Policy")).toBe(contentSecurityPolicy);
    expect(response.headers.get("Content-Type")).toContain("text/html");
    expect(contentSecurityPolicy).toContain("default-src 'none'");
    expect(contentSecurityPolicy).not.toContain("unsafe-eval");
  });

  it.each([
    "app://recado/../secret.json",
    "app://recado/%2e%2e/secret.json",
    "app://recado/..%2fsecret.json",
    "app://recado/%2e%2e%2fsecret.json",
    "app://recado/..%5csecret.json",
    "app://recado//secret.json",
    "app://recado/%00.html",
    "app://recado/%E0%A4%A.html",
    "app://other/index.html",
    "file:///etc/passwd",
    "app://recado/assets",
    "app://recado/missing.js",
    "nonsense",
  ])("%s is not found", async (address) => {
    expect((await servePage(root, address)).status).toBe(404);
  });

  it("a part of it stays inside its folder", () => {
    expect(fileOf(root, "app://recado/")).toBe(path.join(root, "index.html"));
    expect(fileOf(root, "app://recado/assets/a%20b.js")).toBe(path.join(root, "assets", "a b.js"));
  });
});

describe("preferences", () => {
  it("[D6] follow the system until somebody chooses, and survive a restart", () => {
    const file = path.join(desk.folder, "p.json");
    const first = new StoredPreferences(file, ["de-DE", "pt-PT", "en"], { spellCheck: false });
    expect(first.now).toMatchObject({ locale: "pt-BR", theme: "system", spellCheck: false, sendKey: "enter" });
    first.choose({ theme: "dark", doNotDisturb: { kind: "until", at: 5 } });
    first.choose({ sendKey: "ctrl-enter", theme: undefined });
    expect(new StoredPreferences(file, ["en-GB"]).now).toMatchObject({
      locale: "en",
      theme: "dark",
      sendKey: "ctrl-enter",
      doNotDisturb: { kind: "until", at: 5 },
      spellCheck: true,
    });
  });

  it("[D6] a file of version 0.1 is read, and one choice that cannot be read does not take the others with it", () => {
    const file = path.join(desk.folder, "p.json");
    writeFileSync(file, '{"locale": "en", "theme": "dark"}');
    expect(new StoredPreferences(file, ["pt-BR"]).now).toMatchObject({
      locale: "en",
      theme: "dark",
      notifications: "text",
    });
    writeFileSync(file, '{"theme": "pink", "locale": "pt-BR", "awayAfterMinutes": -3, "stranger": 1}');
    expect(new StoredPreferences(file, ["en"]).now).toMatchObject({
      locale: "pt-BR",
      theme: "system",
      awayAfterMinutes: 10,
    });
    for (const broken of ['{"theme": "pink", "locale"', "7", "[]", "null", ""]) {
      writeFileSync(file, broken);
      expect(new StoredPreferences(file, ["xx"]).now).toMatchObject({ locale: "en", theme: "system" });
    }
  });
});
