import { join } from "node:path";
import { utilityProcess } from "electron";
import { type Fork } from "./drill-processes.ts";

const files = { driver: "driver.mjs", app: "app.mjs", relay: "relay-child.mjs" } as const;

/**
 * Starts the programs of the drill as utility processes: an installed Electron is no Node.
 * @param folder where they are, dist/drill
 */
export const forkFrom =
  (folder: string): Fork =>
  (program, args) =>
    utilityProcess.fork(join(folder, files[program]), [...args], {
      serviceName: `Recado drill: ${program}`,
      stdio: "pipe",
      // a setting of the person's own relay is not for this one
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RECADO_"))),
    });

/** As `kill -9` does; Electron's own `kill` asks politely. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}
