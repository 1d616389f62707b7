import { BrowserWindow, screen, type Session } from "electron";
import { type WindowView } from "../wire/ipc.ts";
import { type Log } from "./log.ts";
import { servePage } from "./page.ts";
import { type Area, isVisible, leastSize, type Place, stepAside } from "./window-places.ts";

const usualSize = {
  account: { width: 1_040, height: 700 },
  conversation: { width: 480, height: 640 },
} as const;
/** a page that dies more often than this in a minute is not loaded again by itself */
const crashesInAMinute = 3;

export interface WindowNeeds {
  readonly preload: string;
  /** what a window loads: our own page, or the one under development */
  readonly url: string;
  readonly log: Log;
  /** the page begins anew and has to subscribe again */
  readonly pageGone: (page: number) => void;
}

/**
 * One window of ours, hidden, at its remembered place if that is still on a screen, else beside the one in front.
 * @param front where that stands
 */
export function createWindow(
  needs: WindowNeeds,
  view: WindowView,
  place: Place | undefined,
  front: Area | undefined,
): BrowserWindow {
  const kind = view.kind === "conversation" ? "conversation" : "account";
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...usualSize[kind],
    minWidth: leastSize[kind].width,
    minHeight: leastSize[kind].height,
    ...(front && stepAside(front, usualSize[kind], screens)),
    ...(place && isVisible(place, screens) && { x: place.x, y: place.y, width: place.width, height: place.height }),
    show: false,
    title: "Recado",
    webPreferences: {
      preload: needs.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: true,
    },
  });
  window.on("page-title-updated", (event) => event.preventDefault());
  guard(window, needs);
  void window.loadURL(needs.url).catch((error: unknown) => {
    needs.log.error("page not loaded", { reason: error instanceof Error ? error.message : "unknown" });
  });
  return window;
}

/** A page goes nowhere and opens nothing; when its process dies it is loaded again, and the snapshot brings it up to date. */
function guard({ webContents }: BrowserWindow, { log, pageGone }: WindowNeeds): void {
  const page = webContents.id;
  let crashes: number[] = [];
  webContents.on("will-navigate", (event) => event.preventDefault());
  webContents.on("will-frame-navigate", (event) => event.preventDefault());
  webContents.on("will-attach-webview", (event) => event.preventDefault());
  webContents.setWindowOpenHandler(() => ({ action: "deny" }));
  webContents.on("did-start-navigation", (details) => {
    if (details.isMainFrame && !details.isSameDocument) pageGone(page);
  });
  webContents.on("render-process-gone", (_event, { reason }) => {
    log.error("page process gone", { reason });
    const now = Date.now();
    crashes = [...crashes.filter((at) => now - at < 60_000), now];
    if (reason !== "clean-exit" && crashes.length <= crashesInAMinute) webContents.reload();
  });
}

/** Our page and nothing else: its own scheme, and none of the permissions a page can ask for but writing to the clipboard. */
export function prepareSession(session: Session, pageFolder: string, isOwnPage: (url: string) => boolean): void {
  session.protocol.handle("app", (request) => servePage(pageFolder, request.url));
  session.setPermissionRequestHandler((_page, permission, answer, details) => {
    answer(permission === "clipboard-sanitized-write" && isOwnPage(details.requestingUrl));
  });
  session.setPermissionCheckHandler((_page, permission) => permission === "clipboard-sanitized-write");
}
