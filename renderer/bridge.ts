import type { Bridge } from "../wire/ipc.ts";

declare global {
  interface Window {
    /** exposed by the preload */
    readonly recado: Bridge;
  }
}

/**
 * The bridge of this page, and the only place that touches it.
 * A call that breaks on the way (the main process is closing) comes back as a refusal, so that no caller needs a catch.
 */
export function openBridge(page: Window): Bridge {
  return {
    async call(name, params) {
      try {
        return await page.recado.call(name, params);
      } catch {
        return {
          ok: false,
          error: { code: "unavailable", message: "The main process did not answer.", retryable: true },
        };
      }
    },
    subscribe: (listener) => page.recado.subscribe(listener),
  };
}
