import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import path from "node:path";
import { fingerprint, inProject, root, runMain, say } from "./project.mjs";
import { ensureInstalled } from "./install.mjs";

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string[]} sources whose contents decide whether it is stale
 * @property {string} target the folder of dist/ that its files go to
 * @property {string[]} files what must be there afterwards, inside target
 * @property {(to: string) => Promise<void>} make
 */

// A native binary cannot be bundled; Electron brings itself; the last two are optional accelerators that ws asks for and does without.
const external = [
  "electron",
  "@photostructure/sqlite",
  "@node-rs/argon2",
  "bufferutil",
  "utf-8-validate",
  ...builtinModules.flatMap((name) => [name, `node:${name}`]),
];

/**
 * One source file with all it needs as one file.
 * @param {string} entry
 * @param {string} file
 * @param {"esm" | "cjs"} format
 */
async function bundle(entry, file, format) {
  const { rolldown } = await import("rolldown");
  const made = await rolldown({ input: inProject(entry), cwd: root, platform: "node", external, logLevel: "warn" });
  try {
    await made.write({ file, format, codeSplitting: false, sourcemap: true, minify: false });
  } finally {
    await made.close();
  }
}

const shared = ["wire", "package-lock.json", "scripts/build.mjs"];

/** @type {Part} */
const relayPart = {
  name: "relay",
  sources: ["server", ...shared],
  target: "dist/relay",
  files: ["relay.mjs", "inbox-worker.mjs"],
  make: async (to) => {
    await bundle("server/index.ts", path.join(to, "relay.mjs"), "esm");
    await bundle("server/inboxes/embedded/worker.ts", path.join(to, "inbox-worker.mjs"), "esm");
  },
};

/** @type {Part} */
const mainPart = {
  name: "app",
  sources: ["main", "build/tray", ...shared],
  target: "dist/app",
  files: ["main.js", "preload.cjs", "tray"],
  make: async (to) => {
    await bundle("main/index.ts", path.join(to, "main.js"), "esm");
    // A sandboxed preload is loaded as one CommonJS script.
    await bundle("main/preload.ts", path.join(to, "preload.cjs"), "cjs");
    cpSync(inProject("build/tray"), path.join(to, "tray"), {
      recursive: true,
      filter: (file) => !file.endsWith(".svg"),
    });
  },
};

/** What breaks a relay to show that nothing is lost: for `npm run drill`, and for the app, which runs it on dist/relay. @type {Part} */
const drillPart = {
  name: "drill",
  sources: ["drill", "main", "renderer/drill-words.ts", "renderer/text.en.ts", ...shared],
  target: "dist/drill",
  files: ["command.mjs", "driver.mjs", "app.mjs", "relay-child.mjs"],
  make: async (to) => {
    for (const name of ["command", "driver", "app", "relay-child"]) {
      await bundle(`drill/${name}.ts`, path.join(to, `${name}.mjs`), "esm");
    }
  },
};

/** @type {Part} */
const rendererPart = {
  name: "windows",
  sources: ["renderer", ...shared],
  target: "dist/app",
  files: ["renderer"],
  make: async (to) => {
    const { build } = await import("vite");
    await build({
      configFile: inProject("renderer/vite.config.ts"),
      root: inProject("renderer"),
      logLevel: "warn",
      build: {
        outDir: path.join(to, "renderer"),
        emptyOutDir: true,
        // On a busy machine it would print a page of timings, which is no news to who wants the app.
        rolldownOptions: { checks: { bundlerTimings: false, pluginTimings: false } },
      },
    });
  },
};

/**
 * Moves finished files to their place, one rename each: whoever starts meanwhile finds the old or the new, never half of one.
 * @param {string} from
 * @param {string} target
 */
function publish(from, target) {
  mkdirSync(target, { recursive: true });
  const old = mkdtempSync(path.join(inProject("dist"), ".old-"));
  for (const name of readdirSync(from)) {
    const place = path.join(target, name);
    if (existsSync(place)) renameSync(place, path.join(old, name));
    renameSync(path.join(from, name), place);
  }
  rmSync(old, { recursive: true, force: true });
}

/**
 * Builds a part unless what stands in dist/ was made from the same sources.
 * @param {Part} part
 * @returns {Promise<boolean>} whether it had to be built
 */
async function ensure(part) {
  const stamp = inProject("dist", `.${part.name}.stamp`);
  const target = inProject(part.target);
  const wanted = fingerprint(part.sources);
  const whole = part.files.every((file) => existsSync(path.join(target, file)));
  if (whole && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return false;
  say(`Building the ${part.name} ...`);
  mkdirSync(inProject("dist"), { recursive: true });
  const work = mkdtempSync(path.join(inProject("dist"), ".building-"));
  try {
    await part.make(work);
    publish(work, target);
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return true;
}

/** Builds dist/relay when it is stale. @returns {Promise<boolean>} whether it was */
export const buildRelay = () => ensure(relayPart);

/** Builds the main process and the preload when they are stale. @returns {Promise<boolean>} whether they were */
export const buildMain = () => ensure(mainPart);

/** Builds the drill, and the relay that it breaks. @returns {Promise<boolean>} whether anything was stale */
export async function buildDrill() {
  return [await buildRelay(), await ensure(drillPart)].some(Boolean);
}

/** Builds all that the app consists of, whatever of it is stale. @returns {Promise<boolean>} whether anything was */
export async function buildApp() {
  return [await buildMain(), await ensure(rendererPart), await buildDrill()].some(Boolean);
}

if (import.meta.filename === process.argv[1]) {
  await runMain(async () => {
    const begin = performance.now();
    await ensureInstalled();
    const built = [await buildRelay(), await buildApp()].some(Boolean);
    say(built ? `Built in ${((performance.now() - begin) / 1_000).toFixed(1)} s.` : "Everything is up to date.");
  });
}
