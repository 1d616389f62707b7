import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** What may be said about an event: ids, codes and numbers; never a body, a password, a token or somebody's name. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(msg: string, facts?: Facts): void;
  warn(msg: string, facts?: Facts): void;
  error(msg: string, facts?: Facts): void;
  close(): void;
}

const fileBytes = 1_048_576;
const filesKept = 3;

/**
 * JSON lines in `folder`/recado.log; full files move on to recado.1.log and so on, the oldest is dropped. A log that
 * cannot be written is silent: it must never be the reason why the app stops.
 */
export function openLog(folder: string, now: () => number): Log {
  const nameOf = (age: number): string => join(folder, age === 0 ? "recado.log" : `recado.${age}.log`);
  let file: number | undefined;
  let bytes = 0;
  let closed = false;

  function reopen(): void {
    mkdirSync(folder, { recursive: true });
    file = openSync(nameOf(0), "a", 0o600);
    bytes = fstatSync(file).size;
  }

  function rotate(): void {
    if (file !== undefined) closeSync(file);
    file = undefined;
    for (let age = filesKept - 1; age >= 0; age--) {
      if (existsSync(nameOf(age))) renameSync(nameOf(age), nameOf(age + 1));
    }
  }

  function write(level: string, msg: string, facts: Facts = {}): void {
    if (closed) return;
    try {
      const line = Buffer.from(`${JSON.stringify({ level, time: new Date(now()).toISOString(), msg, ...facts })}\n`);
      if (bytes + line.length > fileBytes) rotate();
      if (file === undefined) reopen();
      if (file !== undefined) bytes += writeSync(file, line);
    } catch {
      // a full or failing disk: see above
    }
  }

  return {
    info: (msg, facts) => write("info", msg, facts),
    warn: (msg, facts) => write("warn", msg, facts),
    error: (msg, facts) => write("error", msg, facts),
    close() {
      closed = true;
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** What a log may know of an error: its kind and code, because its text could repeat somebody's words. */
export function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { error: error.name, code, at: error.stack?.split("\n")[1]?.trim() };
}
