import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json, whatever the working directory is. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** @param {string[]} parts @returns {string} an absolute path inside the project */
export const inProject = (...parts) => path.join(root, ...parts);

/**
 * One line of progress, on standard error: standard output belongs to what was asked for.
 * @param {string} line
 */
export const say = (line) => void process.stderr.write(`${line}\n`);

/** A failure whose message is meant for the person who typed the command; no stack is shown. */
export class Stop extends Error {
  /**
   * @param {string} message one sentence with a next step
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a command's main function; a {@link Stop} becomes one sentence on standard error, anything else keeps its stack.
 * @param {() => Promise<number | void>} main its number is the exit code
 */
export async function runMain(main) {
  try {
    const code = await main();
    if (typeof code === "number") process.exitCode = code;
  } catch (error) {
    say(
      error instanceof Stop ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
    process.exitCode = error instanceof Stop ? error.exitCode : 1;
  }
}

/**
 * What is read of package.json and of the two lock files; npm itself writes all three.
 * @typedef {{ engines: { node: string }, bin: string | Record<string, string> }} Manifest
 * @typedef {{ packages: Record<string, { integrity?: string, optional?: boolean }> }} Lock
 */

/** @param {string} file @returns {Manifest} */
const readManifest = (file) => JSON.parse(readFileSync(file, "utf8"));

/** @param {string[]} place @returns {Lock["packages"]} */
const readLock = (...place) => {
  /** @type {Lock} */
  const lock = JSON.parse(readFileSync(inProject(...place), "utf8"));
  return lock.packages;
};

/** @throws {Stop} when this Node is older than package.json's `engines` */
export function checkNode() {
  const wanted = readManifest(inProject("package.json")).engines.node.replace(/^>=/, "");
  const [major = 0, minor = 0] = wanted.split(".").map(Number);
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Stop(
    `Recado needs Node ${wanted} or newer, and this is ${process.versions.node}: install a newer one from https://nodejs.org and try again.`,
  );
}

/**
 * Whether node_modules holds what the lock file says. Contents are compared, not times: a checkout touches times at will.
 * @returns {boolean}
 */
export function isInstalled() {
  try {
    const wanted = readLock("package-lock.json");
    const present = readLock("node_modules", ".package-lock.json");
    return Object.entries(wanted).every(
      ([place, entry]) => place === "" || entry.optional || entry.integrity === present[place]?.integrity,
    );
  } catch {
    return false;
  }
}

/**
 * The file behind a package's command, to be run with this Node: no `.cmd` shims, no shell.
 * @param {string} name the package
 * @param {string} [command] when the package has several
 * @returns {string}
 */
export function commandFile(name, command = name) {
  const file = inProject("node_modules", name, "package.json");
  if (!existsSync(file)) throw new Stop(`${name} is missing from node_modules: run \`npm ci\` and try again.`);
  const { bin } = readManifest(file);
  return path.join(path.dirname(file), typeof bin === "string" ? bin : (bin[command] ?? command));
}

/**
 * A fingerprint of files and folders, by content.
 * @param {readonly string[]} places relative to the project
 * @returns {string}
 */
export function fingerprint(places) {
  const hash = createHash("sha256");
  /** @param {string} place */
  const add = (place) => {
    const found = statSync(inProject(place), { throwIfNoEntry: false });
    if (found?.isDirectory()) {
      for (const name of readdirSync(inProject(place)).sort()) add(`${place}/${name}`);
    } else {
      hash.update(`${place}\0`);
      if (found) hash.update(readFileSync(inProject(place)));
      hash.update("\0");
    }
  };
  places.forEach(add);
  return hash.digest("hex");
}
