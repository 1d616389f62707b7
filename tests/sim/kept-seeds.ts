import { type Plan } from "./plan.ts";

/** A history that once broke a promise, made as small as it goes. It is kept whole, because a seed means nothing to a newer generator. */
export interface Kept {
  /** the rule that was broken, and by what */
  readonly title: string;
  readonly plan: Plan;
}

export const kept: readonly Kept[] = [
  {
    title: "[G6] a wish that changes while the one before is unanswered is told too",
    plan: {
      seed: 809,
      people: ["Ana", "Bia"],
      strangers: [],
      devices: [
        { name: "Ana", joinsAt: 0 },
        { name: "Bia", joinsAt: 0 },
      ],
      steps: [
        { kind: "wish", at: 1_000, device: 0, presence: "offline" },
        { kind: "write", at: 1_001, device: 1, to: "Ana", count: 1 },
        { kind: "wish", at: 1_002, device: 0, presence: "online" },
      ],
    },
  },
  {
    title: "[G1] what a device sends while it is thrown out is on the account's other device",
    plan: {
      seed: 1970,
      people: ["Ana", "Bia"],
      strangers: [],
      devices: [
        { name: "Ana", joinsAt: 0 },
        { name: "Ana", joinsAt: 0 },
        { name: "Bia", joinsAt: 0 },
      ],
      steps: [
        { kind: "write", at: 1_000, device: 1, to: "Bia", count: 1 },
        { kind: "revoke", at: 1_005, device: 0, other: 1 },
      ],
    },
  },
  {
    title: "[O3] [O4] a wait that ends between two looks at the clock still ends",
    plan: {
      seed: 92,
      people: ["Ana", "Bia"],
      strangers: [],
      devices: [
        { name: "Ana", joinsAt: 0 },
        { name: "Ana", joinsAt: 38_232 },
        { name: "Bia", joinsAt: 0 },
      ],
      steps: [
        { kind: "relay-disk-full", at: 5_016, ms: 8_427 },
        { kind: "write", at: 7_182, device: 2, to: "Ana", count: 1 },
      ],
    },
  },
];
