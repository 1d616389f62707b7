import type { ParentPort } from "electron";

/** The way to whoever started this process, when that is Electron; a process of Node has its standard streams instead. */
export const portOfUtility = (): ParentPort | undefined => ("parentPort" in process ? process.parentPort : undefined);
