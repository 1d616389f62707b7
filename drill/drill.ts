import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { drillStep, type DrillProgress, type DrillReport, type DrillStep } from "../wire/drill.ts";
import { AppProcess } from "./app-process.ts";
import { type Launch } from "./child.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { Journal } from "./journal.ts";
import { RelayKeeper } from "./relay-keeper.ts";
import { readShown, readTally } from "./shown.ts";
import { until } from "./until.ts";
import { judge, type Evidence, type Judgement, type Offence } from "./verdict.ts";

export interface DrillNeeds {
  readonly launch: Launch;
  /** the relay and the headless app, as `launch` knows them */
  readonly scripts: { readonly relay: string; readonly app: string };
  /** an empty folder for all that is written; whoever made it removes it */
  readonly folder: string;
  /** what to break; default: everything, in the order of the contract */
  readonly steps?: readonly BreakingStep[];
  readonly env?: Readonly<Record<string, string>>;
  readonly tell: (progress: DrillProgress) => void;
}

export type BreakingStep = Exclude<DrillStep, "prepare" | "compare">;
const breaksSomething = (step: DrillStep): step is BreakingStep => step !== "prepare" && step !== "compare";

const names = ["ana", "bia"] as const;
const arrivalLimitMs = 60_000;
/** gives up earlier when everybody is connected and nothing has moved for so long */
const stillLimitMs = 12_000;
const findingsTold = 20;

interface Stage {
  readonly relay: RelayKeeper;
  readonly way: FaultProxy;
  readonly writer: AppProcess;
  readonly reader: AppProcess;
  readonly journal: Journal;
}

/**
 * Two throw-away accounts talk over a private relay while that is cut, killed and restarted; then what was written is
 * compared with what is shown (D1, D2). Ends every process it started.
 * @throws Error when it could not be done, which says nothing about messages
 */
export async function drill(needs: DrillNeeds): Promise<DrillReport> {
  const begin = performance.now();
  const done: { step: DrillStep; written: number }[] = [];
  const now = (step: DrillStep): void => needs.tell({ done: [...done], now: step });
  const closings: (() => Promise<void> | void)[] = [];
  try {
    now("prepare");
    const stage = await prepare(needs, closings);
    const stop = new AbortController();
    const writing = Promise.all(appsOf(stage).map((app) => write(app, stage.journal, stop.signal)));
    try {
      for (const step of needs.steps ?? drillStep.options.filter(breaksSomething)) {
        const before = stage.journal.written.size;
        now(step);
        await acts[step](stage);
        await pause(1_500); // they go on writing meanwhile: that is what is tried
        done.push({ step, written: stage.journal.written.size - before });
      }
    } finally {
      stop.abort();
      await writing;
    }
    now("compare");
    await untilArrived(stage);
    return reportOf(judge(evidenceOf(stage)), stage, done, performance.now() - begin);
  } finally {
    for (const close of closings.toReversed()) await close();
  }
}

async function prepare(needs: DrillNeeds, closings: (() => Promise<void> | void)[]): Promise<Stage> {
  const { launch, scripts, folder, env = {} } = needs;
  const relay = await RelayKeeper.open({
    ...{ launch, env, script: scripts.relay, data: path.join(folder, "relay"), args: [] },
  });
  closings.push(() => relay.close());
  const way = await FaultProxy.open(() => relay.port);
  closings.push(() => way.close());
  const journal = new Journal(path.join(folder, "attempts"));
  closings.push(() => journal.close());
  const [writer, reader] = names.map((name) => {
    const place = { label: name, account: name, folder: path.join(folder, name), script: scripts.app, launch, env };
    const app = new AppProcess(place, () => undefined);
    closings.push(() => app.close());
    return app;
  });
  if (!writer || !reader) throw new Error("Two are needed to talk.");
  const stage: Stage = { relay, way, writer, reader, journal };
  for (const app of appsOf(stage)) {
    await app.start();
    await app.ask({ do: "sign-in", relay: way.url, name: app.account, mode: "register" });
  }
  for (const app of appsOf(stage)) await app.ask({ do: "add", name: otherOf(app) });
  await until("the two are contacts", () => appsOf(stage).every((app) => app.mutual.size === 1));
  return stage;
}

