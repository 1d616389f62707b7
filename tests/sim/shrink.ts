import { type Plan, type Step } from "./plan.ts";

/**
 * Makes a failing plan smaller as long as it still fails: fewer steps, fewer messages in one.
 * @param fails plays it; must give the same answer for the same plan
 */
export async function shrink(plan: Plan, fails: (smaller: Plan) => Promise<boolean>): Promise<Plan> {
  let steps = plan.steps;
  const still = (candidate: readonly Step[]): Promise<boolean> => fails({ ...plan, steps: candidate });
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < steps.length;) {
      const candidate = [...steps.slice(0, from), ...steps.slice(from + size)];
      if (await still(candidate)) steps = candidate;
      else from += size;
    }
  }
  for (const [at, step] of steps.entries()) {
    if (step.kind !== "write" || step.count === 1) continue;
    const candidate = steps.with(at, { ...step, count: 1 });
    if (await still(candidate)) steps = candidate;
  }
  return { ...plan, steps };
}
