import type { ContactView } from "../wire/ipc.ts";

/** The question a window is asking, if any. */
export type WindowDialog =
  | { kind: "none" }
  | { kind: "add" }
  | { kind: "remove"; contact: ContactView }
  | { kind: "block"; contact: ContactView }
  | { kind: "details"; key: string }
  | { kind: "waits" }
  | { kind: "sign-out" };

export type Ask = (dialog: WindowDialog) => void;
