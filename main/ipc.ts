import { answer, refusal, type Handlers } from "../wire/contract.ts";
import { bridgeContract, channels, type AppEvent, type BridgeContract } from "../wire/ipc.ts";

/** The parts of Electron's objects that the bridge needs: it can be tried without Electron. */
export interface Frame {
  readonly url: string;
  readonly parent: object | null;
}
export interface Page {
  readonly id: number;
  send(channel: string, ...events: readonly AppEvent[]): void;
  isDestroyed(): boolean;
}
export interface Asking {
  readonly sender: Page;
  readonly senderFrame: Frame | null;
}
export interface Ipc {
  handle(channel: string, listener: (event: Asking, ...said: unknown[]) => Promise<unknown>): void;
  on(channel: string, listener: (event: Asking) => void): void;
  removeHandler(channel: string): void;
  removeAllListeners(channel: string): void;
}

/** Who asks: the page of one window. */
export interface Asker {
  readonly page: number;
}

export interface BridgeNeeds {
  readonly ipc: Ipc;
  readonly handlers: Handlers<BridgeContract, Asker>;
  readonly isOwnPage: (url: string) => boolean;
  /** the whole state as this page shows it */
  readonly snapshot: (asker: Asker) => AppEvent;
  readonly unexpected: (error: unknown, call: string) => void;
}

/** Main's end of the bridge. */
export interface BridgeEnd {
  /** There is something to show: pages that asked before it was there get their snapshot now. */
  begin(): void;
  /** tells every page that has subscribed; several events are one message */
  tell(...events: readonly AppEvent[]): void;
  tellPage(page: number, event: AppEvent): void;
  /** a page that begins anew has to subscribe again */
  forget(page: number): void;
  close(): void;
}

/**
 * Answers the calls of our own pages (B1, B2) and tells them what happens, the snapshot first (B3).
 * A stranger's call is refused before anything of it is read.
 */
export function openBridge(needs: BridgeNeeds): BridgeEnd {
  const { ipc } = needs;
  const subscribed = new Map<number, Page>();
  /** until then pages are noted and told nothing */
  let begun = false;
  const isOurs = ({ senderFrame }: Asking): boolean =>
    senderFrame !== null && senderFrame.parent === null && needs.isOwnPage(senderFrame.url);

  function send(page: Page, ...events: readonly AppEvent[]): void {
    if (!begun) return;
    if (page.isDestroyed()) subscribed.delete(page.id);
    else page.send(channels.event, ...events);
  }

  ipc.handle(channels.call, async (event, name, params) => {
    if (!isOurs(event)) return { ok: false, error: refusal("invalid", "Only the app's own page may ask.") };
    const call = typeof name === "string" ? name : "";
    return answer(bridgeContract, needs.handlers, call, params, { page: event.sender.id }, needs.unexpected);
  });
  ipc.on(channels.subscribe, (event) => {
    if (!isOurs(event)) return;
    subscribed.set(event.sender.id, event.sender);
    if (begun) send(event.sender, needs.snapshot({ page: event.sender.id }));
  });

  return {
    begin() {
      begun = true;
      for (const [id, page] of [...subscribed]) send(page, needs.snapshot({ page: id }));
    },
    tell(...events) {
      for (const page of [...subscribed.values()]) send(page, ...events);
    },
    tellPage(id, event) {
      const page = subscribed.get(id);
      if (page) send(page, event);
    },
    forget(id) {
      subscribed.delete(id);
    },
    close() {
      ipc.removeHandler(channels.call);
      ipc.removeAllListeners(channels.subscribe);
      subscribed.clear();
    },
  };
}
