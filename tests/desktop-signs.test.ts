import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Attendance, type Power } from "../main/attendance.ts";
import { contextMenuOf } from "../main/context-menu.ts";
import { autostartEntry } from "../main/login-start.ts";
import { chosenIn, messageMenuOf } from "../main/message-menu.ts";
import { texts } from "../main/text.ts";
import { traySign } from "../main/tray.ts";
import { Unread } from "../main/unread.ts";
import { bestFor } from "../main/window-choice.ts";
import { isVisible, stepAside, WindowPlaces } from "../main/window-places.ts";
import { accountId, type MessageChoice, type WindowView } from "../wire/ipc.ts";
import { ManualClock } from "./manual-clock.ts";

const ana = accountId.parse("6f1c1f0e-8d55-4a0e-9d3a-1d2d6c1b7a01");
const caio = accountId.parse("6f1c1f0e-8d55-4a0e-9d3a-1d2d6c1b7a02");

class FakePower implements Power {
  idle = 0;
  locked = false;
  readonly listeners = new Map<string, () => void>();
  idleMs(): number {
    return this.idle;
  }
  isLocked(): boolean {
    return this.locked;
  }
  on(event: "lock" | "unlock" | "sleep" | "wake", listener: () => void): void {
    this.listeners.set(event, listener);
  }
  tell(event: string): void {
    this.listeners.get(event)?.();
  }
}

function attend(minutes = 10) {
  const clock = new ManualClock();
  const power = new FakePower();
  const told: string[] = [];
  const attendance = new Attendance({
    power,
    clock,
    awayAfterMinutes: () => minutes,
    away: (away) => void told.push(away ? "away" : "here"),
    asleep: () => void told.push("asleep"),
    awake: () => void told.push("awake"),
  });
  attendance.look();
  return { clock, power, told };
}

describe("whether somebody is there", () => {
  it("[D7] away after as long as was chosen without a touch, and back within seconds of one", async () => {
    const { clock, power, told } = attend();
    power.idle = 9 * 60_000;
    await clock.pass(60_000);
    expect(told).toEqual([]);
    power.idle = 10 * 60_000;
    await clock.pass(60_000);
    expect(told).toEqual(["away"]);
    power.idle = 0;
    await clock.pass(3_000);
    expect(told).toEqual(["away", "here"]);
  });

  it("[D7] a locked screen is away at once, also where being away by time was turned off", async () => {
    const { power, told } = attend(0);
    power.idle = 1e9;
    power.tell("lock");
    expect(told).toEqual(["away"]);
    power.tell("unlock");
    expect(told).toEqual(["away", "here"]);
  });

  it("[D8] sleep and wake are passed on", async () => {
    const { power, told } = attend();
    power.tell("sleep");
    power.tell("wake");
    expect(told).toEqual(["asleep", "awake"]);
  });
});

describe("signs outside of the windows", () => {
  it("[D3] the number is counted anew whenever something may have changed, and told only when it is another", async () => {
    const clock = new ManualClock();
    const store = new Map([[ana, 3]]);
    const told: number[] = [];
    let counted = 0;
    const unread = new Unread({
      clock,
      count: () => (counted++, new Map(store)),
      changed: (counts) => void told.push(counts.get(ana) ?? 0),
    });
    for (const left of [3, 3, 1, 0, 0]) {
      store.set(ana, left);
      for (let i = 0; i < 50; i++) unread.hear({ kind: "messages:changed", account: ana, messages: [] });
      await clock.pass(100);
    }
    expect(told).toEqual([3, 1, 0]);
    expect(counted).toBe(5);
  });

  it.each(["en", "pt-BR"] as const)(
    "[D3] the tray says how much is unread and offers what it can do, in %s",
    async (locale) => {
      const words = texts[locale];
      const did: string[] = [];
      const sign = traySign(
        words,
        {
          accounts: [
            { id: ana, name: "Ana", unread: 2, wish: "online" },
            { id: caio, name: "Caio", unread: 0, wish: "offline" },
            { id: ana, name: "Elis", unread: 5_000, wish: "online" },
          ],
          doNotDisturb: { kind: "off" },
        },
        0,
        {
          open: () => did.push("open"),
          setPresence: (account, presence) => did.push(`${account === ana ? "Ana" : "Caio"} ${presence}`),
          doNotDisturb: (until) => did.push(until),
          quit: () => did.push("quit"),
        },
      );
      expect(sign).toMatchObject({ unread: true, tip: `Recado · ${words.unread(5_002)}` });
      expect(JSON.stringify(sign.menu)).toContain(words.goOffline);
      expect(JSON.stringify(sign.menu)).toContain(words.goOnline);
      expect(sign.menu.map(({ label }) => label)).toContain("Caio");
      expect(sign.menu.map(({ label }) => label)).toContain(`Ana · ${words.unread(2)}`);
      // Electron keeps every menu a tray ever had: not another one for each message of thousands
      expect(sign.menu.map(({ label }) => label)).toContain("Elis · 99+");
      expect(sign.menu.at(-1)?.label).toBe(words.quit);
    },
  );

  it("the right button offers suggestions where something is misspelled, and nothing where there is nothing to do", async () => {
    const place = {
      isEditable: true,
      misspelledWord: "recdo",
      dictionarySuggestions: ["recado", "recados"],
      selectionText: "",
      editFlags: { canCut: false, canCopy: false, canPaste: true },
    };
    const actions = { replace: () => undefined, learn: () => undefined, checkSpelling: () => undefined };
    const labels = (spelling: boolean, change: Partial<typeof place> = {}) =>
      contextMenuOf(texts["pt-BR"], { ...place, ...change }, spelling, actions).map(({ label }) => label);
    expect(labels(true).slice(0, 3)).toEqual(["recado", "recados", "Adicionar ao dicionário"]);
    expect(labels(false)).not.toContain("recado");
    expect(labels(true, { dictionarySuggestions: [] })[0]).toBe("Nenhuma sugestão");
    expect(labels(true, { isEditable: false })).toEqual([]);
    expect(labels(true, { isEditable: false, selectionText: "oi" })).toEqual(["Copiar"]);
  });

  it.each(["before", "after"])(
    "[W21] what is chosen for a message is heard, told %s its menu closes",
    async (order) => {
      const clock = new ManualClock();
      let offered: (string | undefined)[] = [];
      const chosen = chosenIn<MessageChoice>(
        (choose) => messageMenuOf(texts["pt-BR"], false, choose),
        (template, closed) => {
          offered = template.map(({ label }) => label);
          const click = () => {
            const [{ click: copy } = {}] = template;
            if (copy) Reflect.apply(copy, undefined, []);
          };
          if (order === "before") click();
          closed();
          if (order === "after") click();
        },
        clock,
      );
      await clock.pass(1_000);
      expect(await chosen).toBe("copy");
      expect(offered).toEqual(["Copiar", undefined, "Apagar daqui…"]);
    },
  );

  it("[W21] a menu that is closed without a choice is over", async () => {
    const clock = new ManualClock();
    const chosen = chosenIn<MessageChoice>(
      (choose) => messageMenuOf(texts.en, true, choose),
      (_template, closed) => closed(),
      clock,
    );
    await clock.pass(1_000);
    expect(await chosen).toBeUndefined();
  });
});

