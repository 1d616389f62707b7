import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { end } from "../../scripts/child.mjs";
import { inProject } from "../../scripts/project.mjs";

/**
 * A relay of this benchmark's own; its inboxes are large enough for 5,000 from one sender.
 * @param {string} data
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function openRelay(data) {
  const args = ["--port", "0", "--data", data, "--limits", "none", "--inbox-limit", "40000"];
  const child = spawn(process.execPath, [inProject("dist/relay/relay.mjs"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line);
      if (said.msg === "listening") resolve(said.url);
    });
    child.once("exit", (code) => reject(new Error(`the relay ended with ${code}`)));
  });
  return { url, close: () => end(child) };
}
