import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { compare, type Scale } from "./comparison.ts";
import { contestants } from "./contestants.ts";

const frame = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });
const cpuProfile = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: frame })),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
interface HeapNode {
  readonly callFrame: z.infer<typeof frame>;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}
const heapNode: z.ZodType<HeapNode> = z.object({
  callFrame: frame,
  selfSize: z.number(),
  children: z.lazy(() => z.array(heapNode)),
});
const heapProfile = z.object({ head: heapNode });

const linesShown = 15;
const nameOf = ({ functionName, url, lineNumber }: z.infer<typeof frame>): string =>
  `${functionName === "" ? "(anonymous)" : functionName}${url === "" ? "" : ` ${path.basename(url)}:${lineNumber + 1}`}`;

function text(title: string, weights: ReadonlyMap<string, number>, unit: string, scale: number): string {
  const idle = weights.get("(idle)") ?? 0;
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0) - idle;
  const rows = [...weights]
    .filter(([name]) => name !== "(idle)")
    .sort(([, a], [, b]) => b - a)
    .slice(0, linesShown)
    .map(([name, weight]) => {
      const share = ((weight / total) * 100).toFixed(1).padStart(5);
      return `${share} %  ${(weight / scale).toFixed(0).padStart(7)} ${unit}  ${name}`;
    });
  return [title, ...rows, ""].join("\n");
}

const add = (weights: Map<string, number>, name: string, weight: number): void =>
  void weights.set(name, (weights.get(name) ?? 0) + weight);

function cpuText(file: string): string {
  const { nodes, samples, timeDeltas } = cpuProfile.parse(JSON.parse(readFileSync(file, "utf8")));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const weights = new Map<string, number>();
  for (const [i, id] of samples.entries()) add(weights, names.get(id) ?? "", timeDeltas[i] ?? 0);
  const thread = [...weights.keys()].some((name) => name.startsWith("#commit"))
    ? "the inboxes' thread"
    : "the event loop";
  return text(`CPU of ${thread}: own time, of what was not idle`, weights, "ms", 1_000);
}

function heapText(file: string): string {
  const weights = new Map<string, number>();
  const walk = ({ callFrame, selfSize, children }: HeapNode): void => {
    if (selfSize > 0) add(weights, nameOf(callFrame), selfSize);
    for (const child of children) walk(child);
  };
  walk(heapProfile.parse(JSON.parse(readFileSync(file, "utf8"))).head);
  return text("Heap: what was alive at the end, by who allocated it (sampled)", weights, "KiB", 1_024);
}

/** Runs W1 on our relay with Node's profilers and gives the heaviest lines of each. @param scale how long, how often */
export async function profile(scale: Scale, progress: (line: string) => void): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "recado-bench-profile-"));
  try {
    const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--heap-prof", `--heap-prof-dir=${folder}`];
    const ours = contestants(flags).filter(({ id }) => id === "recado-embedded");
    await compare(ours, { ...scale, rounds: 1, parts: new Set(["online"]) }, () => undefined, progress);
    const files = readdirSync(folder).sort();
    const of = (ending: string, read: (file: string) => string): string[] =>
      files.filter((file) => file.endsWith(ending)).map((file) => read(path.join(folder, file)));
    return [...of(".cpuprofile", cpuText), ...of(".heapprofile", heapText)].join("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
