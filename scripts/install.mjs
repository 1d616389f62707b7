import { runNpm } from "./child.mjs";
import { Stop, checkNode, isInstalled, say } from "./project.mjs";

/**
 * Makes node_modules what the lock file says; at once when it already is. Uses nothing but Node and npm.
 * @throws {Stop} when this Node is too old or npm fails
 */
export async function ensureInstalled() {
  checkNode();
  if (isInstalled()) return;
  say("Installing packages (npm ci, about half a minute) ...");
  const { code } = await runNpm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) {
    throw new Stop(
      "Installing the packages failed, for the reason above: put that right (often the network) and try again.",
    );
  }
}
