import { readFileSync } from "node:fs";
import { Stop, inProject, runMain } from "./project.mjs";

// Prints the changelog's part about one version (default: package.json's), for the release.
await runMain(async () => {
  const version = process.argv[2] ?? JSON.parse(readFileSync(inProject("package.json"), "utf8")).version;
  const parts = readFileSync(inProject("CHANGELOG.md"), "utf8").split(/^## /m);
  const part = parts.find((text) => text.startsWith(`${version}\n`));
  if (part === undefined)
    throw new Stop(`CHANGELOG.md says nothing about ${version}: run npm run release:version first.`);
  process.stdout.write(part.slice(version.length).trim() + "\n");
});
