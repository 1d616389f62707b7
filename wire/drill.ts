import { z } from "zod";

/** What the drill does to its private relay and its two throw-away apps, in this order; the first and the last break nothing. */
export const drillStep = z.enum([
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
]);
export type DrillStep = z.infer<typeof drillStep>;

const doneStep = z.object({
  step: drillStep,
  /** messages that were written meanwhile */
  written: z.number().int().nonnegative(),
});

/** Where a drill is: what was done so far, and what happens now. */
export const drillProgress = z.object({ done: z.array(doneStep), now: drillStep });
export type DrillProgress = z.infer<typeof drillProgress>;

const count = z.number().int().nonnegative();

/** What was found when everything that was written had been compared with everything that is shown. */
export const drillReport = z.object({
  done: z.array(doneStep),
  written: count,
  /** shown to the person they were for */
  shown: count,
  lost: count,
  doubled: count,
  disordered: count,
  /** other promises that were broken: a wrong person, a wrong status, a message that never left */
  otherwise: count,
  /** the first of what was found wrong, with the rule it breaks; English, for whoever is asked to mend it */
  findings: z.array(z.string()),
  tookMs: z.number().nonnegative(),
});
export type DrillReport = z.infer<typeof drillReport>;

/** How the drill of a running app stands. */
export const drillState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("idle") }),
  z.object({ kind: z.literal("running"), ...drillProgress.shape }),
  z.object({ kind: z.literal("ended"), report: drillReport }),
  /** it could not be done, which says nothing about messages; `reason` is English, for whoever is asked to mend it */
  z.object({ kind: z.literal("failed"), reason: z.string() }),
]);
export type DrillState = z.infer<typeof drillState>;

/** The programs that a drill may start, and no others. */
export const drillScript = z.enum(["relay", "app"]);
export type DrillScript = z.infer<typeof drillScript>;

const ofChild = { child: count };

/**
 * What the drill's own process says to the main process, which alone can start others in an installed app.
 * Children go by a number that the drill gives.
 */
export const drillAsk = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("start"), ...ofChild, script: drillScript, args: z.array(z.string()) }),
  z.object({ ask: z.literal("tell"), ...ofChild, line: z.string() }),
  z.object({ ask: z.literal("stop"), ...ofChild }),
  z.object({ ask: z.literal("kill"), ...ofChild }),
  z.object({ ask: z.literal("progress"), progress: drillProgress }),
  z.object({ ask: z.literal("report"), report: drillReport }),
  z.object({ ask: z.literal("give-up"), reason: z.string() }),
]);
export type DrillAsk = z.infer<typeof drillAsk>;

/** What it hears of its children. */
export const drillNews = z.discriminatedUnion("news", [
  z.object({ news: z.literal("began"), ...ofChild, pid: z.number() }),
  z.object({ news: z.literal("line"), ...ofChild, line: z.string() }),
  z.object({ news: z.literal("complaint"), ...ofChild, line: z.string() }),
  z.object({ news: z.literal("ended"), ...ofChild, code: z.number().nullable() }),
]);
export type DrillNews = z.infer<typeof drillNews>;
