import { createSubscriber } from "svelte/reactivity";

/** The time as something to derive from. It ticks only while something on the screen reads it. */
export class Clock {
  readonly #subscribe: () => void;

  /**
   * @param read where the time comes from, in milliseconds
   * @param everyMs how often readers look again
   */
  constructor(
    private readonly read: () => number,
    everyMs: number,
  ) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, everyMs);
      return () => clearInterval(timer);
    });
  }

  get now(): number {
    this.#subscribe();
    return this.read();
  }
}
