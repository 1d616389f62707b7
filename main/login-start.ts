import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeAtomically } from "./atomic-file.ts";

/** Whether the app starts when its person signs in to the computer. The system keeps it, so the system is asked. */
export interface LoginStart {
  isOn(): boolean;
  /** @throws when the system refuses */
  set(on: boolean): void;
}

/** How the app is started again: the program and its arguments. */
export interface StartCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** A desktop entry in the folder where Linux desktops look for what they start (freedesktop.org, autostart). */
export function autostartEntry(configFolder: string, profile: string | undefined, command: StartCommand): LoginStart {
  const file = join(configFolder, "autostart", profile === undefined ? "recado.desktop" : `recado-${profile}.desktop`);
  return {
    isOn() {
      if (!existsSync(file)) return false;
      const entry = readFileSync(file, "utf8");
      // how desktops switch off an entry that they leave in place
      return !/^(?:Hidden=true|X-GNOME-Autostart-enabled=false)\s*$/m.test(entry);
    },
    set(on) {
      if (!on) {
        rmSync(file, { force: true });
        return;
      }
      mkdirSync(dirname(file), { recursive: true });
      writeAtomically(file, entryOf(command));
    },
  };
}

/** The part of Electron's `app` that macOS and Windows need. */
export interface LoginItems {
  getLoginItemSettings(options: { path: string; args: string[] }): { openAtLogin: boolean };
  setLoginItemSettings(settings: { openAtLogin: boolean; path: string; args: string[] }): void;
}

export function loginItem(items: LoginItems, { program, args }: StartCommand): LoginStart {
  const item = { path: program, args: [...args] };
  return {
    isOn: () => items.getLoginItemSettings(item).openAtLogin,
    set: (on) => items.setLoginItemSettings({ ...item, openAtLogin: on }),
  };
}

const entryOf = ({ program, args }: StartCommand): string =>
  [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Recado",
    `Exec=${[program, ...args].map(quoted).join(" ")}`,
    "Icon=recado",
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");

/** One argument of `Exec`: quoted, escaped for the quotes, and once more as every string of a desktop entry is. */
function quoted(argument: string): string {
  const inside = argument.replace(/["`$\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${inside}"`.replaceAll("\\", "\\\\");
}
