import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { canPin, loadCore } from "./machine.ts";
import { type Outcome, type OutcomeOf, plan, type Plan, type PlanOf, said } from "./plan.ts";
import { type RunningServer } from "./servers/server.ts";

/** Plans without what the server itself knows. */
export type Todo<W extends Plan["workload"]> = Omit<PlanOf<W>, "port" | "servers">;

/**
 * Runs one load against a server, in a process of its own on the load's core.
 * @param todo a `Todo<W>`; the plan's schema says whether it is one
 * @throws when it fails
 */
export async function load<W extends Plan["workload"]>(
  server: RunningServer,
  todo: { readonly workload: W } & Readonly<Record<string, unknown>>,
): Promise<OutcomeOf<W>> {
  const file = path.join(path.dirname(process.argv[1] ?? ""), "load.mjs");
  const whole = plan.parse({ ...todo, port: server.port, servers: server.processes });
  const command = [process.execPath, "--max-old-space-size=4096", file, JSON.stringify(whole)];
  const [program = "", ...args] = canPin() ? ["taskset", "-c", String(loadCore), ...command] : command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const killed = whole.workload === "offline" ? (whole.kill?.server ?? "") : "";
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`The load generator ended with ${code}.`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const word = said.parse(JSON.parse(line));
      switch (word.kind) {
        case "killed":
          server
            .restart(killed)
            .then(() => child.stdin.write(`${JSON.stringify({ port: server.port })}\n`))
            .catch(reject);
          break;
        case "failed":
          reject(new Error(word.why));
          break;
        case "done":
          if (isOf(todo, word.outcome)) resolve(word.outcome);
          else reject(new Error("The load generator did something else."));
      }
    });
  });
}

const isOf = <W extends Plan["workload"]>(todo: { readonly workload: W }, outcome: Outcome): outcome is OutcomeOf<W> =>
  todo.workload === outcome.workload;
