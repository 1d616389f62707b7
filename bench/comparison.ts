import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Contestant, type Variant } from "./contestants.ts";
import { type Measurement } from "./figures.ts";
import { load, type Todo } from "./loader.ts";
import { type Outcome, type Plan } from "./plan.ts";
import { type RunningServer } from "./servers/server.ts";

/** How large everything is; what `performance.md` calls W1, W2 and W3. */
export interface Scale {
  readonly measureMs: number;
  readonly offlineMessages: number;
  readonly idleUsers: number;
  readonly rounds: number;
  /** which of the workloads: online, paced, offline, idle, kill */
  readonly parts: ReadonlySet<string>;
  readonly kills: number;
  /** envelopes that another inbox drains while 500 a second are measured */
  readonly besides: number;
}

const pairs = 100;
const bodyBytes = 100;
/** messages under way per pair in W1: what the peers were measured with */
const window = 16;
/** in W2 */
const offlineWindow = 64;
/** numbers are never used twice on one server */
const offsetStep = 10_000_000;

export type Progress = (line: string) => void;
export type Keep = (measurement: Measurement) => void;

/** Runs every contestant in every round, in turn: what disturbs a round disturbs all of them. */
export async function compare(
  contestants: readonly Contestant[],
  scale: Scale,
  keep: Keep,
  progress: Progress,
): Promise<void> {
  const inRounds = ["online", "paced", "offline"].some((part) => scale.parts.has(part));
  for (let round = 1; inRounds && round <= scale.rounds; round++) {
    for (const contestant of contestants) {
      progress(`round ${round} of ${scale.rounds}: ${contestant.id}`);
      await withServer(contestant, 2 * pairs + 2, progress, (server, store) =>
        measure(contestant, server, store, scale, round, keep),
      );
    }
  }
  for (const contestant of contestants.filter(({ idle }) => idle && scale.parts.has("idle"))) {
    progress(`${scale.idleUsers} idle: ${contestant.id}`);
    await withServer(contestant, scale.idleUsers, progress, async (server) => {
      const [variant] = contestant.variants;
      const todo = { ...basics(contestant, variant, undefined, 0), workload: "idle" } as const;
      const outcome = await load<"idle">(server, { ...todo, users: scale.idleUsers, atOnce: 64, restMs: 3_000 });
      keep({ variant: variant.id, round: 1, outcome });
    });
  }
  for (let run = 1; scale.parts.has("kill") && run <= scale.kills; run++)
    await killAll(contestants, scale, run, keep, progress);
}

async function measure(
  contestant: Contestant,
  server: RunningServer,
  store: string,
  scale: Scale,
  round: number,
  keep: Keep,
): Promise<void> {
  let offset = 0;
  const run = async <W extends Plan["workload"]>(
    variant: Variant,
    rest: Omit<Todo<W>, keyof ReturnType<typeof basics>> & { workload: W },
  ): Promise<void> => {
    if (!scale.parts.has(rest.workload)) return;
    const outcome: Outcome = await load<W>(server, {
      ...basics(contestant, variant, store, offset),
      ...rest,
    });
    offset += offsetStep;
    const beside = "beside" in rest && typeof rest.beside === "number" && rest.beside > 0;
    keep({ variant: variant.id, round, outcome, ...(beside && { beside }) });
  };
  for (const variant of contestant.variants)
    await run<"online">(variant, { workload: "online", window, warmMs: 1_000, measureMs: scale.measureMs, devices: 1 });
  const [first] = contestant.variants;
  const atRate = { workload: "paced", perSecond: 500, measureMs: scale.measureMs } as const;
  await run<"paced">(first, { ...atRate, beside: 0 });
  if (scale.besides > 0 && contestant.protocol === "recado")
    await run<"paced">(first, { ...atRate, beside: scale.besides });
  for (const variant of contestant.variants.filter(({ id }) => contestant.offline.includes(id)))
    await run<"offline">(variant, { workload: "offline", window: offlineWindow, messages: scale.offlineMessages });
}

/** W2 with a kill at a random moment, for every process that can be killed. */
async function killAll(
  contestants: readonly Contestant[],
  scale: Scale,
  run: number,
  keep: Keep,
  progress: Progress,
): Promise<void> {
  for (const contestant of contestants) {
    for (const process of contestant.killed) {
      progress(`kill -9 of ${process}, run ${run} of ${scale.kills}: ${contestant.id}`);
      await withServer(contestant, 2 * pairs + 2, progress, async (server, store) => {
        const variant = contestant.variants.find(({ id }) => contestant.offline.includes(id)) ?? contestant.variants[0];
        const outcome = await load<"offline">(server, {
          ...basics(contestant, variant, store, 0),
          workload: "offline",
          window: offlineWindow,
          messages: scale.offlineMessages,
          kill: { server: process, at: 0.1 + 0.8 * Math.random() },
        });
        keep({ variant: variant.id, round: run, killed: process, outcome });
      });
    }
  }
}

const basics = (contestant: Contestant, variant: Variant, store: string | undefined, offset: number) => ({
  protocol: contestant.protocol,
  ack: variant.ack,
  batched: variant.batched,
  bodyBytes,
  offset,
  pairs,
  firstPair: 0,
  ...(variant.stores && store !== undefined && { store }),
});

async function withServer(
  contestant: Contestant,
  users: number,
  progress: Progress,
  work: (server: RunningServer, store: string) => Promise<void>,
): Promise<void> {
  const store = path.join(tmpdir(), `recado-bench-store-${process.pid}`);
  let server: RunningServer | undefined;
  try {
    server = await contestant.start({ users, devices: 1 });
    await work(server, store);
  } catch (error) {
    // one that fails is a gap in the table, and no reason to lose what the others have shown
    progress(`${contestant.id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    await server?.close();
    await rm(store, { force: true });
  }
}
