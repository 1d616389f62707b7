import { check, type Violation } from "./checker.ts";
import { type Faults, noFaults } from "./faults.ts";
import { plan, type Plan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { type Stage } from "./world.ts";

/** What one history came to. A relay or an app that died of an error of its own broke its promise too. */
export async function judge(stage: Stage, planned: Plan, faults: Faults = noFaults): Promise<readonly Violation[]> {
  try {
    return check(await stage.play(planned, faults));
  } catch (error) {
    return [{ rule: "R20", what: error instanceof Error ? (error.stack ?? error.message) : String(error) }];
  }
}

/**
 * Plays the histories of a range of seeds.
 * @returns for each that broke a promise, its seed, what it broke, and its plan made small: what to put into kept-seeds.ts
 */
export async function playAll(stage: Stage, seeds: { from: number; count: number }): Promise<readonly string[]> {
  const reports: string[] = [];
  for (let seed = seeds.from; seed < seeds.from + seeds.count; seed++) {
    const planned = plan(seed);
    const [first] = await judge(stage, planned);
    if (!first) continue;
    const small = await shrink(planned, async (smaller) =>
      (await judge(stage, smaller)).some(({ rule }) => rule === first.rule),
    );
    const [left = first] = await judge(stage, small);
    reports.push(`seed ${seed} broke ${left.rule}: ${left.what}\n${JSON.stringify(small)}`);
    if (reports.length >= mostReports) break;
  }
  return reports;
}

/** more would say the same */
const mostReports = 5;

/** @returns the first seed with which a planted fault is found, and how; nothing when it hides from all of them */
export async function huntFault(
  stage: Stage,
  plant: () => Faults,
  histories: number,
): Promise<{ readonly seed: number; readonly found: Violation } | undefined> {
  for (let seed = 1; seed <= histories; seed++) {
    const [found] = await judge(stage, plan(seed), plant());
    if (found) return { seed, found };
  }
  return undefined;
}
