import { type Clock } from "./clock.ts";

/**
 * A wait after a refusal. It is a timer and not a time to compare with: a clock that is set back would make it endless,
 * and between two looks at a clock it could end unseen, with nobody left to wake whoever waits.
 */
export class Wait {
  /** how many refusals in a row have led to it */
  refusals = 0;
  readonly #clock: Clock;
  readonly #over: () => void;
  #cancel: (() => void) | undefined;

  /** @param over called when a wait has ended by itself */
  constructor(clock: Clock, over: () => void) {
    this.#clock = clock;
    this.#over = over;
  }

  get isOn(): boolean {
    return this.#cancel !== undefined;
  }

  /** @param ms from now; a wait that is on is replaced */
  begin(ms: number): void {
    this.end();
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined;
      this.#over();
    });
  }

  /** Ends it before its time, without a word. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
