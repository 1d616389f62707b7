import { readFileSync } from "node:fs";
import { runNode, runNpm } from "./child.mjs";
import { Stop, commandFile, inProject, runMain, say } from "./project.mjs";

/** @param {string} name @returns {string} the version in a manifest of ours */
const versionIn = (name) => JSON.parse(readFileSync(inProject(name), "utf8")).version;

// The waiting changes become the next version and its part of the changelog; the lock file follows. Committing is a person's.
await runMain(async () => {
  const before = versionIn("package.json");
  const { code } = await runNode(commandFile("@changesets/cli", "changeset"), ["version"]);
  if (code !== 0) return code;
  const now = versionIn("package.json");
  if (now === before) throw new Stop("There is no change to release: `npx changeset` describes one.");
  const locked = await runNpm(["install", "--package-lock-only", "--ignore-scripts"], { quiet: true });
  if (locked.code !== 0) throw new Stop(`The lock file could not follow:\n${locked.output.trim()}`);
  say(
    `Version ${now}. Look at CHANGELOG.md, commit, tag it v${now}, and push the tag: the release workflow does the rest.`,
  );
  return 0;
});
