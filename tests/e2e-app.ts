import { execFileSync } from "node:child_process";
import { env, getuid } from "node:process";

/**
 * Which app the end-to-end suites drive: what was built from the sources, or (`npm test -- --packaged`, `npm run dist:check`)
 * a packaged one that RECADO_TEST_APP names. RECADO_TEST_USER, where root runs the tests, is whose app it is: an ordinary
 * person's, with Chromium's sandbox on. RECADO_TEST_APP then has to be a program that becomes that user.
 */
export const packagedApp: string | undefined = env["RECADO_TEST_APP"];

const user = env["RECADO_TEST_USER"];
const idOf = (flag: "-u" | "-g", name: string): number =>
  Number(execFileSync("id", [flag, name], { encoding: "utf8" }));

/** Who runs the app, when that is not who runs the tests. */
export const owner: { readonly uid: number; readonly gid: number } | undefined =
  user === undefined ? undefined : { uid: idOf("-u", user), gid: idOf("-g", user) };

/** Lets the app's user have a folder that a test has made. */
export function handOver(folder: string): void {
  if (owner) execFileSync("chown", ["-R", `${owner.uid}:${owner.gid}`, folder]);
}

/** Chromium's sandbox refuses to run as root, which is what containers are; never so in the product. */
export const switches: readonly string[] =
  getuid?.() === 0 && owner === undefined ? ["--no-sandbox", "--disable-gpu"] : ["--disable-gpu"];
