import { z } from "zod";

/**
 * How this copy can get to a new version: `restart` replaces itself, `password` hands the package to the system, which asks
 * for an administrator's password; `by-hand` can only tell (an unpacked archive, a portable or unsigned copy).
 */
export const updateWay = z.enum(["restart", "password", "by-hand"]);
export type UpdateWay = z.infer<typeof updateWay>;

/** Why there are no updates here at all. */
export const updateOff = z.enum(["administrator", "development", "no-source"]);
export type UpdateOff = z.infer<typeof updateOff>;

const version = z.string();

/** Where this copy stands with its updates; each state has only its own fields. */
export const updateState = z.discriminatedUnion("kind", [
  /** nothing to say */
  z.object({ kind: z.literal("quiet") }),
  z.object({ kind: z.literal("checking") }),
  /** asked for by a person, and this is the newest */
  z.object({ kind: z.literal("current") }),
  /** asked for by a person, and there are none here */
  z.object({ kind: z.literal("off"), reason: updateOff }),
  z.object({ kind: z.literal("available"), version, way: updateWay }),
  z.object({ kind: z.literal("downloading"), version, percent: z.number().min(0).max(100) }),
  /** downloaded and verified (U2); a click applies it (U3) */
  z.object({ kind: z.literal("ready"), version, way: updateWay.exclude(["by-hand"]) }),
  z.object({
    kind: z.literal("failed"),
    /**
     * `unreachable`: no answer from the source; `untrusted`: not signed by Recado's key; `damaged`: what came is not what was
     * announced; `not-stored`: this disk refused; `not-applied`: the system did not install it. The old version goes on (U2).
     */
    reason: z.enum(["unreachable", "untrusted", "damaged", "not-stored", "not-applied"]),
  }),
]);
export type UpdateState = z.infer<typeof updateState>;
export type UpdateFailure = Extract<UpdateState, { kind: "failed" }>["reason"];
