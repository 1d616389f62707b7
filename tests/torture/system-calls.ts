import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { until } from "../../drill/until.ts";

const strace = "/usr/bin/strace";

/** What a traced process did, in the order in which the kernel finished it. */
export type Call =
  /** bytes for a file, not yet safe */
  | { readonly kind: "write"; readonly file: string }
  /** everything written to the file so far is safe */
  | { readonly kind: "sync"; readonly file: string }
  /** said over a socket; `text` is as strace escapes it */
  | { readonly kind: "say"; readonly text: string };

const dataCalls = "fsync,fdatasync,write,writev,pwrite64,pwritev,sendmsg,sendto";

/** Whether strace is here. Installing it is for who runs the tests: it needs root. */
export const hasStrace = (): boolean => existsSync(strace);

/**
 * Traces a running process and all its threads until `stop`, which gives what was seen.
 * @throws Error that says what to install
 */
export async function traceProcess(pid: number): Promise<{ stop(): Promise<Call[]> }> {
  if (!hasStrace()) throw new Error("This test reads system calls and needs strace: sudo apt-get install strace");
  const folder = mkdtempSync(path.join(tmpdir(), "recado-strace-"));
  const file = path.join(folder, "calls");
  const args = ["-f", "-y", "-s", "100000", "-e", `trace=${dataCalls}`, "-o", file, "-p", String(pid)];
  const child = spawn(strace, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  try {
    await until("strace is attached", () => {
      if (child.exitCode !== null) throw new Error(`strace could not attach: ${said.trim()}`);
      return said.includes("attached");
    });
  } catch (error) {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGINT"); // lets go of the process
      await gone;
      const calls = readCalls(readFileSync(file, "utf8"));
      rmSync(folder, { recursive: true, force: true });
      return calls;
    },
  };
}

const whole = /^(\d+) +(\w+)\((.*)\) += +(-?\d+)/;
const begun = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const ended = /^(\d+) +<\.\.\. (\w+) resumed>.* = +(-?\d+)/;
const target = /^\d+<([^>]*)>/;

/**
 * Reads strace's lines. A sync counts when it has ended, a write and a word when they have begun: whichever is worse
 * for who claims to have synced first.
 */
export function readCalls(trace: string): Call[] {
  const calls: Call[] = [];
  const unfinished = new Map<string, Call>();
  for (const line of trace.split("\n")) {
    const resumed = ended.exec(line);
    if (resumed) {
      const call = unfinished.get(resumed[1] ?? "");
      unfinished.delete(resumed[1] ?? "");
      if (call?.kind === "sync" && resumed[3] === "0") calls.push(call);
      continue;
    }
    const parsed = whole.exec(line) ?? begun.exec(line);
    if (!parsed) continue;
    const [, thread = "", name = "", args = "", result] = parsed;
    const call = callOf(name, args);
    if (!call) continue;
    if (call.kind !== "sync" || result === "0") calls.push(call);
    else if (result === undefined) unfinished.set(thread, call);
  }
  return calls;
}

function callOf(name: string, args: string): Call | undefined {
  const file = target.exec(args)?.[1] ?? "";
  if (name === "fsync" || name === "fdatasync") return { kind: "sync", file };
  if (/^(socket|TCP)/.test(file)) return { kind: "say", text: args };
  return file.startsWith("/") ? { kind: "write", file } : undefined;
}
