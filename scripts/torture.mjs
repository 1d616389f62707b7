import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { buildRelay } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { inProject, runMain } from "./project.mjs";

/**
 * Bundles a script of tests/torture/ and runs it with this Node: it needs the built relay and nothing else.
 * @param {string} entry
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function runTorture(entry, args) {
  await ensureInstalled();
  await buildRelay();
  const { rolldown } = await import("rolldown");
  const folder = inProject("node_modules", ".cache", "recado-torture");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${path.basename(entry, ".ts")}-${process.pid}.mjs`);
  try {
    const made = await rolldown({
      input: inProject(entry),
      platform: "node",
      external: (id) => !id.startsWith(".") && !path.isAbsolute(id),
      // a bundled file still finds what it looks for beside its source
      plugins: [
        {
          name: "where the source was",
          transform: (code, id) => code.replaceAll("import.meta.dirname", JSON.stringify(path.dirname(id))),
        },
      ],
      logLevel: "warn",
    });
    await made.write({ file, format: "esm", codeSplitting: false });
    await made.close();
    const child = spawn(process.execPath, [file, ...args], { stdio: "inherit" });
    // Ctrl+C reaches both; the child ends what it started, and this waits for it
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
    await once(child, "exit");
    return child.exitCode ?? 1;
  } finally {
    rmSync(file, { force: true });
  }
}

if (import.meta.filename === process.argv[1]) {
  await runMain(() => runTorture("tests/torture/main.ts", process.argv.slice(2)));
}
