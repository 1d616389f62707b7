import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Desktop, launch } from "./e2e-electron.ts";
import { Person } from "./e2e-person.ts";
import { type RelayProcess, startRelay } from "./relay-process.ts";

/** What a conversation is made of: writing, answering, finding again. One app, two people, two languages; its steps build on each other. */
describe("a conversation", () => {
  const opened: (() => Promise<unknown>)[] = [];
  let relay: RelayProcess;
  let folder: string;
  let desk: Desktop;
  let ana: Person;
  let bia: Person;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "recado-talk-"));
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    relay = await startRelay({ args: ["--limits", "none"] });
    opened.push(() => relay.close());
    desk = await launch({ userDataDir: folder });
    opened.push(() => desk.quit());
    ana = new Person(desk.window, "Ana", "pt-BR");
    await ana.register(relay.url);
    bia = await ana.openAnother(desk, "Bia");
    await bia.register(relay.url);
    await ana.add("Bia");
    await bia.accept("Ana");
    await ana.open("Bia");
    await bia.open("Ana");
  });
  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    for (const [index, window] of desk.windows().entries())
      await new Person(window, "").picture(`talk-failed-${index}`);
  });

  const field = (person: Person) => person.window.getByRole("textbox", { name: "Mensagem" });
  const article = (person: Person, text: string | RegExp) =>
    person.window.getByRole("article").filter({ hasText: text }).last();

  /** Looked at in both themes, and by axe. */
  async function look(person: Person, name: string): Promise<void> {
    for (const theme of ["light", "dark"] as const) {
      await person.window.evaluate((wanted) => (document.documentElement.dataset["theme"] = wanted), theme);
      await person.picture(`talk-${name}-${theme}`);
      expect(await complaints(person.window), `${name} ${theme}`).toEqual([]);
    }
  }

  test("[W21] an answer quotes, by keyboard alone; the quote leads to the message that it is of", async () => {
    await ana.write("Consegue me mandar a lista de material até as três?");
    await bia.sees("Consegue me mandar a lista de material até as três?");
    await bia.window.getByRole("textbox", { name: "Mensagem" }).focus();
    await bia.window.keyboard.press("Shift+F6");
    await bia.window.keyboard.press("Enter");
    await bia.window.getByRole("button", { name: "Responder", exact: true }).waitFor();
    await bia.window.keyboard.press("Enter");
    await bia.reads("Respondendo a:");
    await bia.window.keyboard.type("Mando sim.");
    await look(bia, "answering");
    await bia.window.keyboard.press("Enter");
    const answer = article(ana, "Mando sim.");
    await answer.waitFor();
    expect(await answer.locator(".body").innerText()).toBe("Mando sim.");
    await answer.hover();
    const actions = answer.getByRole("toolbar");
    await actions.waitFor();
    await look(ana, "answered");
    // what acts on a message hides none of it, and the way to it loses it not
    const [box, beside] = [await answer.boundingBox(), await actions.boundingBox()];
    expect(beside?.x).toBeGreaterThanOrEqual((box?.x ?? 0) + (box?.width ?? 0));
    await ana.window.mouse.move((beside?.x ?? 0) + 20, (beside?.y ?? 0) + 15, { steps: 12 });
    await actions.getByRole("button", { name: "Copiar" }).waitFor();
    await answer.getByRole("button", { name: /^Citação, Você: Consegue/ }).click();
    await expect
      .poll(() => ana.window.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toMatch(/^Você: Consegue/);
  });

  test("[W22] an address is a link, the page never goes there, and what is no address stays text", async () => {
    const text = "veja https://recado.example.org/um e javascript:alert(1) <b>x</b>";
    await ana.write(text);
    const links = article(bia, "recado.example.org").getByRole("link");
    await expect.poll(() => links.allInnerTexts()).toEqual(["https://recado.example.org/um"]);
    await desk.app.evaluate(({ shell }) => {
      Object.assign(globalThis, { wentTo: [] });
      shell.openExternal = async (url) => void (globalThis as unknown as { wentTo: string[] }).wentTo.push(url);
    });
    const before = bia.window.url();
    await links.first().click();
    await expect
      .poll(() => desk.app.evaluate(() => (globalThis as unknown as { wentTo: string[] }).wentTo))
      .toEqual(["https://recado.example.org/um"]);
    expect(bia.window.url()).toBe(before);
  });

  test("an emoji is found by name, by keyboard, and stands large when it is alone", async () => {
    await bia.window.getByRole("button", { name: "Inserir emoji" }).click();
    await bia.window.getByRole("searchbox", { name: "Buscar emoji" }).waitFor();
    await bia.window.getByRole("gridcell").first().waitFor();
    await look(bia, "emoji");
    await bia.window.keyboard.type("luva de boxe");
    await bia.window.getByRole("button", { name: "luva de boxe" }).waitFor();
    await bia.window.keyboard.press("Enter");
    await expect.poll(() => field(bia).inputValue()).toBe("🥊");
    await bia.window.keyboard.press("Enter");
    await ana.sees("🥊");
    await expect.poll(() => article(ana, "🥊").locator(".body.large").count()).toBe(1);
  });

  test("the other side sees that somebody types, and no longer when it has come", async () => {
    await field(bia).pressSequentially("já", { delay: 30 });
    await ana.reads("Bia está escrevendo…");
    await look(ana, "typing");
    await bia.window.keyboard.press("Enter");
    await ana.sees("já");
    await expect.poll(() => ana.window.getByText("Bia está escrevendo…").count()).toBe(0);
  });

  test("[W20] search finds accents aside, marks, and leads to the place, by keyboard alone", async () => {
    for (let batch = 0; batch < 4; batch++) {
      await ana.write(...Array.from({ length: 20 }, (_, at) => `linha ${batch * 20 + at}`));
    }
    await ana.window.keyboard.press("Control+f");
    await ana.window.keyboard.type("ate as TRES");
    await expect.poll(() => ana.window.getByRole("option").count()).toBe(2);
    await expect.poll(() => ana.window.getByRole("option").locator("mark").count()).toBe(6);
    await look(ana, "search");
    await ana.window.keyboard.press("ArrowDown");
    await ana.window.keyboard.press("Enter");
    await expect
      .poll(() => ana.window.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toMatch(/^Você: Consegue/);
    await look(ana, "found");
  });

  test("[W21] the right button has the system's menu, and what is copied there is in the clipboard", async () => {
    const offered = desk.app.evaluate(
      ({ Menu }) =>
        new Promise<string[]>((resolve) => {
          // shown by the system, where no test can click: what is chosen in it is chosen here
          Menu.prototype.popup = function (this: Electron.Menu, options) {
            const copy = this.items.find(({ label }) => label === "Copiar");
            options?.callback?.();
            if (copy) Reflect.apply(copy.click, copy, []);
            resolve(this.items.map(({ label }) => label));
          };
        }),
    );
    await article(bia, "Consegue me mandar").click({ button: "right" });
    expect(await offered).toEqual(["Responder", "Copiar", "", "Apagar daqui…"]);
    await expect.poll(() => desk.app.evaluate(({ clipboard }) => clipboard.readText())).toContain("lista de material");
  });

  test("[W21] what is deleted here is here no more, asks first, and the other keeps theirs", async () => {
    await ana.window.keyboard.press("Delete");
    await look(ana, "delete");
    await ana.window.getByRole("dialog").getByRole("button", { name: "Apagar daqui" }).click();
    await expect.poll(() => ana.messages()).not.toContain("Consegue me mandar a lista de material até as três?");
    await ana.window.keyboard.press("Control+Shift+F");
    await ana.window.keyboard.type("ate as tres");
    // the answer's quote still says it
    await expect.poll(() => ana.window.getByRole("option").count()).toBe(1);
    await ana.window.keyboard.press("Escape");
    expect(await bia.messages()).toContain("Consegue me mandar a lista de material até as três?");
  });

  test("[W9] a draft is in the other window of the account, and there after a restart", async () => {
    const opening = desk.nextWindow();
    await ana.window.keyboard.press("Control+n");
    const second = new Person(await opening, "Ana", "pt-BR");
    const choose = second.window.getByRole("button", { name: /^Ana\b/ });
    const list = second.contact("Bia");
    await list.or(choose).first().waitFor();
    if (!(await list.isVisible())) await choose.first().click();
    await second.open("Bia");
    await field(ana).fill("ainda não enviado");
    await expect.poll(() => field(second).inputValue()).toBe("ainda não enviado");
    await desk.quit();
    desk = await launch({ userDataDir: folder });
    opened.push(() => desk.quit());
    const again = new Person(desk.window, "Ana", "pt-BR");
    const who = again.window.getByRole("button", { name: /^Ana\b/ });
    await again.contact("Bia").or(again.contact("Ana")).or(who).first().waitFor();
    const windows = desk.windows().map((window) => new Person(window, "Ana", "pt-BR"));
    for (const one of windows) {
      if (!(await one.contact("Bia").isVisible())) continue;
      await one.open("Bia");
      expect(await field(one).inputValue()).toBe("ainda não enviado");
      return;
    }
    throw new Error("no window shows Ana's account");
  });
});

/** Axe, in the page's own way: the frame that its builder opens is one that our page may not have. */
async function complaints(window: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: window })
    .setLegacyMode()
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}
