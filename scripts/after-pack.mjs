import { rm } from "node:fs/promises";
import path from "node:path";

/**
 * electron-builder's hook between copying the runtime and setting its fuses: a released app has no business opening others.
 * @param {import("app-builder-lib").AfterPackContext} context
 */
export default async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const resources =
    electronPlatformName === "darwin"
      ? path.join(appOutDir, `${packager.appInfo.productFilename}.app`, "Contents", "Resources")
      : path.join(appOutDir, "resources");
  await rm(path.join(resources, "default_app.asar"), { force: true });
}
