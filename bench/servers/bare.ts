import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { endProcess } from "./process.ts";
import { type StartServer } from "./server.ts";

/** The bare socket.io relay, bundled beside this program. */
export const bareRelay: StartServer = async () => {
  const file = path.join(path.dirname(process.argv[1] ?? ""), "bare-relay.mjs");
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { port } = z.object({ port: z.number() }).parse(JSON.parse(line));
  return {
    port,
    processes: { relay: child.pid ?? 0 },
    restart: () => Promise.reject(new Error("There is nothing that a restart could bring back.")),
    close: () => endProcess(child),
  };
};
