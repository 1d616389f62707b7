import { z } from "zod";
import { outcome } from "./plan.ts";

/** One load's outcome, and which row of the table it belongs to. */
export const measurement = z.object({
  variant: z.string(),
  round: z.number(),
  /** the process that was killed in it */
  killed: z.string().optional(),
  /** another inbox was drained meanwhile */
  beside: z.boolean().optional(),
  outcome,
});
export type Measurement = z.infer<typeof measurement>;

/** Everything one run of the benchmark found out, as its JSON has it. */
export const figures = z.object({
  at: z.string(),
  quick: z.boolean(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    pinned: z.boolean(),
    kernel: z.string(),
    node: z.string(),
    versions: z.record(z.string(), z.string()),
    /** median of a small append and its sync, before and after the run, in milliseconds */
    syncMs: z.tuple([z.number(), z.number()]),
    /** processes that waited for a core, averaged over a minute, before and after */
    load: z.tuple([z.number(), z.number()]),
    seconds: z.number(),
  }),
  names: z.record(z.string(), z.string()),
  measurements: z.array(measurement),
});
export type Figures = z.infer<typeof figures>;

type Of<W extends Measurement["outcome"]["workload"]> = Extract<Measurement["outcome"], { workload: W }>;

/** All outcomes of one workload in one row, in the order of the rounds. */
export function outcomesOf<W extends Measurement["outcome"]["workload"]>(
  { measurements }: Pick<Figures, "measurements">,
  variant: string,
  workload: W,
  { killed, beside }: Pick<Measurement, "killed" | "beside"> = {},
): Of<W>[] {
  return measurements.flatMap((found) =>
    found.variant === variant && found.killed === killed && found.beside === beside && isOf(found.outcome, workload)
      ? [found.outcome]
      : [],
  );
}

const isOf = <W extends Measurement["outcome"]["workload"]>(
  outcome: Measurement["outcome"],
  workload: W,
): outcome is Of<W> => outcome.workload === workload;

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @returns undefined of no values */
export function spread(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [least] = sorted;
  const most = sorted.at(-1);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return least === undefined || most === undefined || median === undefined ? undefined : { median, least, most };
}

/** How cost grows: one point of one series. */
export const growthPoint = z.object({ series: z.string(), at: z.number(), engine: z.string(), outcome });
export type GrowthPoint = z.infer<typeof growthPoint>;
export interface GrowthFigures {
  readonly at: string;
  readonly points: readonly GrowthPoint[];
}
