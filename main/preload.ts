import { contextBridge, ipcRenderer } from "electron";
import type { Reply } from "../wire/contract.ts";
import type { AppEvent, Bridge, BridgeCall, CallParams, CallValue, channels } from "../wire/ipc.ts";

// The types hold these to the table in wire/ipc.ts; importing the value would bring the whole of zod into every page.
const names: typeof channels = { call: "recado:call", event: "recado:event", subscribe: "recado:subscribe" };

// Main parses every call and says nothing that is not of its own table: here it is enough that it is an answer at all.
const isReply = <C extends BridgeCall>(said: unknown): said is Reply<CallValue<C>> =>
  typeof said === "object" && said !== null && "ok" in said;
const isEvent = (said: unknown): said is AppEvent => typeof said === "object" && said !== null && "kind" in said;

const bridge: Bridge = {
  async call<C extends BridgeCall>(name: C, params: CallParams<C>): Promise<Reply<CallValue<C>>> {
    const said: unknown = await ipcRenderer.invoke(names.call, name, params);
    if (isReply<C>(said)) return said;
    throw new Error("no answer");
  },
  subscribe(listener) {
    let started = false;
    const hear = (_event: unknown, ...all: readonly unknown[]): void => {
      for (const said of all) {
        if (!isEvent(said)) continue;
        // what was on its way to the page before this one is not this listener's (B3)
        started ||= said.kind === "snapshot";
        if (started) listener(said);
      }
    };
    ipcRenderer.on(names.event, hear);
    ipcRenderer.send(names.subscribe);
    return () => void ipcRenderer.removeListener(names.event, hear);
  },
};

contextBridge.exposeInMainWorld("recado", bridge);
