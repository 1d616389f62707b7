import { z } from "zod";

export const protocols = ["recado", "xmpp", "bare", "amqp"] as const;

/** Who answers for a message before its writer sends another: the server, or the reader through the server. */
export const ack = z.enum(["server", "receiver"]);
export type Ack = z.infer<typeof ack>;

const base = {
  protocol: z.enum(protocols),
  port: z.number(),
  /** server processes whose CPU time and memory are counted, by name */
  servers: z.record(z.string(), z.number()),
  ack,
  /** several messages in one packet, where the protocol leaves that to the writer */
  batched: z.boolean(),
  bodyBytes: z.number(),
  /** the first message's number; another one for each load on the same server */
  offset: z.number(),
  pairs: z.number(),
  /** users before it take no part */
  firstPair: z.number(),
  /** readers append what they got to this file, and sync it, before they answer; absent: they answer at once */
  store: z.string().optional(),
};

/** What one load generator is to do: one workload against one running server. */
export const plan = z.discriminatedUnion("workload", [
  /** W1: every pair has `window` messages under way */
  z.object({
    ...base,
    workload: z.literal("online"),
    window: z.number(),
    warmMs: z.number(),
    measureMs: z.number(),
    devices: z.number(),
  }),
  /** W1 at a fixed rate; `beside`: so many messages wait for one more user, who comes back meanwhile */
  z.object({
    ...base,
    workload: z.literal("paced"),
    perSecond: z.number(),
    measureMs: z.number(),
    beside: z.number(),
  }),
  /** W2: readers are away; then all come back at once. `kill`: a server to be killed at this share of what is accepted */
  z.object({
    ...base,
    workload: z.literal("offline"),
    window: z.number(),
    messages: z.number(),
    kill: z.object({ server: z.string(), at: z.number() }).optional(),
  }),
  /** W3: users who sign in and do nothing; `atOnce` handshakes under way */
  z.object({ ...base, workload: z.literal("idle"), users: z.number(), atOnce: z.number(), restMs: z.number() }),
]);
export type Plan = z.infer<typeof plan>;
export type PlanOf<W extends Plan["workload"]> = Extract<Plan, { workload: W }>;

/** What disturbed a measurement: shares of one core, 1 is all of it. */
const disturbance = {
  /** what others used of the server's core */
  otherOnServerCore: z.number(),
  /** how busy the load generator was: near 1 it was the limit, not the server */
  generator: z.number(),
  /** taken away by the machine below this virtual one */
  steal: z.number(),
};

const account = {
  /** accepted and never arrived */
  lost: z.number(),
  /** arrived again; a reader tells them by their key */
  again: z.number(),
  /** arrived behind a later one */
  disorder: z.number(),
  refused: z.number(),
};

export const outcome = z.discriminatedUnion("workload", [
  z.object({
    workload: z.literal("online"),
    perSecond: z.number(),
    /** microseconds of CPU per message, by server */
    cpuUs: z.record(z.string(), z.number()),
    ...account,
    ...disturbance,
  }),
  z.object({
    workload: z.literal("paced"),
    p50: z.number(),
    p99: z.number(),
    worst: z.number(),
    cpuUs: z.record(z.string(), z.number()),
    ...account,
    ...disturbance,
  }),
  z.object({
    workload: z.literal("offline"),
    storedPerSecond: z.number(),
    drainSeconds: z.number(),
    accepted: z.number(),
    /** what a message that waits takes of the servers' memory */
    kibPerWaiting: z.record(z.string(), z.number()),
    cpuUs: z.record(z.string(), z.number()),
    ...account,
    ...disturbance,
  }),
  z.object({
    workload: z.literal("idle"),
    signInsPerSecond: z.number(),
    kibPerUser: z.record(z.string(), z.number()),
    cpuPerMinute: z.record(z.string(), z.number()),
    ...disturbance,
  }),
]);
export type Outcome = z.infer<typeof outcome>;
export type OutcomeOf<W extends Outcome["workload"]> = Extract<Outcome, { workload: W }>;

/** What the load generator says, a line each. */
export const said = z.discriminatedUnion("kind", [
  /** the server was killed: start it again, then say so */
  z.object({ kind: z.literal("killed") }),
  z.object({ kind: z.literal("done"), outcome }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);
