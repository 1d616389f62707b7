import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Launch } from "./child.ts";

/** @param nodeFlags for Node itself, before the script: a profile is one */
export const launchWith =
  (nodeFlags: readonly string[]): Launch =>
  (script, args, hearing, env) => {
    const child = spawn(process.execPath, [...nodeFlags, script, ...args], {
      env: { ...ownEnvironment(), ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.on("error", () => undefined); // it may die while it is being told something
    createInterface({ input: child.stdout }).on("line", (line) => hearing.line(line));
    createInterface({ input: child.stderr }).on("line", (line) => hearing.complaint(line));
    const ended = new Promise<number | null>((resolve) => {
      child.once("error", (error) => {
        hearing.complaint(error.message);
        resolve(null);
      });
      child.once("close", (code) => resolve(code));
    });
    return {
      ended,
      get pid() {
        return child.pid;
      },
      get running() {
        return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
      },
      tell: (line) => void child.stdin.write(`${line}\n`),
      stop: () => void child.kill("SIGTERM"),
      kill: () => void child.kill("SIGKILL"),
    };
  };

/** Starts a script with this Node. */
export const nodeLaunch: Launch = launchWith([]);

/** A RECADO_... of the person who breaks things must not reach into what is broken. */
export const ownEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RECADO_")));
