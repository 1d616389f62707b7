import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

/** The built relay; the global set-up of the tests that need it builds it. */
export const relayFile = path.resolve(import.meta.dirname, "../dist/relay/relay.mjs");

const listening = z.object({ msg: z.literal("listening"), url: z.string(), inboxes: z.enum(["embedded", "rabbitmq"]) });
const logLine = z.record(z.string(), z.unknown());
export type LogLine = z.infer<typeof logLine>;

export interface RelayOptions {
  /** a folder of the test's own; without it a temporary one is made, and removed by `close` */
  readonly data?: string;
  readonly port?: number;
  /** another bundle of the relay than the built one */
  readonly file?: string;
  readonly args?: readonly string[];
  /** flags of Node itself, for a profile */
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A real relay in a process of its own, on a port and a folder of its own. */
export interface RelayProcess {
  readonly url: string;
  readonly data: string;
  readonly inboxes: "embedded" | "rabbitmq";
  readonly pid: number;
  /** every line of its log so far, over all its lives */
  readonly log: readonly LogLine[];
  /** what it wrote on standard error, over all its lives */
  readonly complaints: readonly string[];
  /** SIGKILL: what a crash leaves is what there is */
  kill(): Promise<void>;
  /** SIGTERM; the exit code (null: ended by a signal) */
  stop(): Promise<number | null>;
  /** Starts it again on the same port and folder, after `kill` or `stop` or in place of them. */
  restart(): Promise<void>;
  /** Stops it and removes the temporary folder. Safe to call twice. */
  close(): Promise<void>;
}

interface Life {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly inboxes: "embedded" | "rabbitmq";
}

const environment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  // A RECADO_… of the person who runs the tests must not reach into them.
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RECADO_"))),
  ...extra,
});

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function signal(child: ChildProcess, name: "SIGTERM" | "SIGKILL"): Promise<number | null> {
  if (isRunning(child)) {
    const gone = once(child, "exit");
    child.kill(name);
    await gone;
  }
  return child.exitCode;
}

/**
 * Starts a relay and waits until it listens.
 * @throws Error with its exit code and its sentence when it ends before that
 */
export async function startRelay(options: RelayOptions = {}): Promise<RelayProcess> {
  const data = options.data ?? (await mkdtemp(path.join(tmpdir(), "recado-relay-")));
  const log: LogLine[] = [];
  const complaints: string[] = [];
  let running: ChildProcess | undefined;
  // whatever ends the process that started it: no relay outlives it
  const insist = (): void => void running?.kill("SIGKILL");
  process.once("exit", insist);

  const live = (port: number): Promise<Life> =>
    new Promise((resolve, reject) => {
      const args = [
        ...(options.nodeFlags ?? []),
        options.file ?? relayFile,
        "--port",
        String(port),
        "--data",
        data,
        ...(options.args ?? []),
      ];
      const child = spawn(process.execPath, args, {
        env: environment(options.env),
        stdio: ["ignore", "pipe", "pipe"],
      });
      running = child;
      const { pid } = child;
      createInterface({ input: child.stderr }).on("line", (line) => complaints.push(line));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const entry = logLine.parse(JSON.parse(line));
        log.push(entry);
        const ready = listening.safeParse(entry);
        if (ready.success && pid !== undefined)
          resolve({ child, pid, url: ready.data.url, inboxes: ready.data.inboxes });
      });
      child.once("error", reject);
      child.once("close", (code) => reject(new Error(`The relay ended with ${code}: ${complaints.join("\n")}`)));
    });

  const remove = async () => {
    process.off("exit", insist);
    if (options.data === undefined) await rm(data, { recursive: true, force: true, maxRetries: 3 });
  };
  let life = await live(options.port ?? 0).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    data,
    log,
    complaints,
    get url() {
      return life.url;
    },
    get inboxes() {
      return life.inboxes;
    },
    get pid() {
      return life.pid;
    },
    kill: async () => {
      await signal(life.child, "SIGKILL");
    },
    stop: () => signal(life.child, "SIGTERM"),
    restart: async () => {
      await signal(life.child, "SIGTERM");
      life = await live(Number(new URL(life.url).port));
    },
    close: async () => {
      await signal(life.child, "SIGTERM");
      await remove();
    },
  };
}

/**
 * Runs a relay command to its end: `invite`, `--help`, or a start that is meant to fail.
 * @param args as after `npm run relay --`
 */
export async function runRelay(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [relayFile, ...args], {
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}
