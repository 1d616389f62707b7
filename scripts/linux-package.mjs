#!/usr/bin/env node
// What electron-builder calls instead of fpm (CUSTOM_FPM_PATH): the same arguments, but the package is made by the tools of the
// system it is for, dpkg-deb and rpmbuild. So it is built the same way everywhere, and nothing has to be fetched for it.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { run } from "./child.mjs";
import { Stop, runMain } from "./project.mjs";

const one = /** @type {const} */ ({ type: "string" });
const many = /** @type {const} */ ({ type: "string", multiple: true });

/** The part of fpm's language that electron-builder speaks; anything else is refused, not ignored. */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      source: { ...one, short: "s" },
      target: { ...one, short: "t" },
      force: { type: "boolean" },
      depends: { ...many, short: "d" },
      "deb-recommends": many,
      "deb-compression": one,
      "deb-priority": one,
      "rpm-compression": one,
      "rpm-os": one,
      "rpm-rpmbuild-define": many,
      "rpm-summary": one,
      architecture: one,
      "after-install": one,
      "before-remove": one,
      "after-remove": one,
      "config-files": many,
      description: one,
      version: one,
      package: one,
      name: one,
      maintainer: one,
      vendor: one,
      url: one,
      category: one,
      license: one,
    },
  });
  const { depends = [], "deb-recommends": recommends = [], "config-files": configFiles = [], ...rest } = values;
  return { ...rest, depends, recommends, configFiles, files: positionals };
}

/** @typedef {ReturnType<typeof readArguments>} Wanted */

/**
 * Lays the files out as they will be installed: `from=to`, a trailing slash on `from` for the contents of a folder.
 * @param {readonly string[]} pairs
 * @param {string} root
 */
