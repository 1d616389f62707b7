import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ElectronApplication } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Device } from "./device.ts";
import { type Desktop, launch } from "./e2e-electron.ts";
import { Person } from "./e2e-person.ts";
import { type RelayProcess, startRelay } from "./relay-process.ts";

/**
 * What Recado is on a desktop besides its windows, in real Electron: Ana has the app, Bia a second one beside it. Where a
 * display has no tray and no notifications, what the app hands to the system is caught at Electron's own objects.
 */
describe("the app on a desktop", () => {
  const opened: (() => Promise<unknown>)[] = [];
  let relay: RelayProcess;
  let folder: string;
  let desk: Desktop;
  let other: Desktop;
  let ana: Person;
  let bia: Person;
  let caio: Device;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "recado-desk-"));
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    relay = await startRelay({ args: ["--limits", "none"] });
    opened.push(() => relay.close());
    desk = await launch({ userDataDir: folder });
    opened.push(() => desk.quit());
    other = await launch({ userDataDir: folder, profile: "bia" });
    opened.push(() => other.quit());
    ana = new Person(desk.window, "Ana");
    bia = new Person(other.window, "Bia");
    await catchSystem(desk.app);
    await ana.register(relay.url);
    await bia.register(relay.url);
    await ana.add("Bia");
    await bia.accept("Ana");
    caio = new Device(relay.url, "Caio");
    opened.push(async () => caio.drop());
    await caio.connect();
    await caio.ask("contact:add", { name: "Ana" });
    await ana.accept("Caio");
    await ana.open("Bia");
    await bia.open("Ana");
  });

  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    for (const [index, window] of [...desk.windows(), ...other.windows()].entries())
      await new Person(window, String(index)).picture(`failed-desk-${index}`);
  });

  test("[D4] a conversation in a window of its own is in step with the others, and there is one of it", async () => {
    const opening = desk.nextWindow();
    await ana.window.getByRole("button", { name: "Open in its own window" }).click();
    const alone = new Person(await opening, "Ana");
    // a step aside: it does not hide the window it came out of
    const corners = async () => (await places(desk.app)).map(({ bounds: { x, y } }) => ({ x, y }));
    const [whole] = await corners();
    await expect.poll(corners).toEqual([whole, { x: (whole?.x ?? 0) + 40, y: (whole?.y ?? 0) + 40 }]);
    await alone.write("written in its own window");
    await ana.sees("written in its own window");
    await bia.sees("written in its own window");
    await bia.write("an answer");
    await ana.sees("written in its own window", "an answer");
    await alone.sees("written in its own window", "an answer");
    await expect(alone.window.getByRole("navigation").count()).resolves.toBe(0);
    await alone.picture("desk-alone");
    await alone.window.keyboard.press("Control+f");
    await alone.window.keyboard.type("own window");
    await alone.window.getByRole("option", { name: /written in its own window/ }).waitFor();
    await alone.picture("desk-alone-search");
    await alone.window.keyboard.press("Enter");
    await expect
      .poll(() => alone.window.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toMatch(/^You: written in its own window/);
    await ana.window.keyboard.press("Control+Shift+N");
    await expect.poll(() => desk.windows().length).toBe(2);
  });

  test("[D6] a choice in the settings holds in all windows at once", async () => {
    await ana.window.keyboard.press("Control+,");
    const settings = ana.window.getByRole("dialog", { name: "Preferences" });
    await settings.getByRole("combobox", { name: "Language" }).selectOption("pt-BR");
    await ana.window
      .getByRole("dialog", { name: "Preferências" })
      .getByRole("combobox", { name: "Tema" })
      .selectOption("dark");
    for (const window of desk.windows()) {
      await window.getByRole("textbox", { name: "Mensagem" }).waitFor();
      await expect.poll(() => window.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    }
    await ana.picture("desk-settings-pt-dark");
    const dialog = ana.window.getByRole("dialog", { name: "Preferências" });
    await dialog.getByRole("button", { name: "Mostrar uma notificação de teste" }).click();
    await dialog.getByText(/O sistema mostrou a notificação/).waitFor();
    await dialog.getByRole("combobox", { name: "Tema" }).selectOption("light");
    await dialog.getByRole("combobox", { name: "Idioma" }).selectOption("en");
    await ana.window.getByRole("dialog", { name: "Preferences" }).getByRole("button", { name: "Done" }).click();
  });

  test("[D3] tray and title tell how much is unread, and Go offline is one click there", async () => {
    // Playwright makes a page believe that it is looked at all the time: so it is about a conversation that no window shows
    await caio.send("Ana", "one for the tray");
    await expect.poll(() => trayMenu(desk.app)).toContain("Ana · 1 unread");
    const titles = async () => (await places(desk.app)).map(({ title }) => title);
    await expect.poll(titles).toContain("(1) Ana - Recado");
    await clickTray(desk.app, "Go offline");
    await ana.reads("You are offline.");
    await expect.poll(() => trayMenu(desk.app)).toContain("Go online");
    await clickTray(desk.app, "Go online");
    await ana.isOnline();
  });

  test("[D2] a note tells who and what, and a click opens the very message", async () => {
    await caio.send("Ana", "are you there?");
    await expect.poll(() => notes(desk.app)).toContainEqual({ title: "Caio · 2 new messages", body: "are you there?" });
    await clickNote(desk.app);
    await ana.sees("one for the tray", "are you there?");
    await expect.poll(() => trayMenu(desk.app)).toContain("Ana");
    await expect.poll(async () => (await places(desk.app)).map(({ title }) => title)).toContain("Ana - Recado");
  });

  test("[D5] a page whose process dies is loaded again and shows what it showed", async () => {
    const page = ana.window;
    const crashed = new Promise((resolve) => page.once("crash", resolve));
    await desk.app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows())
        if (window.getTitle().startsWith("Ana")) window.webContents.forcefullyCrashRenderer();
    });
    await crashed;
    // the page that Playwright knew is gone: what is there now is asked through Electron
    await expect.poll(() => shownIn(desk.app, "Ana"), { timeout: 30_000 }).toContain("are you there?");
  });

  test("[D4] windows come back where they were, with what they showed", async () => {
    await desk.app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) {
        const alone = window.getTitle().startsWith("Bia");
        window.restore();
        window.setBounds(alone ? { x: 40, y: 50, width: 420, height: 460 } : { x: 90, y: 60, width: 900, height: 600 });
      }
    });
    // a display moves its windows in its own time
    const sizes = async (): Promise<number[]> => (await places(desk.app)).map(({ bounds }) => bounds.width);
    await expect.poll(sizes).toEqual([900, 420]);
    let before = await places(desk.app);
    const standStill = async (): Promise<boolean> => {
      const now = await places(desk.app);
      const still = isDeepStrictEqual(now, before);
      before = now;
      return still;
    };
    await expect.poll(standStill).toBe(true);
    await desk.quit();
    desk = await launch({ userDataDir: folder });
    await expect.poll(() => places(desk.app), { timeout: 30_000 }).toEqual(before);
    expect(before.map(({ title }) => title).sort()).toEqual(["Ana - Recado", "Bia - Ana - Recado"]);
  });

  test("nothing was complained about on the way", () => {
    expect(other.complaints).toEqual([]);
  });
});

