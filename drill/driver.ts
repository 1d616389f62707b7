import { drillNews, drillScript, type DrillAsk } from "../wire/drill.ts";
import { openAskedChildren } from "./asked-launch.ts";
import { drill } from "./drill.ts";
import { portOfUtility } from "./utility.ts";

// The drill inside the app: a utility process of its own, so that its synchronous disk work holds up no window. An installed
// Electron starts no Node, so the main process starts its children for it.
const [, , folder = ""] = process.argv;
const port = portOfUtility();
if (!port) throw new Error("The driver is a utility process of the app; the command is command.ts.");
const ask = (asked: DrillAsk): void => port.postMessage(asked);
const children = openAskedChildren(ask);
port.on("message", ({ data }) => children.hear(drillNews.parse(data)));

try {
  const scripts = { relay: drillScript.enum.relay, app: drillScript.enum.app };
  const tell = (progress: Extract<DrillAsk, { ask: "progress" }>["progress"]): void =>
    ask({ ask: "progress", progress });
  ask({ ask: "report", report: await drill({ launch: children.launch, scripts, folder, tell }) });
} catch (error) {
  ask({ ask: "give-up", reason: error instanceof Error ? error.message : String(error) });
}
