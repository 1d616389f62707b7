const signMs = 6_000;
const tellEveryMs = 3_000;

export interface TypingOptions {
  readonly tell: () => Promise<unknown>;
  readonly now: () => number;
}

/** Who writes in one conversation just now. Nothing depends on it: what is lost of it is not said again. */
export class Typing {
  /** the other one wrote within the last seconds, and has not sent it yet */
  they = $state(false);

  readonly #options: TypingOptions;
  #toldAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** They write. */
  heard(): void {
    this.they = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.they = false), signMs);
  }

  /** What they wrote is here. */
  arrived(): void {
    this.they = false;
  }

  /** We write; they hear it every three seconds at most. */
  tell(): void {
    const now = this.#options.now();
    if (now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    void this.#options.tell();
  }

  /** What we wrote is sent: the next is told at once. */
  sent(): void {
    this.#toldAt = 0;
  }
}
