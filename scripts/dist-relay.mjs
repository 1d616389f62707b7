import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildRelay } from "./build.mjs";
import { run } from "./child.mjs";
import { writeLicences } from "./licences.mjs";
import { Stop, inProject, say } from "./project.mjs";

/** @typedef {{ version: string, description: string, dependencies?: Record<string, string> }} Manifest */

/** @param {string} file @returns {Manifest} */
const readManifest = (file) => JSON.parse(readFileSync(file, "utf8"));

// What cannot be bundled, because it loads a binary of its own.
const native = ["@photostructure/sqlite", "@node-rs/argon2"];

/**
 * Lays out a relay that needs nothing of its machine but the system's C library: Node itself, the bundle, and the two native packages.
 * @param {string} to
 * @param {string} version
 */
async function layOut(to, version) {
  const lib = path.join(to, "lib");
  mkdirSync(path.join(to, "bin"), { recursive: true });
  mkdirSync(lib, { recursive: true });
  copyFileSync(process.execPath, path.join(lib, "node"));
  chmodSync(path.join(lib, "node"), 0o755);
  for (const file of ["relay.mjs", "inbox-worker.mjs"]) cpSync(inProject("dist", "relay", file), path.join(lib, file));
  const binding = `${process.platform}-${process.arch}`;
  const argon2 = `@node-rs/argon2-${binding}${process.platform === "linux" ? "-gnu" : ""}`;
  for (const name of [...native, argon2, "node-gyp-build"]) {
    const from = inProject("node_modules", name);
    if (!existsSync(from)) throw new Stop(`${name} is missing from node_modules: run \`npm ci\` and try again.`);
    cpSync(from, path.join(lib, "node_modules", name), {
      recursive: true,
      // sources, types and the binaries of other machines stay behind
      filter: (place) =>
        !/\.(d\.[cm]?ts|map|md|gyp|c|h|cpp)$|\/src$|musl/.test(place.slice(from.length)) &&
        !(place.includes("/prebuilds/") && !place.includes(`/prebuilds/${binding}`)),
    });
  }
  writeFileSync(
    path.join(lib, "package.json"),
    `${JSON.stringify({ name: "recado-relay", version, type: "module" })}\n`,
  );
  // Found by its own place, through any link to it; exec, so that signals and exit codes are the relay's.
  const starter = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/../lib/node" "$here/../lib/relay.mjs" "$@"
`;
  writeFileSync(path.join(to, "bin", "recado-relay"), starter, { mode: 0o755 });
  writeLicences(path.join(to, "licences", "packages.txt"));
  cpSync(inProject("LICENSE"), path.join(to, "licences", "recado.txt"));
  const places = [
    path.join(process.execPath, "../../LICENSE"),
    "/usr/share/doc/nodejs/LICENSE",
    "/usr/share/doc/nodejs/copyright",
  ];
  const nodes = places.find((file) => existsSync(file));
  if (nodes !== undefined) cpSync(nodes, path.join(to, "licences", "node.txt"));
  cpSync(inProject("docs", "hosting.md"), path.join(to, "hosting.md"));
}

/** Starts what was laid out: a missing file shows here and not on somebody's server. @param {string} folder */
async function tryOut(folder) {
  const relay = path.join(folder, "bin", "recado-relay");
  const data = mkdtempSync(path.join(tmpdir(), "recado-relay-try-"));
  try {
    const { code, output } = await run(relay, ["invite", "--data", data], { quiet: true, cwd: "/" });
    if (code !== 0) throw new Stop(`The packed relay does not run:\n${output.trim()}`);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** @param {string} command @param {readonly string[]} args */
async function must(command, args) {
  const { code, output } = await run(command, args, { quiet: true });
  if (code !== 0) throw new Stop(`${command} failed:\n${output.trim()}`);
}

/**
 * Packs the relay: one tar.gz to unpack and run anywhere on this kind of machine, and one deb with a service.
 * @param {string} out
 * @param {string | undefined} wanted another version than package.json's
 * @returns {Promise<string[]>} the files made
 */
export async function packRelay(out, wanted) {
  if (process.platform !== "linux")
    throw new Stop("The relay is packed on Linux: elsewhere run it with npm run relay.");
  const { version: own, description } = readManifest(inProject("package.json"));
  const version = wanted ?? own;
  await buildRelay();
  mkdirSync(out, { recursive: true });
  const work = mkdtempSync(path.join(tmpdir(), "recado-relay-"));
  try {
    const name = `recado-relay-${version}-linux-${process.arch}`;
    const folder = path.join(work, name);
    await layOut(folder, version);
    await tryOut(folder);
    cpSync(inProject("deploy"), path.join(folder, "deploy"), { recursive: true });
    const archive = path.join(out, `${name}.tar.gz`);
    await must("tar", ["-C", work, "--owner=0", "--group=0", "--numeric-owner", "-czf", archive, name]);
    if (!existsSync("/usr/bin/dpkg-deb")) {
      say("There is no dpkg-deb here, so no deb of the relay was made.");
      return [archive];
    }
    const arch = process.arch === "x64" ? "amd64" : process.arch;
    const deb = path.join(out, `recado-relay_${version}_${arch}.deb`);
    const deploy = (/** @type {string} */ file) => inProject("deploy", "debian", file);
    // the same maker as the app's packages, and the same language
    const { code, output } = await run(
      process.execPath,
      [
        inProject("scripts", "linux-package.mjs"),
        ...["-s", "dir", "-t", "deb", "--name", "recado-relay", "--version", version, "--architecture", arch],
        ...["--maintainer", "Recado contributors <recado@localhost>", "--category", "net", "--package", deb],
        ...["-d", "libc6 (>= 2.28)", "-d", "libstdc++6", "-d", "adduser", "--deb-compression", "xz"],
        ...["--description", `relay of the Recado chat\n${description}`],
        ...[
          "--after-install",
          deploy("postinst"),
          "--before-remove",
          deploy("prerm"),
          "--after-remove",
          deploy("postrm"),
        ],
        ...["--config-files", "/etc/recado-relay.conf"],
        `${folder}/=/usr/lib/recado-relay`,
        `${inProject("deploy", "recado-relay.service")}=/usr/lib/systemd/system/recado-relay.service`,
        `${inProject("deploy", "recado-relay.conf")}=/etc/recado-relay.conf`,
        `${inProject("build", "linux", "copyright")}=/usr/share/doc/recado-relay/copyright`,
      ],
      { quiet: true },
    );
    if (code !== 0) throw new Stop(`The relay's deb could not be made:\n${output.trim()}`);
    return [archive, deb];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
