import type { DrillReport, DrillStep } from "../wire/drill.ts";
import type { Text } from "./text.ts";

export type DrillText = Text["drill"];

/** In the order in which they happen. */
export const drillSteps = [
  "prepare",
  "cut-connections",
  "kill-relay",
  "swallow",
  "kill-reader",
  "cut-messages",
  "kill-writer",
  "restart-relay",
  "kill-all",
  "compare",
] as const satisfies readonly DrillStep[];

/** Whether every promise was kept. */
export const isSound = ({ lost, doubled, disordered, otherwise }: DrillReport): boolean =>
  lost + doubled + disordered + otherwise === 0;

/** The one line that everything was done for. */
export function drillOutcome(text: DrillText, { lost, doubled, disordered, otherwise }: DrillReport): string {
  const line = text.outcome(lost, doubled, disordered);
  return otherwise === 0 ? line : `${line}, ${text.otherwise(otherwise)}`;
}

/** What was seen, what came of it, and what was found wrong. */
export function drillResult(text: DrillText, report: DrillReport): string[] {
  const { written, shown, tookMs, findings } = report;
  return [
    text.seen(written, shown, Math.max(1, Math.round(tookMs / 1_000))),
    drillOutcome(text, report),
    ...findings.map((finding) => `    ${finding}`),
    ...(isSound(report) ? [] : [text.reportIt]),
  ];
}

/** All of it as lines, to be passed on: what was done, and what came of it. */
export function drillReportLines(text: DrillText, report: DrillReport): string[] {
  const done = report.done.map(
    ({ step, written }, index) => `${index + 1}. ${text.steps[step]} ${text.written(written)}`,
  );
  return [...done, ...drillResult(text, report)];
}
