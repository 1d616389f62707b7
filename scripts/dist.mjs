import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";
import { inProject, root, runMain, say, Stop } from "./project.mjs";
import { canInstall, installPackages } from "./system-packages.mjs";

const usage = `Usage: npm run dist -- [targets] [flags]

Targets (default: all of this system's)
  deb rpm AppImage tar.gz   Linux
  nsis portable             Windows
  dmg zip                   macOS
  relay                     the relay, with what it needs: a tar.gz, and a deb where dpkg-deb is

Flags
  --dir             only the app's folder, no installer
  --version X       another version than package.json's, for trying an update
  --out FOLDER      where to put it; default: out
  --quick           packed less tightly, for trying
  --inspect         leave the inspector usable, so that tests can drive the packaged app; never for a release

Environment (docs/releasing.md): RECADO_UPDATE_URL, RECADO_UPDATE_PUBLIC_KEY, RECADO_UPDATE_PRIVATE_KEY, RECADO_DOWNLOAD_PAGE,
and electron-builder's own for signing and notarising.`;

/** @typedef {"linux" | "win" | "mac"} System */
/** @type {Record<System, string[]>} */
const targetsOf = { linux: ["AppImage", "deb", "rpm", "tar.gz"], win: ["nsis", "portable"], mac: ["dmg", "zip"] };
const ownSystem = () => (process.platform === "darwin" ? "mac" : process.platform === "win32" ? "win" : "linux");

/** @param {string} folder @returns {number} bytes in all files below */
const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);

