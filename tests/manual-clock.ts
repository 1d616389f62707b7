import { type Clock } from "../main/clock.ts";

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Somebody sets it back; timers run on as they were. */
  setBack(ms: number): void {
    this.#now -= ms;
    this.#timers = this.#timers.map((timer) => Object.assign(timer, { at: timer.at - ms }));
  }

  /** how long until the next timer; undefined: none waits */
  get nextMs(): number | undefined {
    const [first] = this.#timers.map(({ at }) => at).sort((a, b) => a - b);
    return first === undefined ? undefined : first - this.#now;
  }

  /** Moves on, running what falls due in order, and lets promises settle after each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [due] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!due) break;
      this.#now = Math.max(this.#now, due.at);
      this.#timers = this.#timers.filter((other) => other !== due);
      due.run();
      await settled();
    }
    this.#now = end;
    await settled();
  }
}

/** Lets everything that waits on nothing but promises run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
