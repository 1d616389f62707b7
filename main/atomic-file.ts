import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";

/** Writes a small file whole or not at all: a crash leaves the old one. Readable by its owner only. */
export function writeAtomically(file: string, content: string | Buffer): void {
  const draft = `${file}.draft`;
  const handle = openSync(draft, "w", 0o600);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}
