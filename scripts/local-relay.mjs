import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { createConnection } from "node:net";
import path from "node:path";
import { end } from "./child.mjs";
import { Stop, inProject, say } from "./project.mjs";

/**
 * @typedef {object} LocalRelay
 * @property {string} url
 * @property {Promise<void>} ready when it listens; rejects with a {@link Stop} when it ends before that
 * @property {Promise<void>} ended when a relay that was started here has gone; never, when it was there before
 * @property {() => Promise<void>} close ends it if it was started here; safe to call twice
 */

/** The address that the app offers unless told otherwise. */
export const localPort = Number(process.env["RECADO_PORT"] ?? 4567);

/**
 * What listens there now.
 * @param {string} url
 * @returns {Promise<"relay" | "stranger" | "nobody">}
 */
async function whoAnswers(url) {
  const taken = await new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = createConnection({ host: hostname, port: Number(port), timeout: 2_000 });
    /** @param {boolean} answer */
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true)).once("error", () => settle(false));
    socket.once("timeout", () => settle(true));
  });
  if (!taken) return "nobody";
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok && (await answer.text()).startsWith("recado") ? "relay" : "stranger";
  } catch {
    return "stranger";
  }
}

/**
 * A relay at the default address: the one that already answers there, or a new one with embedded inboxes under recado-data/.
 * Its log goes to recado-data/relay.log. It is not waited for: the window opens meanwhile, and its address is known.
 * @returns {Promise<LocalRelay>}
 * @throws {Stop} when another program has the port
 */
export async function openLocalRelay() {
  const url = `http://127.0.0.1:${localPort}`;
  const present = await whoAnswers(url);
  if (present === "relay") {
    say(`A relay already answers at ${url}.`);
    return { url, ready: Promise.resolve(), ended: new Promise(() => undefined), close: async () => undefined };
  }
  if (present === "stranger") {
    throw new Stop(
      `Port ${localPort} is taken by a program that is not a Recado relay: end it, or choose another port with RECADO_PORT, and try again.`,
    );
  }

  const data = process.env["RECADO_DATA"] ?? inProject("recado-data");
  const relay = spawnRelay(data, localPort);
  const ready = relay.listening.then(() => say(`Started a relay at ${url}; what it keeps is in ${data}.`));
  return { url, ready, ended: relay.ended, close: relay.close };
}

/**
 * A relay of one's own on loopback, with embedded inboxes, on any free port.
 * @param {string} data
 * @returns {Promise<LocalRelay>} when it listens
 * @throws {Stop} when it ends before that
 */
export async function startPrivateRelay(data) {
  const relay = spawnRelay(data, 0);
  return { url: await relay.listening, ready: Promise.resolve(), ended: relay.ended, close: relay.close };
}

/**
 * @param {string} data
 * @returns {number} a file descriptor
 * @throws {Stop} when nothing can be written there
 */
function openLog(data) {
  try {
    mkdirSync(data, { recursive: true });
    return openSync(path.join(data, "relay.log"), "w");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Stop(
      `The relay's folder ${data} cannot be used (${why}): choose another with RECADO_DATA and try again.`,
    );
  }
}

/**
 * @param {string} data its folder; its log goes to relay.log in it
 * @param {number} port 0 takes any
 */
function spawnRelay(data, port) {
  const log = openLog(data);
  const args = ["--host", "127.0.0.1", "--port", String(port), "--data", data];
  const child = spawn(process.execPath, [inProject("dist", "relay", "relay.mjs"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (chunk) => (complaint += chunk));
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => child.once("close", () => resolve(closeSync(log))));
  /** @type {Promise<string>} the address it listens at */
  const listening = new Promise((resolve, reject) => {
    let head = "";
    child.stdout.on("data", (chunk) => {
      writeSync(log, chunk);
      if (head === "heard") return;
      head += chunk;
      const url = /"url":"([^"]+)".*"msg":"listening"/.exec(head)?.[1];
      if (url === undefined) return;
      head = "heard";
      resolve(url);
    });
    child.once("error", reject);
    child.once("close", () => reject(new Stop(`The relay did not start. ${complaint.trim()}`)));
  });
  return { listening, ended, close: () => end(child) };
}
