import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { canInstall, installPackages } from "../scripts/system-packages.mjs";
import { compare, type Scale } from "./comparison.ts";
import { contestants, type Contestant, isHere } from "./contestants.ts";
import { writeComparison, writeGrowth, writeProfile } from "./document.ts";
import { figures, type Figures, type GrowthPoint, type Measurement } from "./figures.ts";
import { grow } from "./growth.ts";
import { growthTables } from "./growth-report.ts";
import { canPin, load, pin, raisePriority, serverCore, syncMs } from "./machine.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { profile } from "./profile.ts";
import { comparisonText, tableText } from "./report.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const scaleOf = ({ quick, rounds, kills, seconds, parts }: Options): Scale => ({
  measureMs: 1_000 * seconds,
  offlineMessages: quick ? 5_000 : 20_000,
  idleUsers: quick ? 500 : 2_000,
  besides: quick ? 0 : 20_000,
  rounds,
  kills,
  parts: new Set(parts),
});

/** Those of the asked-for contestants that can run here; what is missing is installed where that needs no asking. */
async function present(asked: readonly Contestant[]): Promise<readonly Contestant[]> {
  const missing = asked
    .filter((contestant) => !isHere(contestant))
    .flatMap(({ package: needed }) => needed?.name ?? []);
  const packages = [...new Set(missing)];
  if (packages.length > 0 && canInstall()) await installPackages(packages);
  else if (packages.length > 0)
    say(`Left out, because they are not installed: ${packages.join(", ")} (Debian, Ubuntu: sudo apt-get install).`);
  return asked.filter(isHere);
}

const versionOf = (name: string): string =>
  spawnSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" }).stdout;

async function run(options: Options): Promise<Figures> {
  const asked = contestants(options.nodeFlags).filter(
    ({ id }) => options.only.length === 0 || options.only.includes(id),
  );
  const here = await present(asked);
  ready();
  const measurements: Measurement[] = [];
  const begin = performance.now();
  const before = { sync: syncMs(tmpdir()), load: load() };
  await compare(here, scaleOf(options), (measurement) => measurements.push(measurement), say);
  return {
    at: new Date().toISOString(),
    quick: options.quick,
    machine: {
      cpu: cpus()[0]?.model ?? "",
      cores: cpus().length,
      pinned: canPin(),
      kernel: release(),
      node: process.version,
      versions: Object.fromEntries(
        here.flatMap(({ package: needed }) => (needed ? [[needed.name, versionOf(needed.name)]] : [])),
      ),
      syncMs: [before.sync, syncMs(tmpdir())],
      load: [before.load, load()],
      seconds: (performance.now() - begin) / 1_000,
    },
    names: Object.fromEntries(here.flatMap(({ variants }) => variants.map(({ id, name }) => [id, name]))),
    measurements,
  };
}

/** Before anybody is started: all of it inherits core and priority. */
function ready(): void {
  raisePriority();
  if (canPin()) pin(serverCore);
  else say("One core, or no taskset: server and load share what there is, so trust ratios only.");
}

async function runGrowth(options: Options): Promise<void> {
  ready();
  const points: GrowthPoint[] = [];
  await grow((point) => points.push(point), say);
  const found = { at: new Date().toISOString(), points };
  for (const { title, cells } of growthTables(found))
    process.stdout.write(`\n${title}\n${cells.map((row) => row.join("  ")).join("\n")}\n`);
  if (options.writeDocs) writeGrowth(found);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(usage);
    return;
  }
  const earlier =
    options.compare === undefined ? undefined : figures.parse(JSON.parse(readFileSync(options.compare, "utf8")));
  if (options.growth) {
    await runGrowth(options);
    return;
  }
  if (options.profile) {
    ready();
    const text = await profile(scaleOf(options), say);
    process.stdout.write(text);
    if (options.writeDocs) writeProfile(text);
    return;
  }
  const found = await run(options);
  const file = options.json ?? path.join(tmpdir(), "recado-bench.json");
  writeFileSync(file, `${JSON.stringify(found, undefined, 1)}\n`);
  process.stdout.write(`${tableText(found)}\n`);
  if (options.writeDocs) writeComparison(found);
  if (earlier) process.stdout.write(`\n${comparisonText(found, earlier)}\n`);
  say(`The figures are in ${file}.`);
}

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
