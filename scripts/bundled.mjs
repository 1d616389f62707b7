import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { buildRelay } from "./build.mjs";
import { runHere } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { inProject } from "./project.mjs";

/**
 * Bundles TypeScript entries side by side and runs the first with this Node: they need the built relay and nothing else.
 * @param {Readonly<Record<string, string>>} entries source file by the name that its bundle gets; the first is run
 * @param {readonly string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function runBundled(entries, args) {
  await ensureInstalled();
  await buildRelay();
  const { rolldown } = await import("rolldown");
  // inside node_modules, so that packages are found from there
  const cache = inProject("node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, "recado-run-"));
  try {
    for (const [name, entry] of Object.entries(entries)) {
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
      await made.write({ file: path.join(folder, `${name}.mjs`), format: "esm", codeSplitting: false });
      await made.close();
    }
    return await runHere(path.join(folder, `${Object.keys(entries)[0]}.mjs`), args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
