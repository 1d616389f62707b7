import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** it takes half a minute; a machine that needs longer than this has another problem */
const longestMs = 240_000;

/**
 * The drill of `npm run drill`, which lives in the sources: cuts, kills and restarts a private relay and counts what was lost.
 * An installed app has neither tests nor a relay to break, so there it cannot be run.
 * @param folder where the app runs from
 */
export function drillIn(folder: string): (() => Promise<string | undefined>) | undefined {
  const script = join(folder, "scripts", "drill.mjs");
  if (!existsSync(script) || !existsSync(join(folder, "tests", "torture", "drill.ts"))) return undefined;
  return () => runDrill(folder, script);
}

/** @returns what it said on standard output; `undefined` when it did not come to a result */
function runDrill(folder: string, script: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("node", [script], { cwd: folder, stdio: ["ignore", "pipe", "ignore"], timeout: longestMs });
    let said = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text: string) => (said += text));
    child.on("error", () => resolve(undefined));
    // 1 is a result too: something was lost, and it says what
    child.on("close", (code) => resolve(code === 0 || code === 1 ? said.trim() : undefined));
  });
}
