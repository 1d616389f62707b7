import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { launchWith, ownEnvironment } from "../drill/node-launch.ts";
import { Processes } from "../drill/processes.ts";
import { startRelay as start, type RelayProcess } from "../drill/relay-process.ts";

export { type LogLine, type RelayProcess } from "../drill/relay-process.ts";

/** The built relay; the global set-up of the tests that need it builds it. */
export const relayFile = path.resolve(import.meta.dirname, "../dist/relay/relay.mjs");

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

/**
 * Starts a relay on a port and a folder of its own, and waits until it listens.
 * @throws Error with its exit code and its sentence when it ends before that
 */
export async function startRelay({
  data,
  file,
  args,
  nodeFlags,
  ...options
}: RelayOptions = {}): Promise<RelayProcess> {
  const folder = data ?? (await mkdtemp(path.join(tmpdir(), "recado-relay-")));
  // whatever ends the process that started it: no relay outlives it
  const processes = new Processes(launchWith(nodeFlags ?? []));
  const remove = async (): Promise<void> => {
    processes.close();
    if (data === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const needs = { launch: processes.launch, script: file ?? relayFile, data: folder, args: args ?? [], ...options };
  const relay = await start(needs).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const close = relay.close.bind(relay);
  return Object.assign(relay, {
    close: async () => {
      await close();
      await remove();
    },
  });
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
    env: { ...ownEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}
