import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const tests = path.resolve(import.meta.dirname, "tests");
const files = readdirSync(tests, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".test.ts"));

const processes = /from "node:child_process"/;
const neighbours = /from "(\.\.?\/[\w./-]+\.ts)"/g;

/**
 * A test that starts processes, itself or through what it imports of the project, gets the machine to itself; the others share
 * it. Read from the imports, so that no list goes stale.
 */
const startsProcesses = (file: string, seen = new Set<string>()): boolean => {
  const place = path.join(tests, file);
  if (seen.has(place) || !existsSync(place)) return false;
  seen.add(place);
  const source = readFileSync(place, "utf8");
  return (
    processes.test(source) ||
    [...source.matchAll(neighbours)].some(([, name = ""]) => startsProcesses(path.join(path.dirname(file), name), seen))
  );
};

const kindOf = (file: string): "e2e" | "renderer" | "node" | "unit" => {
  const name = path.posix.basename(file);
  if (name.startsWith("e2e")) return "e2e";
  if (name.startsWith("renderer")) return "renderer";
  return startsProcesses(file) ? "node" : "unit";
};
const of = (kind: ReturnType<typeof kindOf>): string[] =>
  files.filter((file) => kindOf(file) === kind).map((file) => `tests/${file}`);

export default defineConfig({
  test: {
    allowOnly: false,
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: of("unit"),
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        plugins: [svelte()],
        resolve: { conditions: ["browser"] },
        test: {
          name: "renderer",
          include: of("renderer"),
          environment: "happy-dom",
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "node",
          include: of("node"),
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          globalSetup: "tests/built-first.ts",
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: of("e2e"),
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          globalSetup: "tests/built-first.ts",
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
