import { mkdir } from "node:fs/promises";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type CDPSession, type Page } from "playwright";
import { z } from "zod";

const pictures = path.resolve(import.meta.dirname, "../test-results/screens");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Somebody who looks at a window as an auditor does: pictures, axe, what reaches out of the window, and what a screen
 * reader reads. The page is loaded again without its CSP, which forbids what axe needs.
 */
export class Looker {
  private constructor(
    readonly page: Page,
    readonly devtools: CDPSession,
  ) {}

  static async at(page: Page): Promise<Looker> {
    await mkdir(pictures, { recursive: true });
    const devtools = await page.context().newCDPSession(page);
    for (const domain of ["Page.enable", "DOM.enable", "Accessibility.enable"] as const) await devtools.send(domain);
    await devtools.send("Page.setBypassCSP", { enabled: true });
    // a picture, and a contrast, of what has arrived and not of what is on its way
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.reload();
    return new Looker(page, devtools);
  }

  /** Takes the picture of a screen. @returns what is wrong with it: axe's findings, and what reaches out of the window */
  async look(name: string): Promise<string[]> {
    await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
    await this.page.screenshot({ path: path.join(pictures, `${name}.png`) });
    const axe = new AxeBuilder({ page: this.page })
      .setLegacyMode(true)
      .options({ resultTypes: ["violations"] })
      .withTags(rules);
    const { violations } = await axe.analyze();
    const wrong = violations.map(({ id, nodes }) => {
      const where = nodes.map((node) => `${node.html.slice(0, 140)} ${node.any[0]?.message ?? ""}`);
      return `${name}: ${id}: ${where.join(" | ")}`;
    });
    return [...wrong, ...(await this.#outside()).map((what) => `${name}: reaches out of the window: ${what}`)];
  }

  #outside(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll("button, input, textarea, select, h1, h2, h3, p, dd, dt")]
        .filter((element) => element.checkVisibility() && element.closest(".spoken") === null)
        .filter(({ clientWidth }) => clientWidth > 0)
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 120)),
    );
  }

  /** Walks with Tab. @returns for every stop its name, or "hidden: ..." where nothing shows that the focus is there */
  async walk(most: number): Promise<string[]> {
    const stops: string[] = [];
    for (let stop = 0; stop < most; stop++) {
      await this.page.keyboard.press("Tab");
      const at = await this.page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const seen = outlineStyle !== "none" && outlineWidth !== "0px";
        const name = element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40);
        return `${seen ? "" : "hidden: "}${element.tagName.toLowerCase()} ${name}`;
      });
      // past the last one it goes over the page itself to the first
      if (at === undefined) continue;
      if (at === stops[0]) break;
      stops.push(at);
    }
    return stops;
  }

  /** Keeps what live regions say from now on. */
  async listen(): Promise<void> {
    await this.page.evaluate(() => {
      const heard: string[] = [];
      Object.defineProperty(window, "heard", { value: heard, configurable: true });
      new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest(
            '[role="status"], [role="alert"], [aria-live="polite"], [aria-live="assertive"]',
          );
          const said = region?.textContent.replace(/\s+/g, " ").trim() ?? "";
          if (said !== "" && heard.at(-1) !== said) heard.push(said);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  }

  heard(): Promise<string[]> {
    return this.page.evaluate(() => ("heard" in window ? (window.heard as string[]) : []));
  }

  /** The accessibility tree under an element, read in order, as a screen reader would go through it line by line. */
  async read(selector: string): Promise<string[]> {
    const { root } = await this.devtools.send("DOM.getDocument", { depth: 0 });
    const { nodeId } = await this.devtools.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    const { node } = await this.devtools.send("DOM.describeNode", { nodeId });
    const tree = z.object({ nodes: z.array(axNode) }).parse(await this.devtools.send("Accessibility.getFullAXTree"));
    const byId = new Map(tree.nodes.map((one) => [one.nodeId, one]));
    const start = tree.nodes.find((one) => one.backendDOMNodeId === node.backendNodeId);
    return start ? linesOf(start, byId, 0, false) : [];
  }
}

const said = z.object({ value: z.unknown().optional() }).optional();
const axNode = z.object({
  nodeId: z.string(),
  ignored: z.boolean(),
  role: said,
  name: said,
  description: said,
  value: said,
  properties: z.array(z.object({ name: z.string(), value: z.object({ value: z.unknown().optional() }) })).optional(),
  childIds: z.array(z.string()).optional(),
  backendDOMNodeId: z.number().optional(),
});
type AxNode = z.infer<typeof axNode>;

const words = (value: z.infer<typeof said>): string =>
  typeof value?.value === "string" ? value.value.replace(/\s+/g, " ").trim() : "";

/** what is said as one: its text is its name, and only what can be acted on inside of it is read besides */
const whole = new Set([
  "button",
  "link",
  "heading",
  "option",
  "menuitem",
  "menuitemradio",
  "article",
  "switch",
  "combobox",
]);
const acted = new Set(["button", "link", "textbox", "combobox", "switch", "checkbox", "menuitem"]);
const unsaid = new Set([
  "generic",
  "none",
  "InlineTextBox",
  "paragraph",
  "LineBreak",
  "LabelText",
  "image",
  "RootWebArea",
]);

function linesOf(node: AxNode, byId: ReadonlyMap<string, AxNode>, depth: number, inWhole: boolean): string[] {
  const role = words(node.role);
  const name = words(node.name);
  const isText = role === "StaticText";
  const spoken = !node.ignored && !unsaid.has(role) && (isText ? !inWhole && name !== "" : !inWhole || acted.has(role));
  const children = (node.childIds ?? []).flatMap((id) => byId.get(id) ?? []);
  const inside = (deeper: number, within: boolean) => children.flatMap((child) => linesOf(child, byId, deeper, within));
  if (!spoken) return inside(depth, inWhole);
  const line = isText
    ? name
    : [role, name, words(node.value), ...statesOf(node), words(node.description)].filter(Boolean).join(", ");
  return [
    "  ".repeat(depth) + line,
    ...(isText ? [] : inside(depth + 1, inWhole || whole.has(role) || role === "textbox")),
  ];
}

function statesOf(node: AxNode): string[] {
  const states: string[] = [];
  for (const { name, value } of node.properties ?? []) {
    if (
      ["disabled", "focused", "expanded", "checked", "pressed"].includes(name) &&
      (value.value === true || value.value === "true")
    )
      states.push(name);
    if (name === "invalid" && value.value === "true") states.push("invalid");
    if (name === "level") states.push(`level ${String(value.value)}`);
    if (name === "live" && value.value !== "off") states.push("read when it changes");
  }
  return states;
}
