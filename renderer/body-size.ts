import type { limits } from "../wire/model.ts";

/** Bytes of UTF-8 in one message (G9); the type makes it fail to compile if the contract's limit moves. */
export const bodyBytes: (typeof limits)["bodyBytes"] = 65_536;

/** From here on the composer shows how much is left. */
const nearBytes = 60_000;

/** How much room a text leaves, once that is worth saying: negative when it is over the limit. */
export function bytesLeft(body: string): number | undefined {
  // a UTF-16 unit is at most 3 bytes of UTF-8: ordinary messages are not counted at every key press
  if (body.length * 3 < nearBytes) return undefined;
  const bytes = new TextEncoder().encode(body).length;
  return bytes < nearBytes ? undefined : bodyBytes - bytes;
}

/** What is sent for what was typed: without blank ends, and always valid UTF-8. Empty: nothing to send. */
export function bodyFrom(typed: string): string {
  return typed
    .toWellFormed()
    .replace(/^\s*\n/, "")
    .trimEnd();
}
