import { type DoNotDisturb, type DoNotDisturbUntil } from "../wire/ipc.ts";
import { type Clock } from "./clock.ts";

const hourMs = 3_600_000;
/** tomorrow begins for most people when they get up, not at midnight */
const morning = 8;

/** Whether it holds now; one whose end has passed does not, whether or not anybody has ended it. */
export function isQuiet(chosen: DoNotDisturb, now: number): boolean {
  switch (chosen.kind) {
    case "off":
      return false;
    case "on":
      return true;
    case "until":
      return now < chosen.at;
  }
}

/** What a choice means at a moment. */
export function doNotDisturbFor(until: DoNotDisturbUntil, now: number): DoNotDisturb {
  switch (until) {
    case "off":
      return { kind: "off" };
    case "ended":
      return { kind: "on" };
    case "hour":
      return { kind: "until", at: now + hourMs };
    case "tomorrow":
      return { kind: "until", at: tomorrowMorning(now) };
  }
}

function tomorrowMorning(now: number): number {
  const day = new Date(now);
  day.setDate(day.getDate() + 1);
  return day.setHours(morning, 0, 0, 0);
}

/** Ends a *do not disturb* that has an end, so that menus and settings stop saying it. */
export class DoNotDisturbEnd {
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly end: () => void,
  ) {}

  /** @param chosen what holds from now on */
  expect(chosen: DoNotDisturb): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (chosen.kind !== "until") return;
    this.#cancel = this.clock.after(Math.max(0, chosen.at - this.clock.now()), () => this.end());
  }

  close(): void {
    this.#cancel?.();
  }
}
