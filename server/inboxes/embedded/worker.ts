import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { openInboxTable } from "./table.ts";
import { type FromThread, packAnswer, type ToThread } from "./thread.ts";
import { SqliteOpenError } from "../../sqlite.ts";

// The thread of the embedded inboxes (thread.ts starts it). Built as dist/relay/inbox-worker.mjs beside the relay.
if (!parentPort) throw new Error("inbox-worker is a thread of the relay, not a program.");
const port = parentPort;
const say = (message: FromThread) => port.postMessage(message);

try {
  const table = await openInboxTable(z.object({ file: z.string(), reserveBytes: z.number() }).parse(workerData));
  port.on("message", (message: ToThread) => {
    switch (message.kind) {
      case "group":
        say({ kind: "applied", answer: packAnswer(table.apply(message.group)) });
        break;
      case "close":
        table.close();
        say({ kind: "closed" });
        break;
    }
  });
  say({ kind: "opened", found: table.found() });
} catch (error) {
  const problem = error instanceof SqliteOpenError ? error.problem : "unreadable";
  say({ kind: "failed", problem, message: error instanceof Error ? error.message : String(error) });
}