/** @param {number} bytes */
const inMegabytes = (bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`;

function readFlags() {
  const flag = /** @type {const} */ ({ type: "boolean", default: false });
  const text = /** @type {const} */ ({ type: "string" });
  try {
    const options = { dir: flag, quick: flag, inspect: flag, help: flag, version: text, out: text };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const known = [...Object.values(targetsOf).flat(), "relay"];
    const strange = positionals.filter((target) => !known.includes(target));
    if (strange.length > 0) throw new Error(`There is no target ${strange.join(", ")}.`);
    return { ...values, targets: positionals };
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2);
  }
}

/**
 * What this build is told about updates: where they come from, whose signature they carry, and whether the system will believe it.
 * @param {NodeJS.ProcessEnv} env
 */
async function releaseFacts(env) {
  const { publicHalf } = await import("./sign-update.mjs");
  const { RECADO_UPDATE_URL: feed, RECADO_DOWNLOAD_PAGE: downloadPage, RECADO_UPDATE_PRIVATE_KEY: privateKey } = env;
  if (feed !== undefined && !/^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(feed)) {
    throw new Stop("RECADO_UPDATE_URL wants an address that begins with https:// (http:// only on this machine).", 2);
  }
  const updateKey = env["RECADO_UPDATE_PUBLIC_KEY"] ?? (privateKey ? publicHalf(privateKey) : undefined);
  const codeSigned = Boolean(process.platform === "win32" ? (env["WIN_CSC_LINK"] ?? env["CSC_LINK"]) : env["CSC_LINK"]);
  return {
    privateKey,
    publish: feed ? { provider: /** @type {const} */ ("generic"), url: feed } : null,
    recado: { codeSigned, ...(updateKey && { updateKey }), ...(downloadPage && { downloadPage }) },
    notarize: Boolean(env["APPLE_API_KEY"] ?? env["APPLE_ID"] ?? env["APPLE_KEYCHAIN_PROFILE"]),
  };
}

/**
 * Builds the app's folder or its installers for one system.
 * @param {System} system
 * @param {string[]} targets none: only the folder
 * @param {ReturnType<typeof readFlags>} flags
 * @returns {Promise<string[]>} the files made
 */
async function buildFor(system, targets, flags) {
  const { buildApp } = await import("./build.mjs");
  const { electronRuntime } = await import("./electron-runtime.mjs");
  const { writeLicences } = await import("./licences.mjs");
  const { build, Platform } = await import("electron-builder");
  if (system !== ownSystem()) throw new Stop(`${targets.join(", ")} can only be built on its own system.`);
  const runtime = await electronRuntime({ retryOfficial: targets.length > 0 });
  if (runtime.kind === "fallback") {
    say(`Packing the fallback runtime (Electron ${runtime.version}): good for trying and testing, not for releases.`);
  }
  await buildApp();
  writeLicences(inProject("dist", "licences", "packages.txt"));

  const { publish, recado, notarize } = await releaseFacts(process.env);
  const platform = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC }[system];
  // electron-builder marks a folder for the package it makes of it (deb, rpm): an archive of the same folder must not carry the mark.
  const rounds =
    targets.length === 0
      ? [[]]
      : [targets.filter((name) => name === "tar.gz"), targets.filter((name) => name !== "tar.gz")];
  if (system === "linux") process.env["CUSTOM_FPM_PATH"] ??= inProject("scripts", "linux-package.mjs");
  process.env["RECADO_PREBUILDS"] = system === "mac" ? "darwin-*" : `${process.platform}-${process.arch}`;
  if (targets.includes("tar.gz")) await useSystemArchiver();
  /** @type {string[]} */
  const made = [];
  for (const round of rounds) {
    if (targets.length > 0 && round.length === 0) continue;
    const files = await build({
      projectDir: root,
      // without a list electron-builder takes that of its configuration, which names the processors as well
      targets: platform.createTarget(targets.length === 0 ? "dir" : system === "linux" ? round : null),
      publish: "never",
      config: {
        electronDist: runtime.directory,
        electronVersion: runtime.version,
        directories: { output: flags.out ?? "out" },
        publish,
        mac: { notarize, ...(recado.codeSigned ? {} : { identity: null }) },
        extraMetadata: {
          ...(flags.version && { version: flags.version }),
          homepage: recado.downloadPage ?? "https://recado.invalid/",
          recado,
        },
        ...(flags.quick ? { deb: { compression: /** @type {const} */ ("gz") } } : {}),
        ...(flags.inspect ? { electronFuses: { enableNodeCliInspectArguments: true } } : {}),
      },
    });
    made.push(...files);
  }
  return made;
}

/** electron-builder fetches its own 7-Zip; where the system has one or can get one, that is as good and needs nobody else. */
async function useSystemArchiver() {
  const archiver = "/usr/bin/7za";
  const isThere = () => statSync(archiver, { throwIfNoEntry: false }) !== undefined;
  if (!isThere() && canInstall()) await installPackages(["p7zip-full"]);
  if (isThere()) process.env["ELECTRON_BUILDER_7ZIP_PATH"] ??= archiver;
}

/** @param {string} folder @returns {string[]} what a person downloads or an updater reads */
const publishedIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(builder-|SHA256SUMS$)/.test(entry.name))
    .map(({ name }) => name)
    .sort();

/** @param {string} folder */
function writeChecksums(folder) {
  const lines = publishedIn(folder).map((name) => {
    const hash = createHash("sha256").update(readFileSync(path.join(folder, name)));
    return `${hash.digest("hex")}  ${name}\n`;
  });
  writeFileSync(path.join(folder, "SHA256SUMS"), lines.join(""));
}

await runMain(async () => {
  const flags = readFlags();
  if (flags.help) return say(usage);
  const begin = performance.now();
  await ensureInstalled();
  process.chdir(root);
  const out = path.resolve(flags.out ?? "out");
  rmSync(path.join(out, "SHA256SUMS"), { force: true });

  const own = ownSystem();
  const apps = flags.targets.filter((target) => target !== "relay");
  const wantsRelay = flags.targets.length === 0 ? !flags.dir && own === "linux" : flags.targets.includes("relay");
  /** @type {string[]} */
  const made = [];
  if (flags.targets.length === 0 || apps.length > 0) {
    const wanted = flags.dir ? [] : apps.length > 0 ? apps : targetsOf[own];
    for (const system of /** @type {System[]} */ (["linux", "win", "mac"])) {
      const its = wanted.filter((target) => targetsOf[system].includes(target));
      if (its.length > 0 || (wanted.length === 0 && system === own)) made.push(...(await buildFor(system, its, flags)));
    }
  }
  if (wantsRelay) {
    const { packRelay } = await import("./dist-relay.mjs");
    made.push(...(await packRelay(out, flags.version)));
  }
  const { privateKey, publish } = await releaseFacts(process.env);
  if (publish && privateKey) {
    const { signAnnouncements } = await import("./sign-update.mjs");
    say(`Signed ${signAnnouncements(out, privateKey).join(", ")}.`);
  }
  if (made.length > 0) writeChecksums(out);
  for (const file of made) if (statSync(file).isFile()) say(`${file} (${inMegabytes(statSync(file).size)})`);
  for (const entry of readdirSync(out, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.endsWith("unpacked")) continue;
    const folder = path.join(out, entry.name);
    const own = sizeOf(path.join(folder, "resources"));
    say(`${folder} (${inMegabytes(sizeOf(folder))}, of which ${inMegabytes(own)} are not Electron)`);
  }
  say(`Packed in ${((performance.now() - begin) / 1_000).toFixed(0)} s.`);
  return 0;
});
