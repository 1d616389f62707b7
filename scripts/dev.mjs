import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { end, isRunning } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { inProject, root, runMain, say } from "./project.mjs";

const quietMs = 150;

/**
 * A program that is started again after its sources changed.
 * @typedef {object} Reloaded
 * @property {() => Promise<void>} restart
 * @property {() => Promise<void>} close safe to call twice
 */

/**
 * @param {() => import("node:child_process").ChildProcess} start
 * @param {() => void} onEnd when it ended by itself, not for a restart
 * @returns {Reloaded}
 */
function reloaded(start, onEnd) {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;
  const stop = async () => {
    const last = child;
    child = undefined;
    if (last && isRunning(last)) await end(last);
  };
  return {
    restart: async () => {
      await stop();
      const next = start();
      child = next;
      next.once("exit", () => {
        if (child === next) onEnd();
      });
    },
    close: stop,
  };
}

/**
 * Calls `changed` after the last of a burst of changes, one call at a time.
 * @param {string[]} folders
 * @param {() => Promise<void>} changed
 * @returns {() => void} ends the watching
 */
function watchFolders(folders, changed) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let turn = Promise.resolve();
  const watchers = folders.map((folder) =>
    watch(inProject(folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        // Half-written code does not build: say so and wait for the next save.
        turn = turn.then(changed).catch((error) => say(error instanceof Error ? error.message : String(error)));
      }, quietMs);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

await runMain(async () => {
  await ensureInstalled();
  const { createServer } = await import("vite");
  const { buildMain, buildRelay } = await import("./build.mjs");
  const { electronRuntime } = await import("./electron-runtime.mjs");
  const { ensureLibraries } = await import("./system-packages.mjs");
  const { hasDisplay, startDisplay } = await import("./xvfb.mjs");
  const { localPort } = await import("./local-relay.mjs");

  const runtime = await electronRuntime();
  await ensureLibraries(runtime.executable);
  await buildRelay();
  await buildMain();

  /** @type {(() => unknown)[]} */
  const opened = [];
  try {
    await new Promise((resolve, reject) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => resolve(undefined));
      const open = async () => {
        const display = hasDisplay() ? undefined : await startDisplay();
        if (display) opened.push(display.close);

        const relay = reloaded(
          () =>
            spawn(
              process.execPath,
              [
                inProject("dist", "relay", "relay.mjs"),
                "--port",
                String(localPort),
                "--data",
                inProject("recado-data"),
              ],
              { stdio: ["ignore", 2, 2] },
            ),
          () => say("The relay has ended; it starts again when its sources change."),
        );
        opened.push(relay.close);
        await relay.restart();

        const vite = await createServer({
          configFile: inProject("renderer/vite.config.ts"),
          root: inProject("renderer"),
          server: { host: "127.0.0.1", strictPort: false },
        });
        opened.push(() => vite.close());
        await vite.listen();
        const url = vite.resolvedUrls?.local[0];
        if (url === undefined) throw new Error("Vite has no address.");

        const env = {
          ...process.env,
          RECADO_DEV_URL: url,
          RECADO_RELAY: `http://127.0.0.1:${localPort}`,
          ...(display ? { DISPLAY: display.name } : {}),
        };
        const switches = process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu"] : [];
        const app = reloaded(
          () =>
            spawn(runtime.executable, [root, ...switches, ...process.argv.slice(2)], { env, stdio: ["ignore", 2, 2] }),
          () => resolve(undefined),
        );
        opened.push(app.close);
        await app.restart();

        const reloadRelay = async () => {
          if (await buildRelay()) await relay.restart();
        };
        const reloadApp = async () => {
          if (await buildMain()) await app.restart();
        };
        opened.push(watchFolders(["server", "wire"], reloadRelay), watchFolders(["main", "wire"], reloadApp));
        say(`The windows reload from ${url}; the app and the relay start again when their sources change.`);
      };
      open().catch(reject);
    });
  } finally {
    for (const close of opened.reverse()) await close();
  }
  return 0;
});
