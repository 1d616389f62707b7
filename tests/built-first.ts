import { type TestProject } from "vitest/node";
import { buildApp, buildRelay } from "../scripts/build.mjs";
import { electronRuntime } from "../scripts/electron-runtime.mjs";
import { ensureLibraries } from "../scripts/system-packages.mjs";
import { startDisplay } from "../scripts/xvfb.mjs";

/** Vitest's global set-up of the projects that run what is built: so that one test file alone tests today's sources. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildRelay();
  if (project.name !== "e2e") return async () => undefined;

  await buildApp();
  const runtime = await electronRuntime();
  await ensureLibraries(runtime.executable);
  if (process.platform !== "linux") return async () => undefined;
  // Always a display of its own: nobody's desktop is in the picture, and no window steals anybody's keyboard.
  const display = await startDisplay();
  process.env["DISPLAY"] = display.name;
  delete process.env["WAYLAND_DISPLAY"];
  return () => display.close();
}
