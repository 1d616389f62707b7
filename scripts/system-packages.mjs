import { existsSync, rmSync, writeFileSync } from "node:fs";
import { run } from "./child.mjs";
import { Stop, say } from "./project.mjs";

/** Debian's package for each shared library that Electron is linked to and a bare system lacks. */
const packageOf = new Map([
  ["libasound.so.2", "libasound2"],
  ["libatk-1.0.so.0", "libatk1.0-0"],
  ["libatk-bridge-2.0.so.0", "libatk-bridge2.0-0"],
  ["libatspi.so.0", "libatspi2.0-0"],
  ["libcairo.so.2", "libcairo2"],
  ["libcups.so.2", "libcups2"],
  ["libdbus-1.so.3", "libdbus-1-3"],
  ["libdrm.so.2", "libdrm2"],
  ["libexpat.so.1", "libexpat1"],
  ["libgbm.so.1", "libgbm1"],
  ["libgio-2.0.so.0", "libglib2.0-0"],
  ["libglib-2.0.so.0", "libglib2.0-0"],
  ["libgobject-2.0.so.0", "libglib2.0-0"],
  ["libgtk-3.so.0", "libgtk-3-0"],
  ["libnspr4.so", "libnspr4"],
  ["libnss3.so", "libnss3"],
  ["libnssutil3.so", "libnss3"],
  ["libsmime3.so", "libnss3"],
  ["libpango-1.0.so.0", "libpango-1.0-0"],
  ["libudev.so.1", "libudev1"],
  ["libX11.so.6", "libx11-6"],
  ["libxcb.so.1", "libxcb1"],
  ["libXcomposite.so.1", "libxcomposite1"],
  ["libXdamage.so.1", "libxdamage1"],
  ["libXext.so.6", "libxext6"],
  ["libXfixes.so.3", "libxfixes3"],
  ["libxkbcommon.so.0", "libxkbcommon0"],
  ["libXrandr.so.2", "libxrandr2"],
  ["libXss.so.1", "libxss1"],
]);

/** What else a window needs to be seen: letters, also the ones in messages. */
export const fonts = ["fonts-liberation", "fonts-noto-color-emoji"];

const apt = "/usr/bin/apt-get";
const startPolicy = "/usr/sbin/policy-rc.d";

/** Whether packages can be installed here without asking anybody. */
export const canInstall = () => process.platform === "linux" && process.getuid?.() === 0 && existsSync(apt);

/**
 * @param {readonly string[]} packages
 * @returns {Promise<string[]>} those that are not installed; all of them where there is no dpkg
 */
export async function missingPackages(packages) {
  const { output } = await run("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\\n", ...packages], {
    quiet: true,
  });
  const present = new Set(output.split("\n").flatMap((line) => line.match(/^(\S+) installed$/)?.[1] ?? []));
  return packages.filter((name) => !present.has(name) && !present.has(`${name}t64`));
}

/**
 * Installs Debian packages and leaves no service running that a package would start by itself (a broker, for one).
 * @param {readonly string[]} packages
 * @throws {Stop} when apt fails
 */
export async function installPackages(packages) {
  say(`Installing system packages: ${packages.join(" ")} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const ownPolicy = !existsSync(startPolicy);
  if (ownPolicy) writeFileSync(startPolicy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const updated = await run(apt, ["update", "-qq"], { env, quiet: true });
    const installed = await run(apt, ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
      env,
      quiet: true,
    });
    if (installed.code === 0) return;
    const last = `${updated.output}\n${installed.output}`.trim().split("\n").slice(-5).join("\n");
    throw new Stop(`apt-get could not install ${packages.join(" ")}: put this right and try again.\n${last}`);
  } finally {
    if (ownPolicy) rmSync(startPolicy, { force: true });
  }
}

/**
 * Makes sure that the shared libraries of an Electron binary are there.
 * @param {string} executable
 * @throws {Stop} naming what to install, where it cannot be installed from here
 */
export async function ensureLibraries(executable) {
  if (process.platform !== "linux") return;
  const lacking = async () => {
    const { output } = await run("ldd", [executable], { quiet: true });
    return output.split("\n").flatMap((line) => line.match(/^\s*(\S+) => not found/)?.[1] ?? []);
  };
  const before = await lacking();
  if (before.length === 0) return;
  const packages = [...new Set(before.map((library) => packageOf.get(library) ?? library))];
  if (canInstall() && before.every((library) => packageOf.has(library))) await installPackages([...packages, ...fonts]);
  const after = await lacking();
  if (after.length === 0) return;
  throw new Stop(
    `Electron lacks system libraries (${after.join(", ")}): install them (Debian, Ubuntu: sudo apt-get install ${packages.join(" ")}) and try again.`,
  );
}
