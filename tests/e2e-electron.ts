import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { _electron, type ElectronApplication, type Page } from "playwright";
import { electronRuntime } from "../scripts/electron-runtime.mjs";
import { handOver, packagedApp, switches } from "./e2e-app.ts";

const project = path.resolve(import.meta.dirname, "..");

/** What Chromium says on any machine without a desktop session or a graphics card; it tells nothing about the app. */
const noise = [
  /:(?:bus|object_proxy|viz_main_impl|command_buffer_proxy_impl|gpu_\w+|gl_\w+|angle_\w+|vaapi_\w+|sandbox_linux|cert_issuer_source_aia|network_service_instance_impl)\.cc/,
  /^Debugger (?:listening|attached|ending)/,
  /^For help, see: /,
  /^DevTools listening/,
  /^Waiting for the debugger/,
  /libva error|Gtk-WARNING|dconf-WARNING|GLib-GIO/,
  /^\s*$/,
];

export interface LaunchOptions {
  /** the app's folder; without it a temporary one is made, and removed by `close` */
  readonly userDataDir?: string;
  /** a second app beside the first: `--profile NAME` */
  readonly profile?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A running app and its first window. */
export interface Desktop {
  readonly app: ElectronApplication;
  readonly window: Page;
  readonly userDataDir: string;
  /** what main wrote on standard error that is not Chromium's usual noise */
  readonly complaints: readonly string[];
  /** every window there is now, oldest first */
  windows(): Page[];
  /** the next window that opens; ask before the click that opens it */
  nextWindow(): Promise<Page>;
  /** Quits as a person would; the folder stays for the next start. */
  quit(): Promise<void>;
  /** SIGKILL of this app alone */
  kill(): Promise<void>;
  /** Quits and removes the temporary folder. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts the app (dist/app, or a packaged one: e2e-app.ts) as a person would find it, and waits for its first window.
 * @throws Error with what it wrote on standard error when no window comes within 30 s
 */
export async function launch(options: LaunchOptions = {}): Promise<Desktop> {
  const executablePath = packagedApp ?? (await electronRuntime()).executable;
  const userDataDir = options.userDataDir ?? (await mkdtemp(path.join(tmpdir(), "recado-app-")));
  handOver(userDataDir);
  const remove = async () => {
    if (options.userDataDir === undefined) await rm(userDataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  const app = await _electron.launch({
    executablePath,
    args: [
      ...(packagedApp === undefined ? [project] : []),
      `--user-data-dir=${userDataDir}`,
      ...switches,
      ...(options.profile === undefined ? [] : ["--profile", options.profile]),
      ...(options.args ?? []),
    ],
    env: { ...ownEnvironment(), ...options.env },
    timeout: 45_000,
  });

  const child = app.process();
  const complaints: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (!noise.some((pattern) => pattern.test(line))) complaints.push(line);
    });
  }
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const kill = async () => {
    if (!isRunning()) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const quit = async () => {
    if (!isRunning()) return;
    const insist = setTimeout(() => child.kill("SIGKILL"), 15_000);
    // Rejected when the app goes before Playwright has heard that it may: gone is gone.
    await app.close().catch(() => undefined);
    if (isRunning()) await once(child, "exit");
    clearTimeout(insist);
  };

  const window = await app.firstWindow({ timeout: 30_000 }).catch(async (error: unknown) => {
    await kill();
    await remove();
    throw new Error(`The app opened no window. ${complaints.join("\n")}`, { cause: error });
  });
  return {
    app,
    window,
    userDataDir,
    complaints,
    windows: () => app.windows(),
    nextWindow: () => app.waitForEvent("window"),
    quit,
    kill,
    close: async () => {
      await quit();
      await remove();
    },
  };
}

/** The environment without the person's own settings of Recado, and without those that turn Electron into something else. */
function ownEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    const foreign = /^(?:RECADO_|NODE_OPTIONS$|ELECTRON_RUN_AS_NODE$|VITEST)/.test(name);
    if (value !== undefined && !foreign) kept[name] = value;
  }
  return kept;
}
