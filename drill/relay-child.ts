import { hearTold } from "./told.ts";

// The relay as a utility process of Electron: the released bundle, and a way to tell it to stop.
hearTold(
  () => undefined,
  () => undefined,
);
await import(new URL("../relay/relay.mjs", import.meta.url).href);
