import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inProject } from "./project.mjs";

/** Built into the window, though only the build needs them as packages. */
const built = ["svelte", "@fontsource-variable/inter"];

/**
 * @typedef {{ version?: string, license?: string, dev?: boolean, dependencies?: Record<string, string> }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lock
 */

/**
 * Gathers the licence texts of every package that what we publish is made of, for which their licences ask.
 * @param {string} file where to write them
 */
export function writeLicences(file) {
  /** @type {Lock} */
  const { packages } = JSON.parse(readFileSync(inProject("package-lock.json"), "utf8"));
  const shipped = Object.entries(packages)
    .filter(([place, { dev }]) => place !== "" && (!dev || built.includes(place.replace(/^node_modules\//, ""))))
    .filter(([place]) => existsSync(inProject(place)))
    .sort(([a], [b]) => a.localeCompare(b));
  const texts = shipped.map(([place, { version, license }]) => {
    const name = place.replace(/^.*node_modules\//, "");
    const files = readdirSync(inProject(place)).filter((entry) => /^(licen[cs]e|copying|notice)/i.test(entry));
    const said = files.map((entry) => readFileSync(inProject(place, entry), "utf8").trim());
    return `${name} ${version} (${license ?? "see below"})\n\n${said.join("\n\n")}\n`;
  });
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `Recado is made with these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`);
}
