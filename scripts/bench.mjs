import { runBundled } from "./bundled.mjs";
import { runMain } from "./project.mjs";

const entries = { bench: "bench/main.ts", load: "bench/load/main.ts", "bare-relay": "bench/servers/bare-relay.ts" };
await runMain(() => runBundled(entries, process.argv.slice(2)));
