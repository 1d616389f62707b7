import { mkdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = path.resolve(import.meta.dirname, "..");

/**
 * Bundles one of our TypeScript files into a script that a worker thread or a child process of plain Node can run,
 * as the release does it: inside node_modules, so that native packages are found from there.
 * @param source from the project's root, e.g. `server/inboxes/embedded/worker.ts`
 */
export async function bundle(source: string): Promise<URL> {
  const folder = path.join(root, "node_modules/.cache/recado-tests");
  await mkdir(folder, { recursive: true });
  // one per test process: files that run side by side do not overwrite each other's
  const file = path.join(folder, `${path.basename(source, ".ts")}-${process.pid}.mjs`);
  const made = await rolldown({
    input: path.join(root, source),
    platform: "node",
    external: (id: string) => !id.startsWith(".") && !path.isAbsolute(id),
    logLevel: "warn",
  });
  await made.write({ file, format: "esm", codeSplitting: false });
  await made.close();
  return pathToFileURL(file);
}
