import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./install.mjs";
import { inProject, runMain, say, Stop } from "./project.mjs";

const usage = `Usage: npm run dist -- [flags]
  --dir              only the app's folder, no installer
  --linux, --mac, --win   for which system; default: this one
  --inspect          leave the inspector usable, so that tests can drive the packaged app; never for a release`;

/** @param {string} folder @returns {number} bytes in all files below */
const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);

/** @param {number} bytes */
const inMegabytes = (bytes) => `${(bytes / 1_000_000).toFixed(1)} MB`;

function readFlags() {
  const flag = /** @type {const} */ ({ type: "boolean", default: false });
  try {
    return parseArgs({ options: { dir: flag, linux: flag, mac: flag, win: flag, inspect: flag, help: flag } }).values;
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2);
  }
}

await runMain(async () => {
  const flags = readFlags();
  if (flags.help) return say(usage);
  await ensureInstalled();

  const { buildApp } = await import("./build.mjs");
  const { electronRuntime } = await import("./electron-runtime.mjs");
  const { build, Platform } = await import("electron-builder");
  const runtime = await electronRuntime({ retryOfficial: !flags.dir });
  const asked = [
    ...(flags.linux ? [Platform.LINUX] : []),
    ...(flags.mac ? [Platform.MAC] : []),
    ...(flags.win ? [Platform.WINDOWS] : []),
  ];
  const platforms = asked.length > 0 ? asked : [Platform.current()];
  if (runtime.kind === "fallback") {
    if (platforms.some((platform) => platform !== Platform.LINUX)) {
      throw new Stop(
        "The fallback runtime is for Linux only: package for other systems where Electron's release host can be reached.",
      );
    }
    say(
      `Packaging with the fallback runtime (Electron ${runtime.version}): good for trying and testing, not for releases.`,
    );
  }
  await buildApp();

  const foreign = platforms.some((platform) => platform !== Platform.current());
  const outputs = await build({
    projectDir: inProject(),
    targets: new Map(platforms.flatMap((platform) => [...platform.createTarget(flags.dir ? "dir" : undefined)])),
    publish: "never",
    config: {
      // The runtime that was resolved, and tried; for another system electron-builder has to fetch that system's.
      ...(foreign ? {} : { electronDist: runtime.directory }),
      electronVersion: runtime.version,
      ...(flags.inspect ? { electronFuses: { enableNodeCliInspectArguments: true } } : {}),
    },
  });
  for (const file of outputs) say(`${file} (${inMegabytes(statSync(file).size)})`);
  for (const entry of readdirSync(inProject("out"), { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = inProject("out", entry.name);
    const own = path.join(folder, "resources");
    const part = statSync(own, { throwIfNoEntry: false })
      ? `, of which ${inMegabytes(sizeOf(own))} are not Electron`
      : "";
    say(`${folder} (${inMegabytes(sizeOf(folder))}${part})`);
  }
  return 0;
});