describe("windows", () => {
  const whole = (account = ana, conversation?: string): WindowView => ({
    kind: "account",
    account,
    ...(conversation !== undefined && { conversation }),
  });
  const alone: WindowView = { kind: "conversation", account: ana, conversation: "bia" };
  const bounds = { x: 10, y: 20, width: 500, height: 500, maximized: false };

  it("[D2] a message is shown where it would be looked for", async () => {
    const target = { account: ana, conversation: "bia" };
    const windows = (...views: WindowView[]) => views.map((view, focusedAt) => ({ view, focusedAt }));
    const best = (...views: WindowView[]) => bestFor(target, windows(...views))?.view;
    expect(best(whole(ana, "bia"), alone, whole())).toEqual(alone);
    expect(best(whole(), whole(ana, "bia"), whole(caio))).toEqual(whole(ana, "bia"));
    expect(best(whole(caio), whole(ana, "elis"))).toEqual(whole(ana, "elis"));
    expect(best({ kind: "conversation", account: ana, conversation: "elis" })).toBeUndefined();
    expect(best(whole(ana, "x"), whole(ana, "y"))).toEqual(whole(ana, "y"));
  });

  it("[D4] places are read again, those of version 0.1 too, and a broken file is none", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "recado-places-"));
    try {
      const file = path.join(folder, "windows.json");
      const places = new WindowPlaces(file, () => undefined);
      places.closed({ ...bounds, view: alone });
      places.write([{ ...bounds, view: whole(ana, "bia") }]);
      const again = new WindowPlaces(file, () => undefined);
      expect(again.read()).toEqual([{ ...bounds, view: whole(ana, "bia") }]);
      expect(again.of(alone)).toMatchObject(bounds);
      writeFileSync(file, JSON.stringify([{ ...bounds, shown: ana }, bounds]));
      expect(again.read().map(({ view }) => view)).toEqual([whole(), { kind: "sign-in" }]);
      writeFileSync(file, "{");
      expect(new WindowPlaces(file, () => undefined).read()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("[D4] a place on a screen that is gone is no place", async () => {
    const screens = [{ x: 0, y: 0, width: 1_000, height: 800 }];
    expect(isVisible(bounds, screens)).toBe(true);
    expect(isVisible({ ...bounds, x: 1_500 }, screens)).toBe(false);
    expect(isVisible({ ...bounds, y: 790 }, screens)).toBe(false);
  });

  it("[D4] a further window does not hide the one in front, and stays on its screen", async () => {
    const screens = [
      { x: 0, y: 0, width: 1_000, height: 800 },
      { x: 1_000, y: 0, width: 1_000, height: 800 },
    ];
    const size = { width: 600, height: 500 };
    expect(stepAside({ x: 100, y: 100, ...size }, size, screens)).toEqual({ x: 140, y: 140 });
    expect(stepAside({ x: 1_200, y: 100, ...size }, size, screens)).toEqual({ x: 1_240, y: 140 });
    expect(stepAside({ x: 1_380, y: 100, ...size }, size, screens)).toEqual({ x: 1_000, y: 0 });
    expect(stepAside({ x: 100, y: 290, ...size }, size, screens)).toEqual({ x: 0, y: 0 });
    expect(stepAside({ x: 5_000, y: 100, ...size }, size, screens)).toBeUndefined();
  });
});

describe("starting with the computer", () => {
  it("[D9] is an entry that names the program, quoted as the desktop reads it, and goes again", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "recado-autostart-"));
    try {
      const start = autostartEntry(folder, "bia", { program: '/opt/My "Apps"/50%/recado', args: ["--hidden"] });
      expect(start.isOn()).toBe(false);
      start.set(true);
      const file = path.join(folder, "autostart", "recado-bia.desktop");
      expect(readFileSync(file, "utf8")).toContain('Exec="/opt/My \\\\"Apps\\\\"/50%%/recado" "--hidden"\n');
      expect(start.isOn()).toBe(true);
      writeFileSync(file, "[Desktop Entry]\nHidden=true\n");
      expect(start.isOn()).toBe(false);
      start.set(false);
      start.set(false);
      expect(start.isOn()).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
