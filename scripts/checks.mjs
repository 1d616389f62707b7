import { runNode } from "./child.mjs";
import { commandFile, say } from "./project.mjs";

/**
 * What is checked without running the program. Each counts as one check in the closing line of `npm test`.
 * @type {{ name: string, file: () => string, args: string[] }[]}
 */
const checks = [
  ...["wire", "server", "main", "tests", "scripts"].map((room) => ({
    name: `types of ${room}/`,
    file: () => commandFile("typescript", "tsc"),
    args: ["-p", room],
  })),
  {
    name: "types of renderer/",
    file: () => commandFile("svelte-check"),
    args: ["--tsconfig", "renderer/tsconfig.json", "--fail-on-warnings", "--output", "human"],
  },
  { name: "lint", file: () => commandFile("eslint"), args: [".", "--max-warnings", "0"] },
  { name: "formatting", file: () => commandFile("prettier"), args: ["--check", "--log-level", "warn", "."] },
];

/**
 * Runs every check, two at a time, and shows the output of those that fail.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks() {
  const waiting = [...checks];
  const tally = { passed: 0, failed: 0 };
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { code, output } = await runNode(check.file(), check.args, { quiet: true });
      if (code === 0) tally.passed++;
      else tally.failed++;
      say(code === 0 ? `  ok      ${check.name}` : `  FAILED  ${check.name}\n${output.trim()}`);
    }
  };
  await Promise.all([work(), work()]);
  return tally;
}
