import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";

/** One message as the harness asked an app to write it, before the app knew of it. */
export interface Attempt {
  /** the beginning of its body; unique in the run */
  readonly token: string;
  readonly from: string;
  readonly device: string;
  readonly to: string;
  /** the place in the order in which this device wrote to this recipient */
  readonly place: number;
}

export const tokenOf = ({ from, device, to, place }: Omit<Attempt, "token">): string =>
  `${from}/${device}/${to}/${place}`;

/** The token that a body begins with. */
export const tokenIn = (body: string): string => body.slice(0, Math.max(0, body.indexOf("|")));

/** What was attempted, on the disk before the app is told: nothing can be shown that is not in here. */
export class Journal {
  readonly attempts = new Map<string, Attempt>();
  /** tokens that the app has answered for: they are in its database, whatever happens */
  readonly written = new Map<string, string>();
  readonly #places = new Map<string, number>();
  #file: number | undefined;

  constructor(path: string) {
    this.#file = openSync(path, "a", 0o600);
  }

  attempt(from: string, device: string, to: string): Attempt {
    const stream = `${device} ${to}`;
    const place = (this.#places.get(stream) ?? 0) + 1;
    this.#places.set(stream, place);
    const attempt: Attempt = { token: tokenOf({ from, device, to, place }), from, device, to, place };
    if (this.#file === undefined) throw new Error("The journal is closed.");
    writeSync(this.#file, `${attempt.token}\n`);
    fsyncSync(this.#file);
    this.attempts.set(attempt.token, attempt);
    return attempt;
  }

  answered(token: string, id: string): void {
    this.written.set(token, id);
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
  }
}
