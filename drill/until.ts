import { setTimeout as pause } from "node:timers/promises";

/** Waits for a condition, not for a time. @throws Error that says what did not come about */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await pause(50);
  }
}
