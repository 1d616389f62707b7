import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright";
import { root } from "../../scripts/project.mjs";

/**
 * A running Electron: its process, and its windows as pages. Started as a person would start it, not by a test tool that
 * holds it back at the start; the tool looks in afterwards.
 * @typedef {object} Desk
 * @property {number} pid
 * @property {number} startedAt when the process was asked for, in milliseconds of the system's clock
 * @property {() => import("playwright").Page[]} pages
 * @property {(count: number) => Promise<import("playwright").Page>} nth waits until there are so many windows; gives the last
 * @property {() => Promise<void>} quit as a person would; safe to call twice
 */

const asRoot = process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu"] : [];

/**
 * @param {string} executable the Electron runtime
 * @param {string} app the folder of the app to run
 * @param {string} userData
 * @returns {Promise<Desk>}
 */
export async function openDesk(executable, app, userData) {
  const startedAt = Date.now();
  const child = spawn(executable, [app, `--user-data-dir=${userData}`, "--remote-debugging-port=0", ...asRoot], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lines = createInterface({ input: child.stderr });
  /** @type {string} */
  const address = await new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const found = /DevTools listening on (ws:\S+)/.exec(line);
      if (found?.[1]) resolve(found[1]);
    });
    child.once("exit", (code) => reject(new Error(`Electron ended with ${code}`)));
  });
  const browser = await chromium.connectOverCDP(address);
  const pages = () =>
    browser.contexts().flatMap((context) => context.pages().filter((page) => !page.url().startsWith("devtools:")));
  let gone = false;
  return {
    pid: child.pid ?? 0,
    startedAt,
    pages,
    async nth(count) {
      for (let tries = 0; tries < 600; tries++) {
        const page = pages()[count - 1];
        if (page) return page;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`No window number ${count} came.`);
    },
    async quit() {
      if (gone) return;
      gone = true;
      await browser.close().catch(() => undefined);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(insist);
    },
  };
}

/** An app that is nothing but an empty sandboxed window: what the runtime costs by itself. @param {string} folder */
export function writeEmptyApp(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "empty", version: "1.0.0", main: "main.cjs" }),
  );
  writeFileSync(
    path.join(folder, "main.cjs"),
    `const { app, BrowserWindow } = require("electron");
     app.whenReady().then(() => new BrowserWindow({ width: 1040, height: 700, webPreferences: { sandbox: true } })
       .loadURL("data:text/html,<title>empty</title><p>empty"));
     process.on("SIGTERM", () => app.quit());`,
  );
  return folder;
}

/** All processes of an app, by their parents. @param {number} pid @returns {number[]} */
function family(pid) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const fields = readFileSync(`/proc/${entry}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // gone meanwhile
    }
  }
  /** @param {number} one @returns {number[]} */
  const all = (one) => [one, ...(children.get(one) ?? []).flatMap(all)];
  return all(pid);
}

/**
 * What the processes of an app hold, shared pages counted by their share, in MB, by their kind ("main", "renderer", ...).
 * @param {number} pid
 * @returns {Map<string, number>}
 */
export function pssByKind(pid) {
  /** @type {Map<string, number>} */
  const kinds = new Map();
  for (const one of family(pid)) {
    try {
      const kind = /--type=([\w-]+)/.exec(readFileSync(`/proc/${one}/cmdline`, "utf8"))?.[1] ?? "main";
      const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, "utf8"))?.[1] ?? 0);
      kinds.set(kind, (kinds.get(kind) ?? 0) + kilobytes / 1024);
    } catch {
      // gone meanwhile
    }
  }
  return kinds;
}

/** The built app. */
export const builtApp = root;
