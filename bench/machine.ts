import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { cpus, loadavg, setPriority } from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";

/** Which core does what. Servers on one, the load on the other: neither can take what the other needs. */
export const serverCore = 0;
export const loadCore = 1;

const tick = 10; // milliseconds; Linux counts CPU time in USER_HZ, which is 100 everywhere
const has = (command: string): boolean => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
export const canPin = (): boolean => cpus().length > 1 && has("taskset");

/** Pins this process and all that it starts from now on. */
export function pin(core: number): void {
  spawnSync("taskset", ["-a", "-p", "-c", String(core), String(process.pid)]);
}

/**
 * Puts this process, and all that it starts from now on, before whatever else the machine does, where that is allowed:
 * servers and loads alike, so that a busy machine disturbs less.
 */
export function raisePriority(): void {
  try {
    setPriority(-15);
  } catch {
    // not root: the disturbance is measured and said in any case
  }
}

/** CPU time that a process and its threads have had, in milliseconds; of a process that is gone, 0. */
export function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * tick;
  } catch {
    return 0;
  }
}

/** A process's share of the machine's memory, in KiB (PSS: shared pages are divided among who shares them). */
export function memoryKib(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
}

/** Busy and stolen milliseconds of a core since the machine was started. */
function coreMs(core: number): { busy: number; steal: number } {
  const line = new RegExp(`^cpu${core} (.*)$`, "m").exec(readFileSync("/proc/stat", "utf8"))?.[1] ?? "";
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(" ").map(Number);
  return { busy: (user + nice + system + irq + softirq) * tick, steal: steal * tick };
}

export interface Spent {
  readonly elapsedMs: number;
  /** milliseconds of CPU, by server */
  readonly servers: Readonly<Record<string, number>>;
  readonly otherOnServerCore: number;
  readonly generator: number;
  readonly steal: number;
}

/** Begins to count what the servers and the rest of the machine use. @returns what was used since then */
export function startCounting(servers: Readonly<Record<string, number>>): () => Spent {
  const at = () => ({
    now: performance.now(),
    own: process.cpuUsage(),
    core: coreMs(serverCore),
    servers: Object.fromEntries(Object.entries(servers).map(([name, pid]) => [name, cpuMs(pid)])),
  });
  const begin = at();
  return () => {
    const end = at();
    const elapsedMs = end.now - begin.now;
    const used = Object.fromEntries(
      Object.entries(end.servers).map(([name, ms]) => [name, ms - (begin.servers[name] ?? 0)]),
    );
    const ours = Object.values(used).reduce((sum, ms) => sum + ms, 0);
    const own = (end.own.user + end.own.system - begin.own.user - begin.own.system) / 1_000;
    return {
      elapsedMs,
      servers: used,
      otherOnServerCore: Math.max(0, (end.core.busy - begin.core.busy - ours) / elapsedMs),
      generator: own / elapsedMs,
      steal: (end.core.steal - begin.core.steal) / elapsedMs,
    };
  };
}

/** How long a sync of a small append takes in this folder: median of 50, in milliseconds. */
export function syncMs(folder: string): number {
  const file = path.join(folder, "sync-probe");
  const descriptor = openSync(file, "a");
  const times: number[] = [];
  for (let i = 0; i < 50; i++) {
    const begin = performance.now();
    writeSync(descriptor, "one line of a hundred bytes, as a message would be\n");
    fdatasyncSync(descriptor);
    times.push(performance.now() - begin);
  }
  closeSync(descriptor);
  rmSync(file);
  return times.sort((a, b) => a - b)[25] ?? 0;
}

/** Processes that wait for a core, averaged over a minute. */
export const load = (): number => loadavg()[0] ?? 0;
