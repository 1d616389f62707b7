import { runBundled } from "./bundled.mjs";
import { runMain } from "./project.mjs";

await runMain(() => runBundled({ torture: "tests/torture/main.ts" }, process.argv.slice(2)));
