/** What both sides of the project ask of a clock. */
export interface Clock {
  now(): number;
  after(ms: number, action: () => void): () => void;
}

interface Due {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const firstMoment = 1_700_000_000_000;

/** Simulated time: it stands still while code runs, and jumps to what is due next. */
export class Timeline implements Clock {
  #now = firstMoment;
  #order = 0;
  /** a binary heap, the earliest first */
  readonly #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  /** milliseconds since the history began */
  get age(): number {
    return this.#now - firstMoment;
  }

  after(ms: number, run: () => void): () => void {
    const due: Due = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, run };
    this.#push(due);
    return () => {
      due.run = undefined;
    };
  }

  /** Runs what is due next and lets everything that follows from it at once come to rest. @returns false when nothing is due by then */
  async step(until: number): Promise<boolean> {
    for (;;) {
      const [first] = this.#due;
      if (!first || first.at > until) return false;
      this.#pop();
      if (!first.run) continue;
      this.#now = first.at;
      first.run();
      await atRest();
      return true;
    }
  }

  #push(due: Due): void {
    const heap = this.#due;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(due, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#due;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (!left) break;
      const child = right && isBefore(right, left) ? right : left;
      if (child === right) below++;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * Every promise that can settle without time passing has settled. The inboxes gather a turn of the loop into one group, and
 * what asks for it may do so after this was called: hence the second turn.
 */
const atRest = async (): Promise<void> => {
  await turn();
  await turn();
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One run of a process. When it is over its timers never fire, and what it waits for never comes: nobody is there any more. */
export class Life implements Clock {
  #alive = true;
  /** As in Node, where a timer may run while the clock still says the millisecond before, and says the next at the second look. */
  #early = false;

  constructor(private readonly timeline: Timeline) {}

  get alive(): boolean {
    return this.#alive;
  }

  now(): number {
    const early = this.#early;
    this.#early = false;
    return this.timeline.now() - (early ? 1 : 0);
  }

  after(ms: number, run: () => void): () => void {
    return this.timeline.after(ms, () => {
      if (!this.#alive) return;
      this.#early = true;
      run();
    });
  }

  /** Resolves after `ms`, and never when the process has died by then. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  end(): void {
    this.#alive = false;
  }
}

/** What the dead wait for. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
