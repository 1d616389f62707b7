import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "svelte/compiler";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { shortcutSheet } from "../renderer/shortcuts.ts";
import { catalogueFor } from "../renderer/text.ts";

const project = path.resolve(import.meta.dirname, "..");
const filesOf = (room: string, ending: RegExp) =>
  readdirSync(path.join(project, room), { recursive: true, encoding: "utf8" })
    .filter((file) => ending.test(file) && !/(^|\/)text(\.|\/)/.test(file))
    .map((file) => ({ file: `${room}/${file}`, source: readFileSync(path.join(project, room, file), "utf8") }));

const letters = /\p{L}{2}/u;
/** the product's name, and keys of a keyboard */
const sameEverywhere = /^(?:Recado|Ctrl|Shift|Alt|Esc)$/;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;
const childrenOf = (node: Tree): Tree[] => Object.values(node).flat().filter(isTree);

/** What stands in the markup of a component itself, or is given to an attribute that people read or hear. */
function wordsInMarkup(source: string): string[] {
  const found: string[] = [];
  const note = (said: unknown) => {
    if (typeof said === "string" && letters.test(said) && !sameEverywhere.test(said.trim())) found.push(said.trim());
  };
  const walk = (node: Tree) => {
    const { type } = node;
    if (type === "Attribute") {
      const read = /^(?:aria-label|aria-description|aria-roledescription|alt|title|placeholder|label)$/;
      if (read.test(String(node["name"]))) childrenOf(node).forEach(walk);
      return;
    }
    if (type === "Text") note(node["data"]);
    // in an expression: a sentence has a capital or a space in it, a kind of something has not
    if (type === "Literal" && /^\p{Lu}|\s\p{L}/u.test(String(node["value"]))) note(node["value"]);
    if (type === "CallExpression" || type === "SpreadAttribute" || /Directive$|^AttachTag$/.test(String(type))) return;
    childrenOf(node).forEach(walk);
  };
  walk(parse(source, { modern: true }).fragment as unknown as Tree);
  return found;
}

/** Sentences in the code of the window: two words in one string that is neither an error for the log nor a selector. */
function wordsInCode(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const aside =
      ts.isNewExpression(node) ||
      ts.isImportDeclaration(node) ||
      (ts.isPropertyAssignment(node) && node.name.getText() === "message") ||
      (ts.isCallExpression(node) && /querySelector|closest|matches|matchMedia|replace/.test(node.expression.getText()));
    if (aside) return;
    if (ts.isStringLiteralLike(node) && /\p{L}{2,}[,.:]? \p{L}{2,}/u.test(node.text)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("code.ts", source, ts.ScriptTarget.Latest, true));
  return found;
}

// Reads the window's sources, so it runs in Node and not in a page.
describe("the catalogues", () => {
  it("[W4] a key that nothing uses does not stay", () => {
    const sources = filesOf("renderer", /\.(svelte|ts)$/)
      .map(({ source }) => source)
      .join("\n");
    // chosen by a value of the contract (a state, a theme, a code), not by name; the shortcuts are below
    const byValue = new Set([
      "errors",
      "keys",
      "textSizes",
      "sendKeys",
      "shows",
      "quiets",
      "tested",
      "systemPlaces",
      "steps",
      "locales",
      "themes",
      "groups",
      "off",
      "failed",
      "ready",
      "pending",
      "requested",
      "blocked",
      "former",
      "online",
      "shortcuts",
    ]);
    const unused: string[] = [];
    const walk = (entries: object, prefix: string) => {
      for (const [key, value] of Object.entries(entries) as [string, unknown][]) {
        if (byValue.has(key)) continue;
        if (typeof value === "object" && value) walk(value, `${prefix}${key}.`);
        else if (!new RegExp(`\\.${key}\\b`).test(sources)) unused.push(prefix + key);
      }
    };
    walk(catalogueFor("pt-BR"), "");
    expect(unused).toEqual([]);
  });

  it("[W4] [W11] the sheet has a word for every shortcut, and no other", () => {
    const text = catalogueFor("en");
    const sheet = shortcutSheet(text);
    const shown = [...sheet.map(({ title }) => title), ...sheet.flatMap(({ rows }) => rows.map(({ label }) => label))];
    const { title, or, ...rest } = text.shortcuts;
    expect([title, or].every((words) => words.length > 0)).toBe(true);
    expect(Object.values(rest).sort()).toEqual(shown.sort());
  });

  it("[W4] no word stands in a component or in the window's code", () => {
    const found = [
      ...filesOf("renderer", /\.svelte$/).flatMap(({ file, source }) =>
        wordsInMarkup(source).map((words) => `${file}: ${words}`),
      ),
      ...filesOf("renderer", /\.ts$/).flatMap(({ file, source }) =>
        wordsInCode(source).map((words) => `${file}: ${words}`),
      ),
    ];
    expect(found).toEqual([]);
  });

  it("[W4] and one that stood there would be found", () => {
    expect(wordsInMarkup(`<p>Olá</p>`)).toEqual(["Olá"]);
    expect(wordsInMarkup(`<button aria-label="Fechar" class="button wide">{text.close}</button>`)).toEqual(["Fechar"]);
    expect(wordsInMarkup(`<p class={wide ? "a b" : "c"}>{busy ? "Please wait" : text.done}</p>`)).toEqual([
      "Please wait",
    ]);
    expect(wordsInCode(`say("Something went wrong"); throw new Error("for the log");`)).toEqual([
      "Something went wrong",
    ]);
  });
});
