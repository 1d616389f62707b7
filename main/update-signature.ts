import { createPublicKey, verify } from "node:crypto";
import { z } from "zod";

/**
 * What is read of a feed's announcement (electron-builder's `latest*.yml`, to which scripts/sign-update.mjs adds `signatures`).
 * Every file it names has to be signed, so that whichever the updater picks is.
 */
const announcement = z.object({
  version: z.string(),
  files: z.array(z.object({ url: z.string(), sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/) })).min(1),
  signatures: z.record(z.string(), z.string()),
});

/** What is signed for one file; scripts/sign-update.mjs writes the same. The hash stands for the content. */
const statement = (version: string, sha512: string): Buffer =>
  Buffer.from(`recado update\n${version}\n${sha512}\n`, "utf8");

/**
 * Whether an announcement is by the holder of Recado's update key (U2). The server it came from is not trusted: with the
 * hashes signed, the updater's own check of the download against its hash completes the chain.
 * @param publicKey Ed25519, PEM
 */
export function isSigned(announced: unknown, publicKey: string): boolean {
  const read = announcement.safeParse(announced);
  if (!read.success) return false;
  const { version, files, signatures } = read.data;
  try {
    const key = createPublicKey(publicKey);
    return files.every(({ url, sha512 }) => {
      const signature = Object.hasOwn(signatures, url) ? signatures[url] : undefined;
      return signature !== undefined && verify(null, statement(version, sha512), key, Buffer.from(signature, "base64"));
    });
  } catch {
    // a key or signature that cannot even be read
    return false;
  }
}
