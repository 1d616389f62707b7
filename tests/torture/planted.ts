/** Faults that real systems had. Each can be planted into the torture's own bundles, and has to be found. */
export const plantedFaults = {
  "answer-before-commit": "relay",
  /** the same on a disk that takes its time: one kill is enough to lose something */
  "answer-long-before-commit": "relay",
  "settle-before-answer": "relay",
  "skip-on-redelivery": "relay",
  "two-in-flight": "relay",
  "reorder-on-requeue": "relay",
  "forget-on-lost-reply": "app",
} as const satisfies Record<string, "relay" | "app">;

export type PlantedFault = keyof typeof plantedFaults;

export const isPlanted = (name: string): name is PlantedFault => Object.hasOwn(plantedFaults, name);

/** Read by the faulty modules alone, and those are in no bundle but the torture's. */
export const faultVariable = "RECADO_TORTURE_FAULT";

/** @throws Error: a bundle with faulty modules runs only when it is told which fault to have */
export function chosenFault(): PlantedFault {
  const name = process.env[faultVariable] ?? "";
  if (!isPlanted(name)) throw new Error(`${faultVariable} names no planted fault: "${name}".`);
  return name;
}
