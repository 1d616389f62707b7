import { buildDrill } from "./build.mjs";
import { runHere } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { inProject, runMain } from "./project.mjs";

// A fire drill for a relay: breaks a private one for half a minute and shows that nothing is lost.
await runMain(async () => {
  await ensureInstalled();
  await buildDrill();
  return runHere(inProject("dist", "drill", "command.mjs"), process.argv.slice(2));
});
