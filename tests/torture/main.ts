import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { everything } from "./chaos.ts";
import { isPlanted, plantedFaults } from "./planted.ts";
import { slowReader } from "./slow-reader.ts";
import { isLevel, median, soak } from "./soak.ts";
import { storm } from "./storm.ts";
import { describe, torture } from "./torture.ts";

const usage = `Usage: npm run torture -- [flags]

Breaks a private relay, its apps and its network until the time is over, and counts what was lost (0), doubled (0) or
out of order (0). Everything runs on loopback, in temporary folders, and is ended afterwards.

  --minutes 2        how long
  --amqp             the inboxes in a private RabbitMQ, which is broken as well
  --seed N           the plan of a run that was printed before
  --rolling 20       only planned restarts (SIGTERM) under load, so many of them
  --fault NAME       plants a fault that has to be found (exit 1): ${Object.keys(plantedFaults).join(", ")}
  --storm 500        so many devices that come back at once after a restart
  --soak 500         so many messages a second for --minutes, nothing broken: does memory level off?
  --slow-reader      somebody with 100,000 waiting takes nothing: memory, and everybody else's waiting time
`;

/** the bars of this project, in the order in which they are printed */
const stormLimitMs = 15_000;
const backlog = 100_000;
const mostGrowth = 50; // MiB
const mostP99Ms = 50;
/** what may still come on top in the last third of a soak: a garbage collector's breath, no leak's growth */
const tolerance = { memory: 8, descriptors: 2 };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "2" },
      amqp: { type: "boolean", default: false },
      seed: { type: "string" },
      rolling: { type: "string" },
      fault: { type: "string" },
      storm: { type: "string" },
      soak: { type: "string" },
      "slow-reader": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  if (values.storm !== undefined) return await runStorm(number("storm", values.storm));
  const engine = values.amqp ? "rabbitmq" : "embedded";
  if (values["slow-reader"]) return await runSlowReader(engine);
  const durationMs = number("minutes", values.minutes) * 60_000;
  if (values.soak !== undefined) return await runSoak(engine, number("soak", values.soak), durationMs);
  const { fault } = values;
  if (fault !== undefined && !isPlanted(fault)) throw new Error(`There is no fault "${fault}". Try --help.`);
  const seed = values.seed === undefined ? randomInt(1, 1_000_000_000) : number("seed", values.seed);
  const rolls = values.rolling === undefined ? undefined : number("rolling", values.rolling);
  say(`seed ${seed}, inboxes ${engine}${fault === undefined ? "" : `, planted: ${fault}`}`);
  const report = await torture({
    engine,
    seed,
    durationMs,
    roundMs: fault === undefined ? 40_000 : 8_000,
    ...(fault !== undefined && { fault }),
    ...(rolls !== undefined && {
      rolls,
      plan: { ...everything, relayKills: false, appKills: false, network: false, wishes: false, broker: false },
    }),
    tell: say,
  });
  for (const line of describe(report)) say(line);
  return report.violations.length === 0 ? 0 : 1;
}

async function runStorm(devices: number): Promise<number> {
  let late = 0;
  for (const how of ["kill", "stop"] as const) {
    const { allBackMs, tries } = await storm({ devices, how });
    say(`${devices} devices after a ${how} of the relay: all back after ${seconds(allBackMs)} s, in ${tries} tries`);
    if (allBackMs > stormLimitMs) late++;
  }
  return late === 0 ? 0 : 1;
}

async function runSlowReader(engine: "embedded" | "rabbitmq"): Promise<number> {
  const report = await slowReader(backlog, engine);
  const grownBy = report.memoryMost - report.memoryBefore;
  say(`${report.waiting} waiting for somebody who takes and never answers:`);
  say(
    `memory ${report.memoryBefore.toFixed(0)} MiB, at most ${report.memoryMost.toFixed(0)} MiB: +${grownBy.toFixed(1)}`,
  );
  say(
    `others: p50 ${report.p50Ms.toFixed(1)} ms, p99 ${report.p99Ms.toFixed(1)} ms (before: ${report.calmP99Ms.toFixed(1)} ms)`,
  );
  return grownBy < mostGrowth && report.p99Ms < mostP99Ms ? 0 : 1;
}

async function runSoak(engine: "embedded" | "rabbitmq", rate: number, durationMs: number): Promise<number> {
  const report = await soak({ engine, rate, durationMs, tell: say });
  let growing = 0;
  for (const [name, uses] of report.uses) {
    const each = (["memory", "descriptors"] as const).map((what) => {
      const values = uses.map((use) => use[what]);
      const level = isLevel(values, tolerance[what]);
      if (!level) growing++;
      const third = Math.floor(values.length / 3);
      const thirds = [0, 1, 2].map((at) => median(values.slice(at * third, (at + 1) * third)).toFixed(0));
      return `${what} ${thirds.join(" / ")}${level ? "" : " STILL GROWING"}`;
    });
    say(`${name}: ${each.join(", ")} (medians of the three thirds, MiB and open files)`);
  }
  const { sent, lost, doubled, disorder } = report;
  say(
    `sent ${sent} at ${Math.round(sent / (durationMs / 1_000))}/s: lost ${lost}, doubled ${doubled}, disorder ${disorder}`,
  );
  return growing + lost + doubled + disorder === 0 ? 0 : 1;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

function number(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${flag} wants a number above 0. Try --help.`);
  return value;
}

// Ended from outside, it still ends what it started: the processes go with `exit` (processes.ts), the broker by its own pid.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const code = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 2;
});
// not left to end by itself: now and then Node 20 spins for ever in its own cleanup (seen once in 110 runs)
process.stdout.write("", () => process.exit(code));
