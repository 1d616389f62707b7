import { Worker } from "node:worker_threads";
import {
  type Command,
  type Found,
  type GroupResult,
  type InboxTable,
  type Result,
  type TableOptions,
} from "./table.ts";
import { SqliteOpenError, type SqliteProblem } from "../../sqlite.ts";

/** Applies groups of commands, one at a time, durably. */
export interface Executor {
  /** rejects when the storage is gone for good */
  run(group: readonly Command[]): Promise<GroupResult>;
  /** safe to call twice */
  close(): Promise<void>;
}

/** A group's result on its way between threads: nearly all are `done`, and copying each would cost more than saying which are not. */
export interface ThreadAnswer {
  readonly count: number;
  readonly others: readonly { readonly index: number; readonly result: Result }[];
  readonly full: boolean;
}

export function packAnswer({ results, full }: GroupResult): ThreadAnswer {
  const others = results.flatMap((result, index) => (result.kind === "done" ? [] : { index, result }));
  return { count: results.length, others, full };
}

const done: Result = { kind: "done" };

function unpackAnswer({ count, others, full }: ThreadAnswer): GroupResult {
  const results = new Array<Result>(count).fill(done);
  for (const { index, result } of others) results[index] = result;
  return { results, full };
}

/** What the thread is asked and what it says; it answers in order. */
export type ToThread = { readonly kind: "group"; readonly group: readonly Command[] } | { readonly kind: "close" };
export type FromThread =
  | { readonly kind: "opened"; readonly found: Found }
  | { readonly kind: "failed"; readonly problem: SqliteProblem; readonly message: string }
  | { readonly kind: "applied"; readonly answer: ThreadAnswer }
  | { readonly kind: "closed" };

/**
 * Opens the table in a thread of its own, so that no commit ever holds up the event loop.
 * @param script the built inbox-worker.ts (a worker cannot load TypeScript)
 * @throws SqliteOpenError
 */
export async function openInboxThread(
  script: URL,
  options: TableOptions,
): Promise<{ executor: Executor; found: Found }> {
  const worker = new Worker(script, { workerData: options });
  const thread = new InboxThread(worker);
  const first = await thread.next();
  if (first.kind === "opened") return { executor: thread, found: first.found };
  await worker.terminate();
  if (first.kind === "failed") throw new SqliteOpenError(first.problem, options.file, first.message);
  throw new SqliteOpenError("unreadable", options.file, "The inbox thread did not open its database.");
}

class InboxThread implements Executor {
  #waiting: { answer: (message: FromThread) => void; fail: (error: Error) => void }[] = [];
  #dead: Error | undefined;
  #closed: Promise<void> | undefined;

  constructor(private readonly worker: Worker) {
    worker.on("message", (message: FromThread) => {
      this.#waiting.shift()?.answer(message);
    });
    worker.on("error", (error) => {
      this.#die(error instanceof Error ? error : new Error("The inbox thread failed.", { cause: error }));
    });
    worker.on("exit", () => {
      this.#die(new Error("The inbox thread ended."));
    });
  }

  async next(): Promise<FromThread> {
    if (this.#dead) throw this.#dead;
    return await new Promise((answer, fail) => this.#waiting.push({ answer, fail }));
  }

  async run(group: readonly Command[]): Promise<GroupResult> {
    const message = await this.#ask({ kind: "group", group });
    if (message.kind !== "applied") throw new Error(`The inbox thread said ${message.kind} to a group.`);
    return unpackAnswer(message.answer);
  }

  close(): Promise<void> {
    this.#closed ??= this.#ask({ kind: "close" }).then(
      async () => {
        await this.worker.terminate();
      },
      () => undefined, // dead already: nothing is left open
    );
    return this.#closed;
  }

  #ask(message: ToThread): Promise<FromThread> {
    const answer = this.next();
    if (!this.#dead) this.worker.postMessage(message);
    return answer;
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { fail } of this.#waiting.splice(0)) fail(this.#dead);
  }
}

/** The same table without a thread, for a simulator that wants every step in its own hands. */
export function inlineExecutor(table: InboxTable): Executor {
  return {
    run: (group) => Promise.resolve(table.apply(group)),
    close: () => {
      table.close();
      return Promise.resolve();
    },
  };
}