const appsOf = ({ writer, reader }: Stage): readonly AppProcess[] => [writer, reader];
const otherOf = (app: AppProcess): string => (app.account === "ana" ? "bia" : "ana");

/** How each thing is broken; both write to each other all the time. */
const acts: Readonly<Record<BreakingStep, (stage: Stage) => Promise<void>>> = {
  "cut-connections": async ({ way }) => way.reset(),
  "kill-relay": ({ relay }) => relay.crash(),
  swallow: async ({ way }) => {
    way.hold();
    await pause(2_000);
    way.heal();
  },
  "kill-reader": ({ reader }) => reader.crash(),
  "cut-messages": async ({ way }) => {
    for (let count = 0; count < 3; count++) {
      way.cutAfter(700);
      await pause(600);
    }
    way.heal();
  },
  "kill-writer": ({ writer }) => writer.crash(),
  "restart-relay": ({ relay }) => relay.roll(),
  "kill-all": async (stage) => {
    stage.relay.killNow();
    await Promise.all([stage.relay.crash(), ...appsOf(stage).map((app) => app.crash())]);
  },
};

async function write(app: AppProcess, journal: Journal, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(40);
    if (!app.ready) continue;
    const { token } = journal.attempt(app.account, app.label, otherOf(app));
    // one that a kill interrupts may have been written or not: its database knows
    const id = await app
      .ask({ do: "write", to: otherOf(app), body: `${token}| a message of the drill` })
      .catch(() => undefined);
    if (id !== undefined) journal.answered(token, id);
  }
}

/** Every message that is in its writer's database is in its reader's, and the writer knows it; or nothing moves any more. */
async function untilArrived(stage: Stage): Promise<void> {
  const apps = appsOf(stage);
  const writtenBy = new Map(
    apps.map((app) => [app.account, readShown(app.folder).filter(({ mine }) => mine === 1).length]),
  );
  let still = { picture: "", since: Date.now() };
  const moved = (picture: string): void => {
    if (picture !== still.picture) still = { picture, since: Date.now() };
  };
  await until(
    "everything has arrived",
    () => {
      const tallies = apps.map((app) => ({ ...readTally(app.folder, app.label), due: writtenBy.get(otherOf(app)) }));
      moved(JSON.stringify([tallies, apps.map(({ connection }) => connection)]));
      return (
        Date.now() - still.since > stillLimitMs ||
        tallies.every(({ received, outbox, unconfirmed, due }) => outbox === 0 && unconfirmed === 0 && received === due)
      );
    },
    arrivalLimitMs,
  ).catch(() => undefined); // the comparison says what is missing
}

const evidenceOf = (stage: Stage): Evidence => ({
  attempts: stage.journal.attempts,
  written: stage.journal.written,
  logs: appsOf(stage).map((app) => ({ device: app.label, account: app.account, rows: readShown(app.folder) })),
  heard: new Map(),
  accusations: [],
  receiptsMayBeGivenUp: false,
});

function reportOf(
  { violations, sent, shown }: Judgement,
  { relay }: Stage,
  done: DrillReport["done"],
  tookMs: number,
): DrillReport {
  const count = (offence: Offence): number => violations.filter((violation) => violation.offence === offence).length;
  const [lost, doubled, disordered] = [count("lost"), count("doubled"), count("disorder")];
  const findings = [...violations.map(({ rule, what }) => `[${rule}] ${what}`), ...relay.complaints];
  return {
    ...{ done, shown, lost, doubled, disordered, tookMs, written: sent },
    otherwise: violations.length + relay.complaints.length - lost - doubled - disordered,
    findings: findings.slice(0, findingsTold),
  };
}
