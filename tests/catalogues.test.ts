import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { catalogueFor } from "../renderer/text.ts";

// Reads the window's sources, so it runs in Node and not in a page.
describe("the catalogues", () => {
  it("[W4] a key that nothing uses does not stay", () => {
    const folder = path.resolve(import.meta.dirname, "../renderer");
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(svelte|ts)$/.test(file) && !/text\.(pt-BR|en)\.ts$/.test(file))
      .map((file) => readFileSync(path.join(folder, file), "utf8"))
      .join("\n");
    // chosen by a value of the contract (a state, a theme, a code), not by name
    const byValue = new Set([
      "errors",
      "locales",
      "themes",
      "off",
      "failed",
      "ready",
      "pending",
      "requested",
      "blocked",
      "former",
      "online",
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
});
