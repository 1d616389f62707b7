import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureInstalled } from "./install.mjs";
import { inProject, runMain, say } from "./project.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/**
 * What is read of the report that Vitest's JSON reporter writes.
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ name: string, status: string, assertionResults: { status: string }[] }[]} testResults
 */

/** What the suites need of a Debian system besides Electron's own libraries. */
const packages = [
  ...[
    "xvfb",
    "xauth",
    "dbus",
    "gnome-keyring",
    "libsecret-1-0",
    "rabbitmq-server",
    "fonts-liberation",
    "fonts-noto-color-emoji",
  ],
  ...["libgtk-3-0", "libnss3", "libasound2", "libgbm1", "libxss1", "libatk-bridge2.0-0", "libdrm2"],
];

/** Installs what is missing where that can be done without asking; says what to install where it cannot. */
async function prepareSystem() {
  if (process.platform !== "linux") return;
  const { canInstall, installPackages, missingPackages } = await import("./system-packages.mjs");
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  if (canInstall()) return installPackages(missing);
  say(`Some tests need packages that are not here, and will fail: sudo apt-get install ${missing.join(" ")}`);
}

/**
 * Reads Vitest's report. A file that could not even be loaded holds no tests, and is one failure.
 * @param {string} file
 * @param {number} code Vitest's exit code: an error outside of any test fails the run as well
 * @returns {Tally}
 */
function readReport(file, code) {
  /** @type {Report} */
  let report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * Runs Vitest once, with its own output on the screen.
 * @param {readonly string[]} args
 * @returns {Promise<Tally>}
 */
async function runVitest(args) {
  const { runNode } = await import("./child.mjs");
  const { commandFile } = await import("./project.mjs");
  const work = mkdtempSync(path.join(tmpdir(), "recado-test-"));
  try {
    const report = path.join(work, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const { code } = await runNode(commandFile("vitest"), ["run", ...reporters, ...args]);
    return readReport(report, code);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

await runMain(async () => {
  const begin = performance.now();
  const packaged = process.argv.includes("--packaged");
  const filters = process.argv.slice(2).filter((word) => word !== "--packaged");
  await ensureInstalled();
  await prepareSystem();

  const { electronRuntime } = await import("./electron-runtime.mjs");
  const { ensureLibraries } = await import("./system-packages.mjs");
  const { buildApp, buildRelay } = await import("./build.mjs");
  const runtime = await electronRuntime();
  await ensureLibraries(runtime.executable);
  await buildRelay();
  await buildApp();

  /** @type {Tally[]} */
  const tallies = [];
  if (packaged) {
    // the end-to-end suites, on what would be released (with the inspector left on, by which they drive it)
    const { runNode } = await import("./child.mjs");
    const { code } = await runNode(inProject("scripts", "dist.mjs"), ["--dir", "--inspect"]);
    if (code !== 0) return code;
    process.env["RECADO_TEST_APP"] = inProject("out", "linux-unpacked", "recado");
    tallies.push(await runVitest(["--project", "e2e", ...filters]));
  } else if (filters.length > 0) {
    tallies.push(await runVitest(filters));
  } else {
    const { runChecks } = await import("./checks.mjs");
    say("Types, lint, formatting:");
    tallies.push({ ...(await runChecks()), skipped: 0 });
    // The light ones together; then those that start processes, one file at a time, so that nothing they time is crowded.
    tallies.push(await runVitest(["--project", "unit", "--project", "renderer"]));
    tallies.push(await runVitest(["--project", "node"]));
    tallies.push(await runVitest(["--project", "e2e"]));
  }

  const sum = (/** @type {keyof Tally} */ key) => tallies.reduce((total, tally) => total + tally[key], 0);
  const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
  const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
  say(`${minutes} min in ${path.basename(inProject())}, on Electron ${runtime.version} (${runtime.kind}).`);
  process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
});
