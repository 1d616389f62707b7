import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isSound, drillResult } from "../renderer/drill-words.ts";
import { en } from "../renderer/text.en.ts";
import { type DrillProgress } from "../wire/drill.ts";
import { drill } from "./drill.ts";
import { nodeLaunch } from "./node-launch.ts";
import { Processes } from "./processes.ts";

// `npm run drill`: the app's drill, on the command line.
const text = en.drill;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = mkdtempSync(path.join(tmpdir(), "recado-drill-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 40 }));
const processes = new Processes(nodeLaunch);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

let told = 0;
function tell({ done, now }: DrillProgress): void {
  for (const { written } of done.slice(told)) say(`    ${text.written(written)}`);
  told = done.length;
  say(`${now === "prepare" || now === "compare" ? "" : `${done.length + 1}. `}${text.steps[now]}`);
}

say(`${text.title} ${text.safe}`);
say(`What it writes meanwhile is in ${folder}.`);
let code = 2;
try {
  const scripts = {
    relay: path.resolve(import.meta.dirname, "../relay/relay.mjs"),
    app: path.join(import.meta.dirname, "app.mjs"),
  };
  const report = await drill({ launch: processes.launch, scripts, folder, tell });
  say("");
  for (const line of drillResult(text, report)) say(line);
  code = isSound(report) ? 0 : 1;
} catch (error) {
  process.stderr.write(`The drill could not be done: ${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  processes.close();
}
// when all of it is written: who waits for the result waits for nothing else
process.stdout.write("", () => process.exit(code));
