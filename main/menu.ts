import { type MenuItemConstructorOptions } from "electron";
import { type Words } from "./text.ts";

/** The app's menu in the person's language; what the system knows how to do keeps its role and its shortcut. */
export function menuOf(
  words: Words,
  platform: NodeJS.Platform,
  actions: { readonly newWindow: () => void; readonly checkForUpdates: () => void; readonly development: boolean },
): MenuItemConstructorOptions[] {
  const mac = platform === "darwin";
  return [
    ...(mac ? [{ role: "appMenu" } as const] : []),
    {
      label: words.file,
      submenu: [
        { label: words.newWindow, accelerator: "CmdOrCtrl+N", click: actions.newWindow },
        { label: words.closeWindow, role: "close" },
        ...(mac ? [] : [{ type: "separator" } as const, { label: words.quit, role: "quit" } as const]),
      ],
    },
    {
      label: words.edit,
      submenu: [
        { label: words.undo, role: "undo" },
        { label: words.redo, role: "redo" },
        { type: "separator" },
        { label: words.cut, role: "cut" },
        { label: words.copy, role: "copy" },
        { label: words.paste, role: "paste" },
        { label: words.selectAll, role: "selectAll" },
      ],
    },
    {
      label: words.view,
      submenu: [
        { label: words.resetZoom, role: "resetZoom" },
        { label: words.zoomIn, role: "zoomIn" },
        { label: words.zoomOut, role: "zoomOut" },
        { type: "separator" },
        { label: words.fullScreen, role: "togglefullscreen" },
        ...(actions.development ? [{ role: "reload" } as const, { role: "toggleDevTools" } as const] : []),
      ],
    },
    ...(mac ? [{ label: words.window, role: "windowMenu" } as const] : []),
    {
      label: words.help,
      role: "help",
      submenu: [{ label: words.checkForUpdates, click: actions.checkForUpdates }],
    },
  ];
}
