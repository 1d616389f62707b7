import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AppProcess } from "../../drill/app-process.ts";
import { nodeLaunch } from "../../drill/node-launch.ts";
import { Processes } from "../../drill/processes.ts";
import { readBodies, readTally } from "../../drill/shown.ts";
import { until } from "../../drill/until.ts";
import { startBroker } from "../broker.ts";
import { relayFile, startRelay } from "../relay-process.ts";
import { makeBundles } from "./bundles.ts";

export interface SoakNeeds {
  readonly engine: "embedded" | "rabbitmq";
  readonly durationMs: number;
  /** messages per second, over everybody */
  readonly rate: number;
  readonly tell: (line: string) => void;
}

/** Of one process: resident memory in MiB and open file descriptors. */
export interface Use {
  readonly memory: number;
  readonly descriptors: number;
}

export interface SoakReport {
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
  readonly disorder: number;
  /** per process, over time, evenly spaced */
  readonly uses: ReadonlyMap<string, readonly Use[]>;
}

/** Two people, in both directions. */
const names = ["ana", "bia"] as const;
const partnerOf = (name: string): string => (name === "ana" ? "bia" : "ana");
const burstMs = 40;
const restLimitMs = 60_000;

/** Nothing is broken here: the same load for a long time, to see what grows. */
export async function soak({ engine, durationMs, rate, tell }: SoakNeeds): Promise<SoakReport> {
  const closings: (() => Promise<void> | void)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), "recado-soak-"));
    closings.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const bundles = await makeBundles();
    closings.push(() => bundles.close());
    const processes = new Processes(nodeLaunch);
    closings.push(() => processes.close());
    const broker = engine === "rabbitmq" ? await startBroker() : undefined;
    if (broker) closings.push(() => broker.close());
    const relay = await startRelay({
      file: relayFile,
      data: path.join(folder, "relay"),
      args: ["--limits", "none", ...(broker ? ["--amqp", broker.url] : [])],
    });
    closings.push(() => relay.close());
    const apps = names.map((name) => {
      const { launch } = processes;
      const place = { label: name, account: name, folder: path.join(folder, name), script: bundles.app, launch };
      return new AppProcess(place, () => undefined);
    });
    for (const app of apps) {
      closings.push(() => app.close());
      await app.start();
      await app.ask({ do: "sign-in", relay: relay.url, name: app.account, mode: "register" });
    }
    for (const app of apps) await app.ask({ do: "add", name: partnerOf(app.account) });
    await until("everybody has their contact", () => apps.every((app) => app.mutual.size === 1));

    const watched = new Map([["relay", relay.pid], ...apps.map((app) => [app.label, app.pid] as const)]);
    const sent = new Map(names.map((name) => [name as string, 0]));
    const uses = await load({ apps, watched, sent, durationMs, rate, tell });
    await until(
      "everything has arrived",
      () =>
        apps.every((app) => {
          const { received, outbox, unconfirmed } = readTally(app.folder, app.label);
          return outbox === 0 && unconfirmed === 0 && received >= (sent.get(partnerOf(app.account)) ?? 0);
        }),
      restLimitMs,
    ).catch(() => undefined); // the count says what is missing
    return { ...countAll(apps, sent), uses };
  } finally {
    for (const close of closings.toReversed()) await close();
  }
}

interface Load {
  readonly apps: readonly AppProcess[];
  readonly watched: ReadonlyMap<string, number>;
  readonly sent: Map<string, number>;
  readonly durationMs: number;
  readonly rate: number;
  readonly tell: (line: string) => void;
}

/** Writes at an even rate, catching up when the machine was busy; looks at the processes sixty times. */
async function load({ apps, watched, sent, durationMs, rate, tell }: Load): Promise<Map<string, Use[]>> {
  const uses = new Map([...watched.keys()].map((name): [string, Use[]] => [name, []]));
  const begin = performance.now();
  const lookEveryMs = durationMs / 60;
  let looks = 0;
  let due = 0;
  for (;;) {
    const passed = performance.now() - begin;
    if (passed >= lookEveryMs * (looks + 1)) {
      looks++;
      for (const [name, pid] of watched) uses.get(name)?.push(useOf(pid));
      for (const app of apps) await app.ask({ do: "show", name: partnerOf(app.account) });
      if (looks % 6 === 0) tell(line(passed, sent, uses));
    }
    if (passed >= durationMs) return uses;
    const writes: Promise<unknown>[] = [];
    for (; due < (passed / 1_000) * rate; due++) {
      const app = apps[due % apps.length];
      if (!app) break;
      const place = (sent.get(app.account) ?? 0) + 1;
      sent.set(app.account, place);
      writes.push(
        app.ask({ do: "write", to: partnerOf(app.account), body: `${place}| said in the soak/${app.label}/` }),
      );
    }
    await Promise.all(writes);
    await pause(burstMs);
  }
}

const line = (
  passedMs: number,
  sent: ReadonlyMap<string, number>,
  uses: ReadonlyMap<string, readonly Use[]>,
): string => {
  const total = [...sent.values()].reduce((sum, count) => sum + count, 0);
  const each = [...uses].map(([name, list]) => {
    const last = list.at(-1);
    return last ? `${name} ${last.memory.toFixed(0)} MiB ${last.descriptors} fd` : name;
  });
  return `${(passedMs / 60_000).toFixed(1)} min, ${total} sent: ${each.join(", ")}`;
};

function useOf(pid: number): Use {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { memory: Number(kilobytes) / 1_024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

/** Each reader's log against 1, 2, 3 … of its partner. */
function countAll(apps: readonly AppProcess[], sentBy: ReadonlyMap<string, number>): Omit<SoakReport, "uses"> {
  let [sent, lost, doubled, disorder] = [0, 0, 0, 0];
  for (const app of apps) {
    const total = sentBy.get(partnerOf(app.account)) ?? 0;
    const seen = new Uint8Array(total + 1);
    let last = 0;
    for (const body of readBodies(app.folder)) {
      const place = Number(body.slice(0, body.indexOf("|")));
      if (seen[place]) doubled++;
      else if (place < last) disorder++;
      seen[place] = 1;
      last = Math.max(last, place);
    }
    sent += total;
    for (let place = 1; place <= total; place++) if (!seen[place]) lost++;
  }
  return { sent, lost, doubled, disorder };
}

/** Whether something has stopped growing: the last third against the third before it. */
export function isLevel(values: readonly number[], tolerance: number): boolean {
  const third = Math.floor(values.length / 3);
  const middle = median(values.slice(third, 2 * third));
  const last = median(values.slice(2 * third));
  return last <= middle + tolerance;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