/** What the app hands to the system, kept where a test can see it. */
interface Caught {
  notes: { title: string; body: string; emit: (event: string) => void }[];
  tray: Electron.Menu | undefined;
}

declare global {
  // only in the app that is tested
  var caught: Caught;
}

async function catchSystem(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ Notification, Tray }) => {
    globalThis.caught = { notes: [], tray: undefined };
    Notification.isSupported = () => true;
    Notification.prototype.show = function (this: Electron.Notification) {
      globalThis.caught.notes.push({ title: this.title, body: this.body, emit: (event) => this.emit(event) });
      setImmediate(() => this.emit("show"));
    };
    Notification.prototype.close = () => undefined;
    Tray.prototype.setContextMenu = (menu) => {
      globalThis.caught.tray = menu ?? undefined;
    };
  });
}

const notes = (app: ElectronApplication): Promise<{ title: string; body: string }[]> =>
  app.evaluate(() => globalThis.caught.notes.map(({ title, body }) => ({ title, body })));
const clickNote = (app: ElectronApplication): Promise<void> =>
  app.evaluate(() => void setImmediate(() => globalThis.caught.notes.at(-1)?.emit("click")));

/** every label of the tray's menu, those of its submenus included */
const trayMenu = (app: ElectronApplication): Promise<string[]> =>
  app.evaluate(() => {
    const labels = (menu: Electron.Menu | undefined): string[] =>
      menu?.items.flatMap((item) => [item.label, ...labels(item.submenu)]) ?? [];
    return labels(globalThis.caught.tray);
  });
const clickTray = (app: ElectronApplication, label: string): Promise<void> =>
  app.evaluate((_electron, wanted) => {
    const find = (menu: Electron.Menu | undefined): Electron.MenuItem | undefined =>
      menu?.items.map((item) => (item.label === wanted ? item : find(item.submenu))).find((item) => item);
    const item = find(globalThis.caught.tray);
    if (!item) throw new Error(`no ${wanted} in the tray`);
    // in a turn of its own, as a person's click is: within this one it has lost the answer to the test ("promise was garbage collected")
    setImmediate(() => void Reflect.apply(item.click, item, []));
  }, label);

const places = (app: ElectronApplication): Promise<{ title: string; bounds: Electron.Rectangle }[]> =>
  app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()
      .map((window) => ({ title: window.getTitle(), bounds: window.getNormalBounds() }))
      .sort((a, b) => a.title.localeCompare(b.title)),
  );
const shownIn = (app: ElectronApplication, title: string): Promise<string> =>
  app.evaluate(async ({ BrowserWindow }, wanted) => {
    const window = BrowserWindow.getAllWindows().find((one) => one.getTitle().startsWith(wanted));
    const said: unknown = await window?.webContents.executeJavaScript("document.body.innerText").catch(() => "");
    return String(said);
  }, title);
