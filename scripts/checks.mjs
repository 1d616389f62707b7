import { runNode } from "./child.mjs";
import { commandFile, inProject, say } from "./project.mjs";

const cache = (/** @type {string} */ name) => inProject("node_modules", ".cache", "recado-check", name);

/**
 * What is checked without running the program. Each counts as one check in the closing line of `npm test`.
 * `quickly`: what makes a second run cheaper. Lint with types may miss what a change in one file does to another then,
 * which is why `npm test` does without.
 * @type {{ name: string, file: () => string, args: string[], quickly?: string[] }[]}
 */
const checks = [
  ...["wire", "server", "main", "drill", "tests", "scripts"].map((room) => ({
    name: `types of ${room}/`,
    file: () => commandFile("typescript", "tsc"),
    args: ["-p", room],
    quickly: ["--incremental", "--tsBuildInfoFile", cache(`${room}.tsbuildinfo`)],
  })),
  {
    name: "types of renderer/",
    file: () => commandFile("svelte-check"),
    args: ["--tsconfig", "renderer/tsconfig.json", "--fail-on-warnings", "--output", "human"],
  },
  {
    name: "lint",
    file: () => commandFile("eslint"),
    args: [".", "--max-warnings", "0"],
    quickly: ["--cache", "--cache-strategy", "content", "--cache-location", cache("lint")],
  },
  {
    name: "formatting",
    file: () => commandFile("prettier"),
    args: ["--check", "--log-level", "warn", "."],
    quickly: ["--cache", "--cache-strategy", "content", "--cache-location", cache("formatting")],
  },
];

/**
 * Runs every check, two at a time, and shows the output of those that fail.
 * @param {{ quickly?: boolean }} [options] quickly: go by what an earlier run has found
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks({ quickly = false } = {}) {
  const waiting = [...checks];
  const tally = { passed: 0, failed: 0 };
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { code, output } = await runNode(check.file(), [...check.args, ...(quickly ? (check.quickly ?? []) : [])], {
        quiet: true,
      });
      if (code === 0) tally.passed++;
      else tally.failed++;
      say(code === 0 ? `  ok      ${check.name}` : `  FAILED  ${check.name}\n${output.trim()}`);
    }
  };
  await Promise.all([work(), work()]);
  return tally;
}
