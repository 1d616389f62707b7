import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { buildRelay } from "./build.mjs";
import { checkNode, inProject, isInstalled, say, Stop } from "./project.mjs";

// The relay runs in this very process, so that signals, exit codes and flags are its own.
const missing = "Packages are missing or do not fit package-lock.json: run `npm ci` and try again.";
try {
  checkNode();
  if (!existsSync(inProject("node_modules"))) throw new Stop(missing, 2);
  await buildRelay();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  say(error instanceof Stop ? reason : isInstalled() ? `The relay could not be built. ${reason}` : missing);
  process.exit(error instanceof Stop ? error.exitCode : 1);
}
const file = inProject("dist", "relay", "relay.mjs");
process.argv[1] = file;
await import(pathToFileURL(file).href);
