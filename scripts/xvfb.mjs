import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { end } from "./child.mjs";
import { Stop, say } from "./project.mjs";
import { canInstall, fonts, installPackages } from "./system-packages.mjs";

/**
 * @typedef {object} Display
 * @property {string} name for the environment variable DISPLAY
 * @property {() => Promise<void>} close ends the server; safe to call twice
 */

/** Whether windows can be shown to a person here. */
export const hasDisplay = () =>
  process.platform !== "linux" || Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"]);

const server = "/usr/bin/Xvfb";

/**
 * Starts a display that exists in memory only, on a number that the server itself found free.
 * @returns {Promise<Display>}
 * @throws {Stop} when Xvfb is missing and cannot be installed from here, or does not start
 */
export async function startDisplay() {
  if (!existsSync(server)) {
    if (!canInstall())
      throw new Stop("Without a display Xvfb is needed: install it (sudo apt-get install xvfb) and try again.");
    await installPackages(["xvfb", ...fonts]);
  }
  const child = spawn(server, ["-displayfd", "3", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr?.on("data", (chunk) => (complaint += chunk));
  /** @type {string} */
  const number = await new Promise((resolve, reject) => {
    let text = "";
    child.stdio[3]?.on("data", (chunk) => {
      text += chunk;
      if (text.endsWith("\n")) resolve(text.trim());
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Stop(`Xvfb did not start: ${complaint.trim() || "no reason given"}`)));
  });
  say(`Using a display in memory (Xvfb :${number}).`);
  return { name: `:${number}`, close: () => end(child) };
}
