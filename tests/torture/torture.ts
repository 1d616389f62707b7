import { offences, type Violation } from "../../drill/verdict.ts";
import { everything, type Plan } from "./chaos.ts";
import { Chance } from "./chance.ts";
import { openGround, type Ground } from "./ground.ts";
import { type PlantedFault } from "./planted.ts";
import { runRound, type RoundOutcome } from "./round.ts";
import { Tallies } from "./tallies.ts";

export interface TortureNeeds {
  readonly engine: "embedded" | "rabbitmq";
  readonly seed: number;
  /** how long to break things, healing included; the last round is finished */
  readonly durationMs: number;
  readonly roundMs: number;
  readonly fault?: PlantedFault;
  readonly plan?: Plan;
  /** ends earlier when so many planned restarts have been */
  readonly rolls?: number;
  /** a line for who watches */
  readonly tell: (line: string) => void;
}

/** What had to be found out after healing; the last two show only by silence, which has its own limits (20 s, 60 s). */
const healings = ["cuts and kills", "a silent reader", "half-open connections"] as const;

export interface Convergence {
  readonly from: (typeof healings)[number];
  readonly ms: number;
}

export interface TortureReport {
  readonly violations: readonly Violation[];
  readonly sent: number;
  readonly accepted: number;
  readonly shown: number;
  readonly receiptsGivenUp: number;
  readonly tallies: Tallies;
  readonly rounds: number;
  /** from healing to rest, one for each round */
  readonly convergences: readonly Convergence[];
  readonly longestStopMs: number;
  /** from the first fault to the first violation */
  readonly foundAfterMs: number | undefined;
}

/** a half-open connection is found out by silence; everything else heals faster */
const restLimitMs = 75_000;
/** beyond this it is said who was late */
const lateMs = 10_000;
/** with a planted fault nothing is gained by waiting long for what was lost */
const stillLimitMs = { sound: restLimitMs, planted: 6_000 };

/** Breaks and heals a ground of its own until the time is over or a promise was broken. */
export async function torture(needs: TortureNeeds): Promise<TortureReport> {
  const chance = new Chance(needs.seed);
  const ground = await openGround({ engine: needs.engine, chance, ...(needs.fault && { fault: needs.fault }) });
  try {
    return await rounds(needs, ground, chance);
  } finally {
    await ground.close();
  }
}

async function rounds(needs: TortureNeeds, ground: Ground, chance: Chance): Promise<TortureReport> {
  const tallies = new Tallies();
  const plan = needs.plan ?? everything;
  const begin = Date.now();
  const convergences: Convergence[] = [];
  let last: RoundOutcome | undefined;
  let foundAfterMs: number | undefined;
  for (let round = 0; Date.now() - begin < needs.durationMs; round++) {
    const withHalfOpen = plan.halfOpen && round % 4 === 3;
    last = await runRound({
      ground,
      tallies,
      chance,
      plan: { ...plan, halfOpen: withHalfOpen },
      chaosMs: Math.min(needs.roundMs, needs.durationMs),
      restLimitMs,
      stillLimitMs: needs.fault ? stillLimitMs.planted : stillLimitMs.sound,
    });
    const from = withHalfOpen ? "half-open connections" : last.silentReader ? "a silent reader" : "cuts and kills";
    convergences.push({ from, ms: last.convergedMs });
    const { accepted, shown } = last.judgement;
    needs.tell(
      `round ${round + 1}, ${Math.round((Date.now() - begin) / 1_000)} s: accepted ${accepted}, shown ${shown}, ` +
        `${last.converged ? "at rest" : "not at rest"} ${(last.convergedMs / 1_000).toFixed(1)} s after healing` +
        `${from === "cuts and kills" ? "" : ` (${from})`}, broken promises ${last.violations.length}`,
    );
    if (last.convergedMs > lateMs) needs.tell(`  the last to come to rest: ${last.last}`);
    if (last.violations.length > 0) {
      foundAfterMs = Date.now() - begin;
      break;
    }
    if (needs.rolls !== undefined && tallies.of("relay: rolling restart") >= needs.rolls) break;
  }
  if (!last) throw new Error("There was no time for a single round.");
  const { sent, accepted, shown, receiptsGivenUp } = last.judgement;
  return {
    ...{ violations: last.violations, sent, accepted, shown, receiptsGivenUp, tallies, foundAfterMs },
    rounds: convergences.length,
    convergences,
    longestStopMs: ground.relay.longestStopMs,
  };
}

const seconds = (ms: readonly number[]): string =>
  ms.length === 0 ? "none" : `median ${middle(ms)} s, longest ${(Math.max(...ms) / 1_000).toFixed(1)} s`;
const middle = (ms: readonly number[]): string =>
  ((ms.toSorted((a, b) => a - b)[Math.floor(ms.length / 2)] ?? 0) / 1_000).toFixed(1);

/** The report as a person reads it. */
export function describe(report: TortureReport): string[] {
  const counts = new Map(offences.map((offence) => [offence, 0]));
  for (const { offence } of report.violations) counts.set(offence, (counts.get(offence) ?? 0) + 1);
  const kills = (who: string): number =>
    report.tallies.all().reduce((sum, [kind, count]) => sum + (kind.startsWith(`${who}: kill -9`) ? count : 0), 0);
  return [
    `sent ${report.sent}, accepted ${report.accepted}, shown ${report.shown}`,
    [...counts].map(([offence, count]) => `${offence} ${count}`).join(", "),
    `killed: relay ${kills("relay")}, app ${kills("app")}, broker ${kills("broker")}`,
    ...report.tallies.all().map(([kind, count]) => `  ${kind}: ${count}`),
    ...healings.map((healing) => {
      const ms = report.convergences.flatMap((one) => (one.from === healing ? one.ms : []));
      return `to rest after ${healing}: ${seconds(ms)} over ${ms.length} rounds`;
    }),
    `longest planned stop: ${(report.longestStopMs / 1_000).toFixed(1)} s`,
    ...(report.receiptsGivenUp > 0
      ? [`delivered, and the receipt given up while the broker was away (G5): ${report.receiptsGivenUp}`]
      : []),
    ...report.violations.slice(0, 20).map(({ offence, rule, what }) => `  [${rule}] ${offence}: ${what}`),
    ...(report.foundAfterMs === undefined ? [] : [`found after ${(report.foundAfterMs / 1_000).toFixed(1)} s`]),
  ];
}
