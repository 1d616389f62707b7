import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { handOver, owner } from "./e2e-app.ts";

/** A session bus with an unlocked key store, as a person's desktop has one; its files are in a temporary folder. */
export interface Keyring {
  /** what a program needs in its environment to find it */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const programs = ["/usr/bin/dbus-daemon", "/usr/bin/gnome-keyring-daemon"] as const;

/** @throws Error with a next step where the programs are missing */
export async function startKeyring(): Promise<Keyring> {
  const missing = programs.filter((program) => !existsSync(program));
  if (missing.length > 0) {
    throw new Error(
      `These tests need a real key store: apt-get install dbus gnome-keyring (${missing.join(", ")} missing).`,
    );
  }
  const folder = await mkdtemp(path.join(tmpdir(), "recado-keyring-"));
  handOver(folder);
  const running: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const [busProgram, storeProgram] = programs;
    const bus = spawn(busProgram, ["--session", "--nofork", "--print-address"], {
      ...owner,
      stdio: ["ignore", "pipe", "ignore"],
    });
    running.push(bus);
    const address = await firstLine(bus);
    const env = { DBUS_SESSION_BUS_ADDRESS: address, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder };
    const store = spawn(storeProgram, ["--foreground", "--unlock", "--components=secrets"], {
      ...owner,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    running.push(store);
    store.stdin.end("the login password\n");
    return { env, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("no output to read");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("The session bus did not say its address.");
}
