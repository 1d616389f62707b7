import path from "node:path";
import { type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogueFor, type Text } from "../renderer/text.ts";
import { Device, until } from "./device.ts";
import { type Desktop, launch } from "./e2e-electron.ts";
import { Looker } from "./e2e-looking.ts";
import { type Language, password, Person } from "./e2e-person.ts";
import { type RelayProcess, startRelay } from "./relay-process.ts";

const locales = ["en", "pt-BR"] as const;
const themes = ["light", "dark"] as const;
const looks = locales.flatMap((locale) => themes.map((theme) => ({ locale, theme })));
const wide = { width: 1_040, height: 700 };
/** 1,280 pixels at 400 %: what WCAG 1.4.10 asks for */
const narrowest = { width: 320, height: 640 };

/**
 * Every screen of the real app in both languages and themes: looked at, judged by axe, and read as a screen reader does.
 * The pictures are in test-results/screens, the transcripts in tests/transcripts.
 */
describe("every screen", () => {
  const opened: (() => Promise<unknown>)[] = [];
  const devices = new Map<string, Device>();
  let relay: RelayProcess;
  let desk: Desktop;
  let ana: Person;
  let looker: Looker;
  let page: Page;

  beforeAll(async () => {
    relay = await startRelay({ args: ["--limits", "none"] });
    opened.push(() => relay.close());
    desk = await launch({ env: { RECADO_RELAY: "http://127.0.0.1:4567" } });
    opened.push(() => desk.close());
    page = desk.window;
    page.setDefaultTimeout(20_000);
    await page.setViewportSize(wide);
    looker = await Looker.at(page);
    ana = new Person(page, "Ana");
  });
  afterAll(async () => {
    for (const device of devices.values()) device.drop();
    for (const close of opened.reverse()) await close();
  });

  /** Somebody on the other side, without an app. */
  async function someone(name: string): Promise<Device> {
    const device = new Device(relay.url, name);
    devices.set(name, device);
    await device.connect();
    return device;
  }
  const device = (name: string): Device => {
    const known = devices.get(name);
    if (!known) throw new Error(`no ${name}`);
    return known;
  };

  const dress = async (window: Page, preferences: { locale: Language; theme: "light" | "dark" }) => {
    await window.evaluate(async (wanted) => {
      const { recado } = window as unknown as { recado: { call: (name: string, params: unknown) => Promise<unknown> } };
      await recado.call("preferences:set", wanted);
    }, preferences);
    await window.locator(`html[lang=${preferences.locale}][data-theme=${preferences.theme}]`).waitFor();
  };

  interface Screen {
    readonly name: string;
    readonly show: (text: Text) => Promise<void>;
    /** how one gets away from it; Escape for what lies over the window */
    readonly leave?: (text: Text) => Promise<void>;
  }

  async function walk(screens: readonly Screen[], locale: Language, tail: string): Promise<string[]> {
    const text = catalogueFor(locale);
    const found: string[] = [];
    for (const { name, show, leave } of screens) {
      await show(text);
      found.push(...(await looker.look(`${name}.${tail}`)));
      await leave?.(text);
    }
    return found;
  }

  const button = (name: string | RegExp, window = page) => window.getByRole("button", { name, exact: true });
  const dialog = async (window = page) => window.getByRole("dialog").waitFor();
  const escape = async (window = page) => {
    await window.keyboard.press("Escape");
    await expect.poll(() => window.getByRole("dialog").or(window.getByRole("menu")).count()).toBe(0);
  };
  const nothing = async () => undefined;
  const reload = async () => {
    await page.reload();
  };
  /** A window with no conversation open; a reloaded one shows what it showed, and only a narrow one has a way back. */
  const afresh = async (text: Text) => {
    await page.reload();
    await page.getByText(/^online · /).waitFor({ state: "attached" });
    if (!(await page.getByRole("log").isVisible())) return;
    const size = page.viewportSize() ?? wide;
    await page.setViewportSize(narrowest);
    await button(text.conversation.back).click();
    await page.setViewportSize(size);
  };
  const open = (name: string) => async (text: Text) => {
    await page
      .getByRole("list", { name: text.contacts.label })
      .getByRole("button", { name: new RegExp(`^${name}\\b`) })
      .click();
    await page.getByRole("log").waitFor();
    await expect.poll(() => page.getByRole("log").getAttribute("aria-busy")).toBe("false");
  };

  test.each(looks)("[W4] [W12] signing in, $locale, $theme", async ({ locale, theme }) => {
    await dress(page, { locale, theme });
    const text = catalogueFor(locale);
    const field = (label: string) => page.getByLabel(label, { exact: true });
    const signIn: Screen[] = [
      { name: "sign-in", show: nothing },
      {
        name: "sign-in-refused",
        show: async () => {
          await page.reload();
          const act = page.locator("form .act button.primary");
          if ((await act.innerText()) !== text.signIn.enter) await button(text.signIn.enter).click();
          await field(text.signIn.relay).fill(relay.url);
          await field(text.signIn.name).fill("Ninguem");
          await field(text.signIn.password).fill(password);
          await act.click();
          await page.getByText(text.errors["credentials-invalid"]({ name: "", relay: "" })).waitFor();
        },
      },
      {
        name: "sign-in-create",
        show: async () => {
          await page.reload();
          const act = page.locator("form .act button.primary");
          if ((await act.innerText()) !== text.signIn.create) await button(text.signIn.create).click();
          await button(text.signIn.haveInvite).click();
        },
        leave: reload,
      },
    ];
    expect(await walk(signIn, locale, `${locale}.${theme}`)).toEqual([]);
  });

  test("[W12] sign-in is understood without the screen", async () => {
    for (const locale of locales) {
      await dress(page, { locale, theme: "light" });
      await page.reload();
      await page.locator("form").waitFor();
      await transcript("sign-in", locale, await looker.read("main"));
    }
    await dress(page, { locale: "en", theme: "light" });
    await ana.register(relay.url);
    const understood = button(catalogueFor("en").dismiss);
    if (await understood.isVisible()) await understood.click();
  });

  test("[W12] a contact request, a message and a refusal are understood without the screen", async () => {
    for (const locale of locales) {
      const text = catalogueFor(locale);
      const name = locale === "en" ? "Grace" : "Graça";
      const note = locale === "en" ? "Hello Ana, it is me" : "Oi Ana, sou eu";
      await dress(page, { locale, theme: "light" });
      await looker.listen();
      const other = await someone(name);
      await other.ask("contact:add", { name: "Ana" });
      await other.send("Ana", note);
      await page.getByText(note).first().waitFor();
      const request = await looker.read("nav section");
      await transcript("request", locale, [...request, ...(await looker.heard()).map((line) => `(said: ${line})`)]);

      const me = new Person(page, "Ana", locale);
      await me.accept(name);
      await me.open(name);
      await looker.listen();
      await other.send("Ana", locale === "en" ? "Are you there?" : "Você está aí?");
      await me.write(locale === "en" ? "I am here." : "Estou aqui.");
      await page.getByText(text.message.delivered).first().waitFor();
      await transcript("message", locale, [
        ...(await looker.read("[role=log]")),
        ...(await looker.read("form")),
        ...(await looker.heard()).map((line) => `(said: ${line})`),
      ]);

      // what was written while offline to somebody who has ended the contact meanwhile
      await me.goOffline();
      await me.write(locale === "en" ? "See you" : "Até já");
      await looker.listen();
      await other.ask("contact:remove", { name: "Ana" });
      await me.goOnline();
      await page
        .getByText(new RegExp(`${text.message.refused}\\.`))
        .first()
        .waitFor();
      await transcript("refusal", locale, [
        ...(await looker.read("[role=log]")),
        ...(await looker.heard()).map((line) => `(said: ${line})`),
      ]);
    }
  });

  /** The transcripts are kept and read by people; times and ports are nobody's promise. */
  async function transcript(name: string, locale: Language, lines: readonly string[]): Promise<void> {
    const steady = lines
      .map((line) => line.replace(/\b\d\d:\d\d\b/g, "14:02").replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:4567"))
      .map((line) => line.replace(/Recado \d+\.\d+\.\d+\S*/g, "Recado 1.0.0"));
    const file = path.resolve(import.meta.dirname, `transcripts/${name}.${locale}.txt`);
    await expect(`${steady.join("\n")}\n`).toMatchFileSnapshot(file);
  }

  test("the others come: a reader who is away, one who is here, a stranger, somebody blocked", async () => {
    for (const name of ["Bruno", "Clara", "Zeca", "Davi"]) {
      const other = await someone(name);
      await other.ask("contact:add", { name: "Ana" });
    }
    await dress(page, { locale: "en", theme: "light" });
    await ana.accept("Bruno");
    await ana.accept("Clara");
    const zeca = page.getByRole("group").filter({ hasText: "Zeca" });
    await zeca.getByRole("button", { name: "Block", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
    await someone("Eva");
    await ana.add("Eva");
    await device("Davi").send("Ana", "Oi Ana, é o Davi da monitoria");
    await ana.open("Bruno");
    await device("Bruno").send(
      "Ana",
      "Consegue me mandar a lista até as três?",
      "Vou entrar no laboratório, fico sem rede.",
    );
    await ana.reads(/fico sem rede/);
    await ana.write("Mando sim: https://recado.example.org/lista");
    await until("Bruno has it", () => device("Bruno").bodies("Ana").length === 1);
    device("Bruno").drop();
    await ana.contact("Bruno").filter({ hasText: "offline" }).waitFor();
    await ana.write("Reagentes: etanol 70 %, tampão fosfato, ágar.", "E as luvas acabaram, já pedi mais 🧤");
    await ana.reads(/2 messages (kept|waiting) for Bruno since/i);
    await device("Clara").send("Ana", "Te ligo às 16h, pode ser?");
    await ana.contact("Clara").filter({ hasText: "Te ligo" }).waitFor();
  });

  const screens: Screen[] = [
    { name: "nothing-chosen", show: afresh },
    { name: "away", show: open("Bruno") },
    { name: "unread", show: open("Clara") },
    { name: "pending", show: open("Eva") },
    { name: "blocked", show: open("Zeca") },
    { name: "refused", show: open("Grace") },
    {
      name: "request",
      show: async (text) =>
        page
          .getByRole("group")
          .filter({ hasText: "Davi" })
          .getByRole("button", { name: text.contacts.readAll(1) })
          .click(),
    },
    {
      name: "account-menu",
      show: async (text) => button(text.own.menu("Ana")).click(),
      leave: () => escape(),
    },
    {
      name: "contact-menu",
      show: async (text) => {
        await open("Bruno")(text);
        await button(text.conversation.more("Bruno")).click();
      },
      leave: () => escape(),
    },
    {
      name: "switcher",
      show: async () => {
        await page.keyboard.press("Control+k");
        await dialog();
      },
    },
    { name: "switcher-none", show: async () => page.getByRole("combobox").fill("xyz"), leave: () => escape() },
    {
      name: "shortcuts",
      show: async () => {
        await page.keyboard.press("F1");
        await dialog();
      },
      leave: () => escape(),
    },
    {
      name: "details",
      show: async () => {
        await page.keyboard.press("Control+i");
        await dialog();
      },
      leave: () => escape(),
    },
    {
      name: "waits",
      show: async (text) => {
        await button(text.waits.summary(2, 1)).click();
        await dialog();
      },
      leave: () => escape(),
    },
    {
      name: "add-refused",
      show: async (text) => {
        await page.keyboard.press("Control+Shift+A");
        await page.getByLabel(text.contacts.name, { exact: true }).fill("Ninguem");
        await page.keyboard.press("Enter");
        await page
          .getByRole("dialog")
          .getByText(/Ninguem/)
          .waitFor();
      },
      leave: () => escape(),
    },
    {
      name: "remove",
      show: async (text) => {
        await button(text.contacts.remove).click();
        await dialog();
      },
      leave: () => escape(),
    },
    {
      name: "offline",
      show: async (text) => {
        await page.keyboard.press("Control+Shift+O");
        await page.getByText(text.connection.held).waitFor();
      },
      leave: async (text) => {
        await page.keyboard.press("Control+Shift+O");
        await page.getByText(text.connection.held).waitFor({ state: "detached" });
      },
    },
  ];

  test.each(looks)("[W12] the window, $locale, $theme", async ({ locale, theme }) => {
    await dress(page, { locale, theme });
    expect(await walk(screens, locale, `${locale}.${theme}`)).toEqual([]);
  });

  test.each([looks[0], looks[3]])("[W12] 320 pixels wide, as at 400 %, nothing is cut off", async (look) => {
    if (!look) return;
    await dress(page, look);
    await page.setViewportSize(narrowest);
    const back: Screen["leave"] = (text) => button(text.conversation.back).click();
    const some = ["nothing-chosen", "details", "shortcuts", "switcher", "switcher-none"];
    const narrow: Screen[] = [
      { name: "list", show: afresh },
      { name: "away", show: open("Bruno") },
      ...screens.filter(({ name }) => some.includes(name) && name !== "nothing-chosen"),
      { name: "back", show: async (text) => back(text) },
    ];
    expect(await walk(narrow, look.locale, `${look.locale}.${look.theme}.narrow`)).toEqual([]);
    await page.setViewportSize(wide);
  });

  test("[W12] with colours forced and with more contrast everything is still there", async () => {
    await dress(page, { locale: "en", theme: "light" });
    await open("Bruno")(catalogueFor("en"));
    await page.emulateMedia({ forcedColors: "active" });
    const forced = await looker.look("away.forced-colours");
    await page.emulateMedia({ forcedColors: "none", contrast: "more" });
    const more = await looker.look("away.more-contrast");
    await page.emulateMedia({ contrast: "no-preference" });
    expect([...forced, ...more]).toEqual([]);
  });

  test("[W11] [W12] Tab reaches everything, and shows where it is", async () => {
    await afresh(catalogueFor("en"));
    await open("Bruno")(catalogueFor("en"));
    const stops = await looker.walk(40);
    expect(stops.filter((stop) => stop.startsWith("hidden:"))).toEqual([]);
    for (const name of [/Send/, /Find contact/, /Accept/, /^button Bruno/, /Add contact/, /Go offline/])
      expect(
        stops.some((stop) => name.test(stop)),
        `${String(name)} in ${stops.join("; ")}`,
      ).toBe(true);
  });

  test("[W5] [W12] the relay is gone: said in both languages and themes", async () => {
    await relay.kill();
    for (const { locale, theme } of looks) {
      await dress(page, { locale, theme });
      await button(catalogueFor(locale).connection.retry).waitFor({ timeout: 30_000 });
      expect(await looker.look(`unreachable.${locale}.${theme}`)).toEqual([]);
    }
  });
});
