import { type Clock, systemClock } from "../clock.ts";
import { type Appetite, type Consumption, type Kept } from "../inbox.ts";

/** One envelope as an engine holds it in memory. */
export interface Item extends Kept {
  /** as JSON */
  readonly bytes: number;
}

export type End = "stopped" | "unavailable" | "removed";

export interface PumpParts<I extends Item> {
  readonly consumer: (batch: readonly Kept[]) => Promise<void>;
  readonly appetite: () => Appetite;
  /** makes a handed-out prefix leave the inbox; resolves when that is durable, rejects when it cannot be */
  readonly settle: (items: readonly I[]) => Promise<void>;
  /** the window got smaller: time to fetch what waits behind it */
  readonly hungry: () => void;
  /** gives back what the engine holds for this consumption; called once, after the last batch */
  readonly release: () => Promise<void>;
  /** the machine's own unless a simulator is its master */
  readonly clock?: Clock;
}

const firstPauseMs = 10;
const longestPauseMs = 1_000;

/**
 * Hands out a window of envelopes in batches, one in flight (I3, I9, I10). Both engines fill the window; what is in it
 * is a prefix of what the inbox holds, so putting a refused batch back at its head keeps the order (I5).
 */
export class Handout<I extends Item> implements Consumption {
  readonly ended: Promise<{ reason: End }>;
  #window: I[] = [];
  #head = 0;
  #bytes = 0;
  #end: End | undefined;
  #wake: (() => void) | undefined;
  #settling: Promise<void> = Promise.resolve();

  constructor(private readonly parts: PumpParts<I>) {
    this.ended = this.#run();
  }

  /** how many envelopes wait in the window */
  get size(): number {
    return this.#window.length - this.#head;
  }

  /** their bytes as JSON */
  get bytes(): number {
    return this.#bytes;
  }

  hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Adds at the end of the window. */
  push(items: readonly I[]): void {
    for (const item of items) {
      this.#window.push(item);
      this.#bytes += item.bytes;
    }
    if (items.length > 0) this.#rouse();
  }

  /** No new batch from now on. The first reason stays. */
  end(reason: End): void {
    this.#end ??= reason;
    this.#rouse();
  }

  async stop(): Promise<void> {
    this.end("stopped");
    await this.ended;
  }

  async #run(): Promise<{ reason: End }> {
    let pauseMs = firstPauseMs;
    await Promise.resolve(); // the owner gets to keep the pump before the first call comes out of it
    while (this.#end === undefined) {
      if (this.size === 0) {
        this.parts.hungry();
        await this.#sleep(undefined);
        continue;
      }
      const batch = this.#take();
      this.parts.hungry(); // what comes next is fetched while this batch is on its way
      if (await this.#handOver(batch)) {
        pauseMs = firstPauseMs;
        continue;
      }
      this.#putBack(batch);
      await this.#sleep(pauseMs);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    }
    await this.#settling;
    await this.parts.release().catch(() => undefined);
    return { reason: this.#end };
  }

  async #handOver(batch: readonly I[]): Promise<boolean> {
    try {
      await this.parts.consumer(batch);
    } catch {
      return false; // the consumer knows why; for the inbox it only means: not settled (I5)
    }
    // the next batch does not wait for this one's settling; stopping does (I6)
    this.#settling = Promise.all([
      this.#settling,
      this.parts.settle(batch).catch(() => {
        this.end("unavailable");
      }),
    ]).then(() => undefined);
    return true;
  }

  #take(): I[] {
    const appetite = this.parts.appetite();
    const batch: I[] = [];
    let bytes = 0;
    for (let i = this.#head; i < this.#window.length; i++) {
      const item = this.#window[i];
      if (!item) break;
      if (batch.length > 0 && (batch.length >= appetite.envelopes || bytes + item.bytes > appetite.bytes)) break;
      batch.push(item);
      bytes += item.bytes;
    }
    this.#head += batch.length;
    this.#bytes -= bytes;
    if (this.#head === this.#window.length) {
      this.#window = [];
      this.#head = 0;
    } else if (this.#head > 512) {
      this.#window = this.#window.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  #putBack(batch: readonly I[]): void {
    this.#window = [...batch, ...this.#window.slice(this.#head)];
    this.#head = 0;
    for (const item of batch) this.#bytes += item.bytes;
  }

  /** Until `end`, or something was pushed, or (only then) the pause is over. */
  #sleep(pauseMs: number | undefined): Promise<void> {
    // hungry() may have filled the window, or ended us, before anybody slept
    if (this.#end !== undefined || (pauseMs === undefined && this.size > 0)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = pauseMs === undefined ? undefined : (this.parts.clock ?? systemClock).after(pauseMs, resolve);
      this.#wake = () => {
        if (pauseMs !== undefined && this.#end === undefined) return;
        cancel?.();
        resolve();
      };
    });
  }

  #rouse(): void {
    this.#wake?.();
  }
}