function layOut(pairs, root) {
  for (const pair of pairs) {
    const at = pair.lastIndexOf("=");
    const place = path.join(root, pair.slice(at + 1));
    mkdirSync(path.dirname(place), { recursive: true });
    cpSync(pair.slice(0, at), place, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

/** @param {string} root @returns {string[]} all files below, relative to it */
const filesIn = (root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();

/** @param {string} root @returns {string[]} all folders below: rpm removes only those that a package says are its own */
const foldersIn = (root) =>
  existsSync(root)
    ? readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    : [];

/** @param {string} text one line of a description per line, an empty one as its format wants it */
const indented = (text) =>
  text
    .split("\n")
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trim()}`))
    .join("\n");

/** @param {string} command @param {readonly string[]} args */
async function must(command, args) {
  const { code, output } = await run(command, args, { quiet: true });
  if (code === 127) throw new Stop(`${command} is missing: install the package that has it and try again.`);
  if (code !== 0) throw new Stop(`${command} failed:\n${output.trim()}`);
}

/** @param {Wanted} wanted @param {string} work */
async function makeDeb(wanted, work) {
  const root = path.join(work, "root");
  layOut(wanted.files, root);
  const files = filesIn(root);
  const [synopsis = "", ...rest] = (wanted.description ?? "").split("\n");
  const bytes = files.reduce((sum, file) => sum + statSync(path.join(root, file)).size, 0);
  const sums = files.map((file) => {
    const hash = createHash("md5").update(readFileSync(path.join(root, file)));
    return `${hash.digest("hex")}  ${file}\n`;
  });
  const control = path.join(root, "DEBIAN");
  mkdirSync(control);
  const fields = {
    Package: wanted.name,
    Version: wanted.version,
    Architecture: wanted.architecture,
    Maintainer: wanted.maintainer,
    "Installed-Size": String(Math.ceil(bytes / 1_024)),
    Depends: wanted.depends.join(", "),
    Recommends: wanted.recommends.join(", "),
    Section: wanted.category ?? "default",
    Priority: wanted["deb-priority"] ?? "optional",
    Homepage: wanted.url?.endsWith(".invalid/") ? "" : wanted.url,
    Description: [synopsis, ...(rest.length > 0 ? [indented(rest.join("\n"))] : [])].join("\n"),
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value ? [`${name}: ${value}\n`] : []));
  writeFileSync(path.join(control, "control"), lines.join(""));
  writeFileSync(path.join(control, "md5sums"), sums.join(""));
  if (wanted["after-install"]) {
    writeFileSync(path.join(control, "postinst"), readFileSync(wanted["after-install"]), { mode: 0o755 });
  }
  if (wanted["before-remove"]) {
    writeFileSync(path.join(control, "prerm"), readFileSync(wanted["before-remove"]), { mode: 0o755 });
  }
  if (wanted.configFiles.length > 0) {
    // what an administrator has changed survives an upgrade
    writeFileSync(path.join(control, "conffiles"), wanted.configFiles.map((file) => `${file}\n`).join(""));
  }
  if (wanted["after-remove"]) {
    // dpkg calls it for every upgrade as well, and there is nothing to clear away then
    const script = readFileSync(wanted["after-remove"], "utf8");
    const guard = 'case "$1" in remove | purge | disappear) ;; *) exit 0 ;; esac\n';
    writeFileSync(path.join(control, "postrm"), script.replace("\n", `\n${guard}`), { mode: 0o755 });
  }
  const compression = wanted["deb-compression"] === "gz" ? "gzip" : "xz";
  await must("dpkg-deb", ["--root-owner-group", `-Z${compression}`, "--build", root, wanted.package ?? ""]);
}

/** @param {Wanted} wanted @param {string} work */
async function makeRpm(wanted, work) {
  const root = path.join(work, "root");
  layOut(wanted.files, root);
  const script = (/** @type {string | undefined} */ file) =>
    file === undefined
      ? ""
      : readFileSync(file, "utf8")
          .replace(/^#!.*\n/, "")
          .replaceAll("%", "%%");
  const spec = `Name: ${wanted.name}
Version: ${wanted.version?.replaceAll("-", "~")}
Release: 1
Summary: ${wanted["rpm-summary"] ?? wanted.name}
License: ${wanted.license ?? "MIT"}
Vendor: ${wanted.vendor}
${wanted.url?.endsWith(".invalid/") ? "" : `URL: ${wanted.url}`}
Group: ${wanted.category ?? "default"}
AutoReqProv: no
${wanted.depends.map((name) => `Requires: ${name}`).join("\n")}

%description
${wanted.description ?? ""}

%post -p /bin/bash
${script(wanted["after-install"])}

%postun -p /bin/bash
# 0: the last copy goes; an upgrade has nothing to clear away
if [ "$1" -eq 0 ]; then
${script(wanted["after-remove"])}
fi

%files
${foldersIn(path.join(root, "opt"))
  .map((folder) => `%dir "/opt/${folder}"`)
  .join("\n")}
${filesIn(root)
  .map((file) => `"/${file}"`)
  .join("\n")}
`;
  const specFile = path.join(work, "package.spec");
  writeFileSync(specFile, spec);
  const defines = {
    _topdir: path.join(work, "rpmbuild"),
    _rpmdir: path.join(work, "made"),
    _build_name_fmt: "made.rpm",
    // what is packed is finished: no stripping, no byte compiling, no build ids
    __os_install_post: "%{nil}",
    _build_id_links: "none",
    _binary_payload: "w6.xzdio",
  };
  await must("rpmbuild", [
    "-bb",
    `--buildroot=${root}`,
    `--target=${wanted.architecture}`,
    ...Object.entries(defines).flatMap(([name, value]) => ["--define", `${name} ${value}`]),
    specFile,
  ]);
  cpSync(path.join(work, "made", "made.rpm"), wanted.package ?? "");
}

await runMain(async () => {
  const wanted = readArguments();
  const make = new Map([
    ["deb", makeDeb],
    ["rpm", makeRpm],
  ]).get(wanted.target ?? "");
  if (!make) throw new Stop(`There is no way here to make a ${wanted.target} package.`);
  const work = mkdtempSync(path.join(tmpdir(), "recado-package-"));
  try {
    await make(wanted, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
