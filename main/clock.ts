/** Time as an argument, so that a simulator can be its master. Milliseconds. */
export interface Clock {
  now(): number;
  /** runs `action` once, `ms` from now; returns what cancels it */
  after(ms: number, action: () => void): () => void;
}

/** Chance as an argument: a number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * How long to wait before another try: full jitter over a window that doubles, so that many apps
 * that lost one relay do not come back in step.
 * @param attempt 1 for the first wait
 * @param span the shortest and the longest wait, in milliseconds
 */
export function backoffMs(attempt: number, random: Random, span: { least: number; most: number }): number {
  const window = Math.min(span.most, span.least * 2 ** Math.min(attempt, 30));
  return Math.round(span.least + random() * (window - span.least));
}
