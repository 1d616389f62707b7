import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { relayFile } from "../relay-process.ts";
import { AppProcess } from "./app-process.ts";
import { makeBundles } from "./bundles.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { Journal } from "./journal.ts";
import { Processes } from "./processes.ts";
import { RelayKeeper } from "./relay-keeper.ts";
import { readShown, readTally } from "./shown.ts";
import { until } from "./until.ts";
import { judge, type Evidence, type Judgement } from "./verdict.ts";

/** What is told while it runs, a sentence a line. */
export type Tell = (line: string) => void;

const names = ["ana", "bia"] as const;
const restLimitMs = 60_000;

interface Stage {
  readonly relay: RelayKeeper;
  readonly way: FaultProxy;
  readonly apps: readonly AppProcess[];
  readonly journal: Journal;
}

/**
 * Two throw-away accounts talk over a private relay while that is cut, killed and restarted; then what was written is
 * compared with what is shown. Nothing of anybody's data is touched.
 */
export async function drill(tell: Tell): Promise<Judgement> {
  const closings: (() => Promise<void> | void)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), "recado-drill-"));
    closings.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const bundles = await makeBundles();
    closings.push(() => bundles.close());
    const processes = new Processes();
    closings.push(() => processes.close());
    const relay = await RelayKeeper.open({ file: relayFile, data: path.join(folder, "relay"), args: [] });
    closings.push(() => relay.close());
    const way = await FaultProxy.open(() => relay.port);
    closings.push(() => way.close());
    tell(`A private relay runs at ${relay.url}, and everything it keeps is in ${folder}.`);
    const journal = new Journal(path.join(folder, "attempts"));
    closings.push(() => journal.close());
    const apps = names.map(
      (name) =>
        new AppProcess(
          { label: name, account: name, folder: path.join(folder, name), script: bundles.app },
          processes,
          () => undefined,
        ),
    );
    for (const app of apps) {
      closings.push(() => app.close());
      await app.start();
      await app.ask({ do: "sign-in", relay: way.url, name: app.account, mode: "register" });
    }
    for (const app of apps) await app.ask({ do: "add", name: otherOf(app) });
    await until("the two are contacts", () => apps.every((app) => app.mutual.size === 1));
    tell("Two throw-away accounts, ana and bia, are signed in and write to each other all the time from now on.");
    return await perform({ relay, way, apps, journal }, tell);
  } finally {
    for (const close of closings.toReversed()) await close();
  }
}

const otherOf = (app: AppProcess): string => (app.account === "ana" ? "bia" : "ana");

async function perform(stage: Stage, tell: Tell): Promise<Judgement> {
  const stop = new AbortController();
  const writing = Promise.all(stage.apps.map((app) => write(app, stage.journal, stop.signal)));
  for (const [sentence, act] of steps(stage)) {
    const before = stage.journal.written.size;
    tell(sentence);
    await act();
    await pause(1_500); // they go on writing meanwhile: that is what is tried
    tell(`    ${stage.journal.written.size - before} messages were written meanwhile.`);
  }
  stop.abort();
  await writing;
  tell("Nothing is broken any more. Waiting until everything has arrived ...");
  const begin = performance.now();
  await untilArrived(stage);
  tell(
    `    Everything was there after ${((performance.now() - begin) / 1_000).toFixed(1)} s. Comparing, message by message ...`,
  );
  return judge(evidenceOf(stage));
}

function steps({ relay, way, apps }: Stage): (readonly [string, () => Promise<void>])[] {
  const [ana, bia] = apps;
  return [
    ["1. Every network connection is cut.", async () => way.reset()],
    ["2. The relay is killed (kill -9, like a power cut) and started again.", () => relay.crash()],
    [
      "3. The network swallows everything for 2 seconds.",
      async () => {
        way.hold();
        await pause(2_000);
        way.heal();
      },
    ],
    ["4. The app of bia is killed while messages arrive, and started again.", async () => bia?.crash()],
    [
      "5. A connection is cut in the middle of a message, three times.",
      async () => {
        for (let count = 0; count < 3; count++) {
          way.cutAfter(700);
          await pause(600);
        }
        way.heal();
      },
    ],
    ["6. The app of ana is killed while it sends, and started again.", async () => ana?.crash()],
    ["7. The relay is restarted as for an update.", () => relay.roll()],
    [
      "8. The relay is killed again, and both apps with it.",
      async () => {
        relay.killNow();
        await Promise.all([relay.crash(), ...apps.map((app) => app.crash())]);
      },
    ],
  ];
}

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

/** Every message that is in its writer's database is in its reader's, and the writer knows it. */
const untilArrived = ({ apps }: Stage): Promise<void> =>
  until(
    "everything has arrived",
    () => {
      const written = new Map(
        apps.map((app) => [app.account, readShown(app.folder).filter(({ mine }) => mine === 1).length]),
      );
      return apps.every((app) => {
        const { received, outbox, unconfirmed } = readTally(app.folder, app.label);
        return outbox === 0 && unconfirmed === 0 && received === written.get(otherOf(app));
      });
    },
    restLimitMs,
  ).catch(() => undefined); // the comparison says what is missing

const evidenceOf = ({ apps, journal }: Stage): Evidence => ({
  attempts: journal.attempts,
  written: journal.written,
  logs: apps.map((app) => ({ device: app.label, account: app.account, rows: readShown(app.folder) })),
  heard: new Map(),
  accusations: [],
  receiptsMayBeGivenUp: false,
});
