import { createHash } from "node:crypto";
import { accessSync, constants, createReadStream } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  AppImageUpdater,
  type AppUpdater,
  DebUpdater,
  MacUpdater,
  NsisUpdater,
  RpmUpdater,
  type UpdateInfo,
} from "electron-updater";
import { type UpdateFailure } from "../wire/update.ts";
import { factsOf, type Log } from "./log.ts";
import { isSigned } from "./update-signature.ts";
import { type Installer, type UpdatesOn } from "./update-source.ts";
import { UpdateFailed, type Updater } from "./updates.ts";

export interface ElectronUpdaterNeeds {
  readonly source: UpdatesOn;
  /** one of electron-updater's, unless a test brings one that runs without Electron */
  readonly updater?: AppUpdater;
  readonly log: Log;
  /** just before the app ends for its successor */
  readonly ending: () => void;
}

/** electron-updater as the app uses it: nothing by itself, and nothing that is not signed. */
export function electronUpdater({ source, log, ending, ...given }: ElectronUpdaterNeeds): Updater {
  const updater = given.updater ?? installerFor(source.installer);
  updater.updateConfigPath = source.feedFile;
  // also a copy that cannot replace itself looks for a newer one
  updater.forceDevUpdateConfig = true;
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = false;
  updater.allowDowngrade = false;
  updater.allowPrerelease = false;
  updater.disableWebInstaller = true;
  // everybody gets a release at once, so nobody needs a number by which the server could know them again
  updater.isUserWithinRollout = () => true;
  updater.requestHeaders = { "x-user-staging-id": "none" };
  // its own lines name files and addresses; what matters of them comes back as a failure
  updater.logger = null;
  let found: UpdateInfo | undefined;
  let file: string | undefined;

  return {
    async check() {
      found = undefined;
      const result = await updater.checkForUpdates().catch((error: unknown) => {
        throw new UpdateFailed("unreachable", error);
      });
      if (!result?.isUpdateAvailable) return undefined;
      if (!isSigned(result.updateInfo, source.key)) throw new UpdateFailed("untrusted");
      found = result.updateInfo;
      return found.version;
    },

    async download(progress) {
      const told = ({ percent }: { percent: number }): void => progress(percent);
      updater.on("download-progress", told);
      try {
        [file] = await updater.downloadUpdate();
      } catch (error) {
        throw new UpdateFailed(failureOf(error), error);
      } finally {
        updater.off("download-progress", told);
      }
    },

    async apply() {
      // The file has lain in a folder that other programs of this person can write.
      if (file === undefined || !found?.files.some(sameAs(await sha512Of(file)))) throw new UpdateFailed("damaged");
      const appImage = process.env["APPIMAGE"];
      // electron-updater deletes the old file before it moves the new one: only where that can succeed
      if (appImage !== undefined) assertWritable(dirname(appImage));
      ending();
      return new Promise((_applied, reject) => {
        updater.once("error", (error) => {
          log.warn("update not applied", factsOf(error));
          reject(new UpdateFailed("not-applied", error));
        });
        updater.quitAndInstall(true, true);
      });
    },
  };
}

/** By our own reading of the surroundings: electron-updater's would take an AppImage packed beside a deb for a deb. */
function installerFor(installer: Installer): AppUpdater {
  switch (installer) {
    case "deb":
      return new DebUpdater();
    case "rpm":
      return new RpmUpdater();
    case "nsis":
      return new NsisUpdater();
    case "mac":
      return new MacUpdater();
    case "appimage":
      return new AppImageUpdater();
    case "none":
      return process.platform === "win32" ? new NsisUpdater() : new AppImageUpdater();
  }
}

const sameAs =
  (hash: string) =>
  ({ sha512 }: { sha512: string }): boolean =>
    sha512 === hash;

async function sha512Of(file: string): Promise<string> {
  const hash = createHash("sha512");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    throw new UpdateFailed("damaged", error);
  }
  return hash.digest("base64");
}

function assertWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UpdateFailed("not-applied", error);
  }
}

/** Why a download failed, by the codes of electron-updater and of the system. */
function failureOf(error: unknown): UpdateFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ERR_CHECKSUM_MISMATCH":
      return "damaged";
    case "ERR_UPDATER_INVALID_SIGNATURE":
      return "untrusted";
    case "ENOSPC":
    case "EDQUOT":
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "not-stored";
    default:
      return "unreachable";
  }
}
