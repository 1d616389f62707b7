import { type Presence } from "../../wire/model.ts";
import { type Trouble } from "./network.ts";
import { Chance } from "./random.ts";

/** Something that happens to the world at a moment, in milliseconds from its beginning. Devices are places in the plan's list. */
export type Step = { readonly at: number } & (
  | { readonly kind: "write"; readonly device: number; readonly to: string; readonly count: number }
  | { readonly kind: "wish"; readonly device: number; readonly presence: Presence }
  | { readonly kind: "network"; readonly device: number; readonly trouble: Trouble; readonly ms: number }
  | { readonly kind: "deaf"; readonly device: number; readonly ms: number }
  | { readonly kind: "app-crash"; readonly device: number; readonly withMachine: boolean; readonly downMs: number }
  | { readonly kind: "app-disk-full"; readonly device: number; readonly ms: number }
  | { readonly kind: "relay-crash"; readonly downMs: number }
  | { readonly kind: "relay-disk-full"; readonly ms: number }
  | { readonly kind: "look"; readonly device: number }
  | { readonly kind: "erase"; readonly device: number; readonly with: string; readonly which: number }
  | { readonly kind: "sign-out"; readonly device: number }
  | { readonly kind: "revoke"; readonly device: number; readonly other: number }
  | {
      readonly kind: "contact";
      readonly device: number;
      readonly change: "add" | "remove" | "block" | "unblock";
      readonly name: string;
    }
);

export interface PlannedDevice {
  readonly name: string;
  readonly joinsAt: number;
}

/** A whole history before it happens. A step less is still a plan, so a failing one can be made smaller. */
export interface Plan {
  readonly seed: number;
  readonly people: readonly string[];
  /** pairs that are no contacts yet when the history begins */
  readonly strangers: readonly (readonly [string, string])[];
  readonly devices: readonly PlannedDevice[];
  readonly steps: readonly Step[];
}

const names = ["Ana", "Bia", "Caio", "Davi"] as const;

/** Everything from the seed: who is there, who writes to whom, and what goes wrong. */
export function plan(seed: number): Plan {
  const chance = new Chance(seed);
  const people = names.slice(0, chance.happens(0.9) ? 2 : chance.between(3, 4));
  const devices: PlannedDevice[] = [];
  for (const name of people) {
    devices.push({ name, joinsAt: 0 });
    if (chance.happens(0.15)) devices.push({ name, joinsAt: chance.happens(0.6) ? 0 : chance.between(1_000, 40_000) });
  }
  const strangers = people.flatMap((one, i) =>
    people.slice(i + 1).flatMap((other) => (chance.happens(0.08) ? [[one, other] as const] : [])),
  );
  const lengthMs = chance.between(2, 30) * 1_000;
  const steps: Step[] = [];
  const moment = (): number => chance.between(300, lengthMs);
  const device = (): number => chance.between(0, devices.length - 1);
  const other = (than: string): string => chance.pick(people.filter((name) => name !== than));
  const nameOf = (at: number): string => devices[at]?.name ?? names[0];

  let messages = chance.between(2, chance.happens(0.05) ? 20 : 6);
  while (messages > 0) {
    const writer = device();
    const count = Math.min(messages, chance.happens(0.3) ? chance.between(2, 6) : 1);
    steps.push({ kind: "write", at: moment(), device: writer, to: other(nameOf(writer)), count });
    messages -= count;
  }
  const troubles: readonly Trouble[] = ["reset", "reset", "half-open", "deaf-up", "deaf-down", "stall"];
  const often = (most: number, make: () => Step): void => {
    for (let left = chance.between(0, most); left > 0; left--) steps.push(make());
  };
  // each history has its own weather: some are calm, some have everything at once
  const weather = chance.next();
  const rough = (most: number): number => (chance.happens(weather) ? most : 0);
  often(rough(2), () => ({
    kind: "network",
    at: moment(),
    device: device(),
    trouble: chance.pick(troubles),
    ms: chance.between(500, 30_000),
  }));
  often(rough(2), () => ({ kind: "relay-crash", at: moment(), downMs: chance.between(50, 8_000) }));
  often(rough(2), () => ({
    kind: "app-crash",
    at: moment(),
    device: device(),
    withMachine: chance.happens(0.3),
    downMs: chance.between(100, 10_000),
  }));
  often(rough(1), () => {
    const at = moment();
    const who = device();
    steps.push({ kind: "wish", at: at + chance.between(500, 15_000), device: who, presence: "online" });
    return { kind: "wish", at, device: who, presence: "offline" };
  });
  often(rough(2), () => ({ kind: "look", at: moment(), device: device() }));
  if (chance.happens(0.12))
    often(2, () => ({ kind: "relay-disk-full", at: moment(), ms: chance.between(500, 20_000) }));
  if (chance.happens(0.1))
    often(2, () => ({ kind: "app-disk-full", at: moment(), device: device(), ms: chance.between(500, 20_000) }));
  if (chance.happens(0.15))
    often(1, () => ({ kind: "deaf", at: moment(), device: device(), ms: chance.between(5_000, 40_000) }));
  if (chance.happens(0.1)) {
    often(2, () => {
      const who = device();
      return { kind: "erase", at: moment(), device: who, with: other(nameOf(who)), which: chance.between(0, 20) };
    });
  }
  if (chance.happens(0.12)) often(1, () => ({ kind: "sign-out", at: moment(), device: device() }));
  if (chance.happens(0.05)) often(1, () => ({ kind: "revoke", at: moment(), device: device(), other: device() }));
  for (const [one, two] of strangers) {
    for (const [who, whom] of chance.happens(0.5)
      ? [[one, two] as const]
      : ([
          [one, two],
          [two, one],
        ] as const)) {
      const at = devices.findIndex(({ name }) => name === who);
      steps.push({ kind: "contact", at: chance.between(300, 3_000), device: at, change: "add", name: whom });
    }
  }
  if (chance.happens(0.08)) {
    const at = moment();
    const who = device();
    const name = other(nameOf(who));
    const [change, back] = chance.happens(0.5) ? (["block", "unblock"] as const) : (["remove", "add"] as const);
    steps.push({ kind: "contact", at, device: who, change, name });
    if (chance.happens(0.6)) {
      steps.push({ kind: "contact", at: at + chance.between(500, 20_000), device: who, change: back, name });
    }
  }
  steps.sort((a, b) => a.at - b.at);
  return { seed, people, strangers, devices, steps };
}
