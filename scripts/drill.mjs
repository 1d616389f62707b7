import { runBundled } from "./bundled.mjs";
import { runMain } from "./project.mjs";

// A fire drill for a relay: breaks a private one for half a minute and shows that nothing is lost.
await runMain(() => runBundled({ drill: "tests/torture/drill-main.ts" }, process.argv.slice(2)));
