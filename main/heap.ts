import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Clock } from "./clock.ts";

const collectEveryMs = 5 * 60_000;

/**
 * Lets go of garbage every five minutes. Pages collect theirs when they are idle; this process has no idle time that V8
 * knows of, and its heap is far too small for V8 to begin by itself: after an hour of a message a second a third of what
 * it holds is garbage (`npm run bench:app -- --parts memory`). Takes about 15 ms.
 * @returns ends it
 */
export function collectNowAndThen(clock: Clock): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (!isAction(collect)) return () => undefined;
  let cancel: () => void;
  const next = () => {
    cancel = clock.after(collectEveryMs, () => {
      collect();
      next();
    });
  };
  next();
  return () => cancel();
}

const isAction = (value: unknown): value is () => void => typeof value === "function";
