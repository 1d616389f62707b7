import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { rolldown, type Plugin } from "rolldown";
import { relayFile } from "../relay-process.ts";
import { plantedFaults, type PlantedFault } from "./planted.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The scripts that the processes of one torture run. */
export interface Bundles {
  readonly app: string;
  readonly relay: string;
  /** Removes them. Safe to call twice. */
  close(): Promise<void>;
}

/** which import is answered by a faulty module: whose import, of what, by what */
const exchanged = {
  relay: [
    ["server/serve.ts", "./inboxes/embedded.ts", "tests/torture/faulty-embedded.ts"],
    ["server/serve.ts", "./inboxes/rabbitmq.ts", "tests/torture/faulty-rabbitmq.ts"],
    ["server/relay.ts", "./socket-link.ts", "tests/torture/faulty-link.ts"],
  ],
  app: [["main/account.ts", "./outbox.ts", "tests/torture/faulty-outbox.ts"]],
} as const;

function exchange(part: keyof typeof exchanged): Plugin {
  const missing = new Set<string>(exchanged[part].map(([, what]) => what));
  return {
    name: "plant a fault",
    resolveId(source, importer) {
      const found = exchanged[part].find(
        ([whose, what]) =>
          what === source && importer !== undefined && path.relative(root, importer) === path.normalize(whose),
      );
      if (!found) return undefined;
      missing.delete(source);
      return path.join(root, found[2]);
    },
    buildEnd() {
      // a file that was renamed must not make every fault unplantable and the torture content
      if (missing.size > 0) throw new Error(`No import to plant a fault into: ${[...missing].join(", ")}`);
    },
  };
}

async function bundle(entry: string, file: string, plugins: readonly Plugin[]): Promise<void> {
  const made = await rolldown({
    input: path.join(root, entry),
    platform: "node",
    external: (id: string) => !id.startsWith(".") && !path.isAbsolute(id),
    plugins: [...plugins],
    logLevel: "warn",
  });
  try {
    await made.write({ file, format: "esm", codeSplitting: false });
  } finally {
    await made.close();
  }
}

/**
 * The headless app, and the relay that is released; with a fault, bundles that have it planted. They lie inside
 * node_modules, so that native packages are found from there.
 */
export async function makeBundles(fault?: PlantedFault): Promise<Bundles> {
  const cache = path.join(root, "node_modules/.cache/recado-torture");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, "run-"));
  const inRun = (name: string): string => path.join(folder, name);
  const part = fault && plantedFaults[fault];
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await bundle("drill/app.ts", inRun("app.mjs"), part === "app" ? [exchange("app")] : []);
    if (part === "relay") {
      await bundle("server/index.ts", inRun("relay.mjs"), [exchange("relay")]);
      await bundle("server/inboxes/embedded/worker.ts", inRun("inbox-worker.mjs"), []);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { app: inRun("app.mjs"), relay: part === "relay" ? inRun("relay.mjs") : relayFile, close };
}
