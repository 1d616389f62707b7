import { existsSync, readFileSync } from "node:fs";
import { BrowserWindow, screen, type Session } from "electron";
import { z } from "zod";
import { accountId, type AccountId, type AppEvent } from "../wire/ipc.ts";
import { writeAtomically } from "./atomic-file.ts";
import { type Log } from "./log.ts";
import { servePage } from "./page.ts";

const size = { width: 1_040, height: 700, minWidth: 360, minHeight: 480 };
/** a page that dies more often than this in a minute is not loaded again by itself */
const crashesInAMinute = 3;

const savedWindow = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(size.minWidth).max(20_000),
  height: z.number().int().min(size.minHeight).max(20_000),
  maximized: z.boolean(),
  shown: accountId.optional(),
});
type SavedWindow = z.infer<typeof savedWindow>;

export interface WindowsNeeds {
  readonly preload: string;
  /** what a window loads: our own page, or the one under development */
  readonly url: string;
  readonly placesFile: string;
  readonly profile: string | undefined;
  readonly log: Log;
  readonly nameOf: (account: AccountId) => string | undefined;
  readonly tellPage: (page: number, event: AppEvent) => void;
  readonly pageGone: (page: number) => void;
}

interface Shown {
  readonly window: BrowserWindow;
  account: AccountId | undefined;
  crashes: number[];
}

/** The app's windows: views only. Closing or reloading one loses nothing. */
export class Windows {
  readonly #needs: WindowsNeeds;
  /** by the id of the window's page */
  readonly #open = new Map<number, Shown>();
  #quitting = false;

  constructor(needs: WindowsNeeds) {
    this.#needs = needs;
  }

  /** Opens the windows of the last time, or one that shows `first`. */
  restore(first: AccountId | undefined): void {
    const places = this.#readPlaces();
    if (places.length === 0) this.open(first);
    for (const place of places) {
      const known = place.shown !== undefined && this.#needs.nameOf(place.shown) !== undefined;
      this.#create(known ? place.shown : first, place);
    }
  }

  open(account: AccountId | undefined): void {
    this.#create(account, undefined);
  }

  /** Brings a window to the front, or opens one when there is none. @returns its page */
  focus(): number {
    const window = BrowserWindow.getFocusedWindow() ?? [...this.#open.values()].at(-1)?.window;
    if (!window) return this.#create(undefined, undefined);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    return window.webContents.id;
  }

  shownBy(page: number): AccountId | undefined {
    return this.#open.get(page)?.account;
  }

  show(page: number, account: AccountId | undefined): void {
    const shown = this.#open.get(page);
    if (!shown) return;
    shown.account = account;
    this.#entitle(shown);
    this.#needs.tellPage(page, { kind: "window:shown", ...(account !== undefined && { shown: account }) });
  }

  leave(account: AccountId): void {
    for (const [page, shown] of this.#open) if (shown.account === account) this.show(page, undefined);
  }

  /** Remembers where the windows are; from here on their closing is the app's, not a person's. */
  prepareQuit(): void {
    if (this.#quitting) return;
    this.#quitting = true;
    this.#writePlaces([...this.#open.values()]);
  }

  /** @returns its page */
  #create(account: AccountId | undefined, place: SavedWindow | undefined): number {
    const window = new BrowserWindow({
      ...size,
      ...(place && isVisible(place) && { x: place.x, y: place.y, width: place.width, height: place.height }),
      show: false,
      title: "Recado",
      webPreferences: {
        preload: this.#needs.preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: true,
      },
    });
    const page = window.webContents.id;
    const shown: Shown = { window, account, crashes: [] };
    this.#open.set(page, shown);
    this.#entitle(shown);
    if (place?.maximized) window.maximize();
    window.once("ready-to-show", () => window.show());
    window.on("page-title-updated", (event) => event.preventDefault());
    window.on("close", () => {
      if (!this.#quitting && this.#open.size === 1) this.#writePlaces([shown]);
    });
    window.on("closed", () => {
      this.#open.delete(page);
      this.#needs.pageGone(page);
    });
    this.#guard(shown, page);
    void window.loadURL(this.#needs.url).catch((error: unknown) => {
      this.#needs.log.error("page not loaded", { reason: error instanceof Error ? error.message : "unknown" });
    });
    return page;
  }

  /** A page goes nowhere and opens nothing; when its process dies it is loaded again, and the snapshot brings it up to date. */
  #guard(shown: Shown, page: number): void {
    const { webContents } = shown.window;
    webContents.on("will-navigate", (event) => event.preventDefault());
    webContents.on("will-frame-navigate", (event) => event.preventDefault());
    webContents.on("will-attach-webview", (event) => event.preventDefault());
    webContents.setWindowOpenHandler(() => ({ action: "deny" }));
    webContents.on("did-start-navigation", (details) => {
      if (details.isMainFrame && !details.isSameDocument) this.#needs.pageGone(page);
    });
    webContents.on("render-process-gone", (_event, { reason }) => {
      this.#needs.log.error("page process gone", { reason });
      const now = Date.now();
      shown.crashes = [...shown.crashes.filter((at) => now - at < 60_000), now];
      if (reason !== "clean-exit" && shown.crashes.length <= crashesInAMinute) webContents.reload();
    });
  }

  #entitle({ window, account }: Shown): void {
    const name = account === undefined ? undefined : this.#needs.nameOf(account);
    const profile = this.#needs.profile === undefined ? "" : ` (${this.#needs.profile})`;
    window.setTitle(`${name === undefined ? "" : `${name} - `}Recado${profile}`);
  }

  #readPlaces(): SavedWindow[] {
    const { placesFile } = this.#needs;
    if (!existsSync(placesFile)) return [];
    try {
      const said: unknown = JSON.parse(readFileSync(placesFile, "utf8"));
      return z.array(savedWindow).max(32).catch([]).parse(said);
    } catch {
      return [];
    }
  }

  #writePlaces(open: readonly Shown[]): void {
    const places = open.map(({ window, account }): SavedWindow => {
      return {
        ...window.getNormalBounds(),
        maximized: window.isMaximized(),
        ...(account !== undefined && { shown: account }),
      };
    });
    if (places.length === 0) return;
    try {
      writeAtomically(this.#needs.placesFile, JSON.stringify(places));
    } catch {
      this.#needs.log.warn("window places not kept");
    }
  }
}

/** Whether enough of a remembered window would be on a screen that is there now. */
function isVisible(place: SavedWindow): boolean {
  return screen.getAllDisplays().some(({ workArea: area }) => {
    const width = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x);
    return width >= 100 && place.y >= area.y && place.y < area.y + area.height - 50;
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
