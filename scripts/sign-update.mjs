import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { dump, load } from "js-yaml";
import { Stop, runMain, say } from "./project.mjs";

const usage = `Usage: node scripts/sign-update.mjs FOLDER    signs the announcements (latest*.yml) in it with RECADO_UPDATE_PRIVATE_KEY
       node scripts/sign-update.mjs --new-key   prints a new pair of keys: keep the private one where nobody else reads it`;

/**
 * What an announcement is, as electron-builder writes it; the app's main/update-signature.ts reads it.
 * @typedef {{ version: string, files: { url: string, sha512: string }[], signatures?: Record<string, string> }} Announcement
 */

/**
 * @param {Announcement} announced
 * @param {string} privateKey Ed25519, PEM
 * @returns {Announcement} with a signature for each of its files
 */
export function signed(announced, privateKey) {
  const key = createPrivateKey(privateKey);
  const signatures = announced.files.map(({ url, sha512 }) => {
    const statement = Buffer.from(`recado update\n${announced.version}\n${sha512}\n`, "utf8");
    return [url, sign(null, statement, key).toString("base64")];
  });
  return { ...announced, signatures: Object.fromEntries(signatures) };
}

/** @param {string} privateKey PEM @returns {string} the public half, PEM */
export const publicHalf = (privateKey) =>
  createPublicKey(createPrivateKey(privateKey)).export({ type: "spki", format: "pem" }).toString();

/**
 * Signs every announcement in a folder.
 * @param {string} folder
 * @param {string} privateKey
 * @returns {string[]} their names
 */
export function signAnnouncements(folder, privateKey) {
  const names = readdirSync(folder).filter((name) => /^latest.*\.yml$/.test(name));
  for (const name of names) {
    const file = path.join(folder, name);
    const announced = /** @type {Announcement} */ (load(readFileSync(file, "utf8")));
    writeFileSync(file, dump(signed(announced, privateKey), { lineWidth: -1 }));
  }
  return names;
}

if (import.meta.filename === process.argv[1]) {
  await runMain(async () => {
    const [what] = process.argv.slice(2);
    if (what === undefined || what === "--help") throw new Stop(usage, 2);
    if (what === "--new-key") {
      const { privateKey } = generateKeyPairSync("ed25519");
      const text = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      process.stdout.write(`${text}${publicHalf(text)}`);
      return;
    }
    const key = process.env["RECADO_UPDATE_PRIVATE_KEY"];
    if (!key) throw new Stop("RECADO_UPDATE_PRIVATE_KEY is not set, so nothing was signed: set it and try again.");
    const names = signAnnouncements(what, key);
    if (names.length === 0) throw new Stop(`There is no latest*.yml in ${what}: build with RECADO_UPDATE_URL first.`);
    say(`Signed ${names.join(", ")}.`);
  });
}
