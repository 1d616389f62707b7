import { env, kill } from "node:process";
import { setTimeout as wait } from "node:timers/promises";

/** by which an app that ends for an update tells its successor whom to wait for */
const variable = "RECADO_PREDECESSOR";
const patienceMs = 20_000;

/** From here on, whoever is started by this process waits until it has ended. */
export function announceEnd(): void {
  env[variable] = String(process.pid);
}

/** Waits until the app that started this one has let go of its databases; an updated AppImage is started by the old one. */
export async function predecessorGone(): Promise<void> {
  const pid = Number(env[variable]);
  Reflect.deleteProperty(env, variable);
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) return;
  for (let waited = 0; waited < patienceMs && isRunning(pid); waited += 50) await wait(50);
}

function isRunning(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
