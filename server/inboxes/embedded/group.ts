import { setImmediate as turn } from "node:timers/promises";
import { type Clock, systemClock } from "../../clock.ts";
import { type Command, type Result } from "./table.ts";
import { type Executor } from "./thread.ts";

export interface GroupEvents {
  /** after every group: whether puts are refused because the disk is full */
  readonly full: (full: boolean) => void;
  /** the storage is gone for good; every command since then is refused */
  readonly failed: (error: Error) => void;
}

/** How long results are handed out before the event loop gets its turn. */
const sliceMs = 8;

/** What a command came to; called in the order of the commands. */
export type Settled = (result: Result) => void;

/**
 * Gathers the commands of a turn of the event loop, and of the time the last group took, into one transaction.
 * One group is in flight, so cost per command falls as load rises; no timers.
 */
export class CommandGroups {
  #next: { command: Command; settled: Settled }[] = [];
  #running = false;
  #scheduled = false;
  #failure: string | undefined;
  #idle: (() => void)[] = [];

  constructor(
    private readonly executor: Executor,
    private readonly events: GroupEvents,
    private readonly clock: Clock = systemClock,
  ) {}

  /** @param settled never called before this returns */
  add(command: Command, settled: Settled): void {
    this.#next.push({ command, settled });
    this.#schedule();
  }

  /** The same with a promise, for what is not on the hot path. */
  ask(command: Command): Promise<Result> {
    return new Promise((resolve) => {
      this.add(command, resolve);
    });
  }

  /** Resolves when everything added so far has its result. */
  idle(): Promise<void> {
    if (!this.#running && this.#next.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#running || this.#scheduled) return;
    this.#scheduled = true;
    // after the sockets of this turn were read: what they bring belongs into the same commit
    setImmediate(() => {
      this.#scheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#next.length > 0) {
      const group = this.#next;
      this.#next = [];
      const results = await this.#apply(group.map(({ command }) => command));
      let began = this.clock.now();
      for (const [i, { settled }] of group.entries()) {
        settled(results[i] ?? { kind: "refused", reason: "no result" });
        if (this.clock.now() - began < sliceMs) continue;
        // many pages at once (everybody came back): the sockets get their turn in between, the order stays
        await turn();
        began = this.clock.now();
      }
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #apply(group: readonly Command[]): Promise<readonly Result[]> {
    if (this.#failure === undefined) {
      try {
        const { results, full } = await this.executor.run(group);
        this.events.full(full);
        return results;
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        this.#failure = failure.message;
        this.events.failed(failure);
      }
    }
    const refused: Result = { kind: "refused", reason: this.#failure };
    return group.map(() => refused);
  }
}
