import { join } from "node:path";
import { app, type BrowserWindow, Menu, nativeImage, nativeTheme, Notification, powerMonitor, Tray } from "electron";
import { type Power } from "./attendance.ts";
import { autostartEntry, loginItem, type LoginStart } from "./login-start.ts";
import { escapeMarkup } from "./note.ts";
import { type Notifier } from "./notifications.ts";
import { type TrayPlace, type TraySign } from "./tray.ts";

/** The system's notifications, through Electron. */
export function systemNotifier(platform: NodeJS.Platform): Notifier {
  // one that nobody holds is collected, and its click with it
  const held = new Set<Notification>();
  const plain = platform === "linux" ? escapeMarkup : (text: string): string => text;
  return {
    isSupported: () => Notification.isSupported(),
    show({ title, body, silent }, listener) {
      const notification = new Notification({ title: plain(title), body: plain(body), silent });
      held.add(notification);
      notification.on("show", () => listener.shown());
      notification.on("failed", () => {
        held.delete(notification);
        listener.failed();
      });
      notification.on("click", () => {
        held.delete(notification);
        listener.clicked();
      });
      notification.on("close", () => held.delete(notification));
      notification.show();
      return {
        close() {
          held.delete(notification);
          notification.close();
        },
      };
    },
  };
}

/** Electron holds on to every menu that a tray ever had: one is made when the words are other ones, and not for what passes at once. */
const menuQuietMs = 300;

/** The system's tray, through Electron. @param icons the folder with the tray's pictures */
export function systemTray(icons: string, platform: NodeJS.Platform, clicked: () => void): TrayPlace {
  let tray: Tray | undefined;
  let last: TraySign | undefined;
  let shownMenu = "";
  let menuTimer: ReturnType<typeof setTimeout> | undefined;
  function showMenu(): void {
    menuTimer = undefined;
    const words = JSON.stringify(last?.menu);
    if (!tray || !last || words === shownMenu) return;
    shownMenu = words;
    tray.setContextMenu(Menu.buildFromTemplate(last.menu));
  }
  const picture = (unread: boolean): Electron.NativeImage => {
    // a menu bar colours its own; elsewhere it stands on what the system's theme paints
    const ground = platform !== "darwin" && nativeTheme.shouldUseDarkColorsForSystemIntegratedUI ? "dark" : "light";
    const image = nativeImage.createFromPath(join(icons, `tray-${ground}${unread ? "-unread" : ""}.png`));
    if (platform === "darwin") image.setTemplateImage(true);
    return image;
  };
  nativeTheme.on("updated", () => {
    if (tray && last) tray.setImage(picture(last.unread));
  });
  return {
    show(sign) {
      if (!tray) {
        tray = new Tray(picture(sign.unread));
        tray.on("click", clicked);
      } else if (sign.unread !== last?.unread) tray.setImage(picture(sign.unread));
      last = sign;
      tray.setToolTip(sign.tip);
      menuTimer ??= setTimeout(showMenu, menuQuietMs);
    },
    remove() {
      tray?.destroy();
      clearTimeout(menuTimer);
      menuTimer = undefined;
      shownMenu = "";
      tray = undefined;
      last = undefined;
    },
  };
}

/** The number on the app's icon; on Windows a dot on each window's button. */
export function showBadge(
  count: number,
  words: string,
  windows: readonly BrowserWindow[],
  icons: string,
  platform: NodeJS.Platform,
): void {
  if (platform !== "win32") {
    app.setBadgeCount(count);
    return;
  }
  const image = count > 0 ? nativeImage.createFromPath(join(icons, "overlay.png")) : null;
  for (const window of windows) window.setOverlayIcon(image, count > 0 ? words : "");
}

export const systemPower: Power = {
  idleMs: () => powerMonitor.getSystemIdleTime() * 1_000,
  // where the lock has no event, asking tells; the argument is of no interest for that answer
  isLocked: () => powerMonitor.getSystemIdleState(3_600) === "locked",
  on(event, listener) {
    switch (event) {
      case "lock":
        powerMonitor.on("lock-screen", listener);
        return;
      case "unlock":
        powerMonitor.on("unlock-screen", listener);
        return;
      case "sleep":
        powerMonitor.on("suspend", listener);
        return;
      case "wake":
        powerMonitor.on("resume", listener);
        return;
    }
  },
};

/** Starting with the computer, hidden: through the system's login items, on Linux through an autostart entry. */
export function systemLoginStart(profile: string | undefined, platform: NodeJS.Platform): LoginStart {
  // an AppImage runs from a folder that is gone after it; started again is the file itself
  const program = process.env["APPIMAGE"] ?? process.execPath;
  const args = [
    ...(app.isPackaged ? [] : [app.getAppPath()]),
    ...(profile === undefined ? [] : ["--profile", profile]),
    "--hidden",
  ];
  if (platform !== "linux") return loginItem(app, { program, args });
  return autostartEntry(app.getPath("appData"), profile, { program, args });
}
