import { runMain } from "./project.mjs";
import { runTorture } from "./torture.mjs";

// A fire drill for a relay: breaks a private one for half a minute and shows that nothing is lost.
await runMain(() => runTorture("tests/torture/drill-main.ts", process.argv.slice(2)));
