import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { end } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { Stop, inProject, root, runMain, say } from "./project.mjs";

/**
 * Chromium's sandbox refuses to run as root, which is what containers are: for this run only, never in the product.
 * @returns {string[]}
 */
const switches = () => (process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu"] : []);

// Said on any machine without a desktop session or a graphics card; it tells nothing about the app.
const noise =
  /:(?:bus|object_proxy|viz_main_impl|command_buffer_proxy_impl|gpu_\w+|gl_\w+|angle_\w+|vaapi_\w+)\.cc|^\s*$/;

/**
 * Runs the app for a person, until it is closed or Ctrl+C.
 * @param {import("./electron-runtime.mjs").Runtime} runtime
 * @param {string[]} args for the app
 * @param {NodeJS.ProcessEnv} env
 * @param {Promise<unknown>} interrupted
 * @returns {Promise<number>} the app's exit code
 */
async function showApp(runtime, args, env, interrupted) {
  const child = spawn(runtime.executable, [root, ...switches(), ...args], { env, stdio: ["ignore", 2, "pipe"] });
  let sandbox = false;
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      sandbox ||= line.includes("SUID sandbox helper");
      if (!noise.test(line)) say(line);
    });
  }
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 0));
  });
  say("Recado is open. Closing it, or Ctrl+C here, ends it.");
  await Promise.race([ended, interrupted]);
  await end(child);
  if (sandbox) {
    const helper = `"${runtime.directory}/chrome-sandbox"`;
    throw new Stop(
      `This system lets no ordinary user make a sandbox: allow Electron's helper to (sudo chown root ${helper} && sudo chmod 4755 ${helper}) and try again.`,
    );
  }
  return ended;
}

/**
 * Runs the app where there is no display: in memory, with a picture of its window.
 * @param {import("./electron-runtime.mjs").Runtime} runtime
 * @param {string[]} args for the app
 * @param {NodeJS.ProcessEnv} env
 * @param {Promise<unknown> | undefined} keep how long to stay after the picture
 * @returns {Promise<void>}
 */
async function pictureApp(runtime, args, env, keep) {
  const { _electron } = await import("playwright");
  const { DISPLAY: display = "" } = env;
  /** @type {Record<string, string>} */
  const plain = { DISPLAY: display };
  for (const [name, value] of Object.entries(env)) if (value !== undefined) plain[name] = value;
  const app = await _electron.launch({
    executablePath: runtime.executable,
    args: [root, ...switches(), ...args],
    env: plain,
    timeout: 45_000,
  });
  const child = app.process();
  try {
    const window = await app.firstWindow({ timeout: 30_000 });
    await window.locator("body :is(input, button):visible").first().waitFor({ timeout: 30_000 });
    await window.evaluate("document.fonts.ready.then(() => undefined)");
    const picture = inProject("recado-window.png");
    await window.screenshot({ path: picture });
    say(`The window is open; its picture is in ${picture}`);
    if (keep) {
      say("Staying until Ctrl+C.");
      await Promise.race([keep, new Promise((resolve) => app.once("close", () => resolve(undefined)))]);
    }
  } finally {
    await app.close().catch(() => undefined);
    await end(child);
  }
}

await runMain(async () => {
  const args = process.argv.slice(2);
  const keep = args.includes("--keep");
  const appArgs = args.filter((arg) => arg !== "--keep");
  await ensureInstalled();

  // Only now is there anything to import: on a fresh clone node_modules was empty.
  const { buildApp, buildRelay } = await import("./build.mjs");
  const { electronRuntime } = await import("./electron-runtime.mjs");
  const { ensureLibraries } = await import("./system-packages.mjs");
  const { hasDisplay, startDisplay } = await import("./xvfb.mjs");
  const { openLocalRelay } = await import("./local-relay.mjs");

  const runtime = await electronRuntime();
  await ensureLibraries(runtime.executable);
  await buildRelay();
  await buildApp();

  /** @type {(() => Promise<void>)[]} */
  const opened = [];
  let closing = false;
  /** @type {unknown} */
  let failure;
  try {
    const relay = await openLocalRelay();
    opened.push(relay.close);
    const interrupted = new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, resolve);
      relay.ready.catch((error) => {
        failure = error;
        resolve(undefined);
      });
    });
    void relay.ended.then(() => {
      if (!closing) say("The relay has ended. The app goes on and waits for one.");
    });
    const env = { ...process.env, RECADO_RELAY: relay.url };
    if (hasDisplay()) {
      const code = await showApp(runtime, appArgs, env, interrupted);
      if (failure) throw failure;
      return code;
    }

    say("There is no display here, so the app runs in memory.");
    const display = await startDisplay();
    opened.push(display.close);
    await pictureApp(runtime, appArgs, { ...env, DISPLAY: display.name }, keep ? interrupted : undefined);
    await relay.ready;
    if (!keep) say("That is all without a display: ending. With `npm start -- --keep` it stays open.");
  } finally {
    closing = true;
    for (const close of opened.reverse()) await close();
  }
  return 0;
});
