import { readBody } from "./peer.ts";

/** What became of one pair's messages. */
class Stream {
  readonly sentAt = new Map<number, number>();
  readonly accepted = new Set<number>();
  readonly received = new Set<number>();
  highest = -1;
}

/** Counts every message of a run: accepted, arrived, arrived again, overtaken. */
export class Ledger {
  readonly #streams = new Map<number, Stream>();
  accepted = 0;
  received = 0;
  again = 0;
  disorder = 0;
  refused = 0;
  /** a reason of those that were refused, for whoever wonders */
  why = "";
  /** told how long each message took, in milliseconds, when it is not undefined */
  timed: ((ms: number) => void) | undefined;

  sent(pair: number, first: number, count: number): void {
    const stream = this.#stream(pair);
    const now = performance.now();
    for (let number = first; number < first + count; number++) stream.sentAt.set(number, now);
  }

  accept(pair: number, numbers: readonly number[]): void {
    const { accepted } = this.#stream(pair);
    for (const number of numbers) {
      if (accepted.has(number)) continue;
      accepted.add(number);
      this.accepted++;
    }
  }

  refuse(numbers: readonly number[], why: string): void {
    this.refused += numbers.length;
    this.why = why;
  }

  /**
   * @param offset what is numbered below it belongs to an earlier load, and came late
   * @returns how many of the bodies were new
   */
  receive(bodies: readonly string[], offset: number): number {
    let fresh = 0;
    const now = performance.now();
    for (const body of bodies) {
      const { pair, number: numbered } = readBody(body);
      const number = numbered - offset;
      if (number < 0) continue;
      const stream = this.#stream(pair);
      if (stream.received.has(number)) {
        this.again++;
        continue;
      }
      stream.received.add(number);
      if (number < stream.highest) this.disorder++;
      else stream.highest = number;
      fresh++;
      const sentAt = stream.sentAt.get(number);
      if (sentAt !== undefined) this.timed?.(now - sentAt);
    }
    this.received += fresh;
    return fresh;
  }

  /** accepted and not here */
  get lost(): number {
    let lost = 0;
    for (const { accepted, received } of this.#streams.values())
      for (const number of accepted) if (!received.has(number)) lost++;
    return lost;
  }

  #stream(pair: number): Stream {
    const found = this.#streams.get(pair);
    if (found) return found;
    const made = new Stream();
    this.#streams.set(pair, made);
    return made;
  }
}

/** @param share 0.5 is the median */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
