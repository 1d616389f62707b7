import { createInterface } from "node:readline";
import { z } from "zod";
import { type Outcome, plan, type said } from "../plan.ts";
import { idle, offline, online, paced } from "./workloads.ts";

// The load generator: a process of its own for every measurement, so that none inherits another's garbage.
const say = (line: z.infer<typeof said>): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const lines = createInterface({ input: process.stdin });

/** Says that a server was killed, and waits for the word that it is there again. */
function killed(): Promise<{ port: number }> {
  const restarted = new Promise<{ port: number }>((resolve) => {
    lines.once("line", (line) => resolve(z.object({ port: z.number() }).parse(JSON.parse(line))));
  });
  say({ kind: "killed" });
  return restarted;
}

async function run(): Promise<Outcome> {
  const todo = plan.parse(JSON.parse(process.argv[2] ?? ""));
  switch (todo.workload) {
    case "online":
      return online(todo);
    case "paced":
      return paced(todo);
    case "offline":
      return offline(todo, killed);
    case "idle":
      return idle(todo);
  }
}

run().then(
  (outcome) => {
    say({ kind: "done", outcome });
    process.exit(0);
  },
  (error: unknown) => {
    say({ kind: "failed", why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  },
);
