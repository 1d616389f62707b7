import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { once } from "node:events";
import { Stop, root } from "./project.mjs";

/**
 * @typedef {object} Outcome
 * @property {number} code the exit code; 1 when a signal ended it
 * @property {string} output both streams, in order of arrival, when they were not shown
 */

/**
 * Runs a program to its end, without a shell. Its output goes to standard error, or is collected when `quiet`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 * @returns {Promise<Outcome>}
 */
export async function run(command, args, { cwd = root, env = process.env, quiet = false } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", 2, 2] });
  let output = "";
  child.stdout?.on("data", (chunk) => (output += chunk));
  child.stderr?.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 127, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Runs a JavaScript file with this Node.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 */
export const runNode = (file, args, options) => run(process.execPath, [file, ...args], options);

/**
 * Runs a JavaScript file with this Node in place of this command: its streams are ours, and a signal reaches it.
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function runHere(file, args) {
  const child = spawn(process.execPath, [file, ...args], { stdio: "inherit" });
  // Ctrl+C reaches both; the child ends what it started, and this waits for it
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
  await once(child, "exit");
  return child.exitCode ?? 1;
}

/**
 * Runs npm through its own JavaScript file: since Node 20.12 Windows refuses to spawn `npm.cmd` without a shell.
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options]
 */
export async function runNpm(args, options) {
  const beside = path.dirname(process.execPath);
  const file = [
    process.env["npm_execpath"],
    path.join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ].find((candidate) => candidate?.endsWith("npm-cli.js") && existsSync(candidate));
  if (file !== undefined) return runNode(file, args, options);
  if (process.platform !== "win32") return run("npm", args, options);
  throw new Stop(
    "npm was not found beside Node: install Node from https://nodejs.org, which brings it, and try again.",
  );
}

/** @param {import("node:child_process").ChildProcess} child @returns {boolean} */
export const isRunning = (child) => child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/**
 * Ends a process by its own pid: asks first, insists after the grace period. Safe to call twice.
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} [graceMs]
 */
export async function end(child, graceMs = 12_000) {
  if (!isRunning(child)) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(insist);
}
