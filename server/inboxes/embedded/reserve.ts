import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";

const mostBytes = 8 * 1_048_576;
const leastBytes = 131_072;
/** of the whole disk: on a small one the reserve must not be what fills it */
const share = 1 / 8;

/** How much to keep back on the disk that holds a folder, in bytes. */
export function reserveBytesOn(folder: string): number {
  const { blocks, bsize } = statfsSync(folder);
  return Math.max(leastBytes, Math.min(mostBytes, Math.floor(blocks * bsize * share)));
}

/**
 * Disk space kept back so that settling works when the disk is full (G5). A file of its own with written blocks: rows
 * deleted inside the database would not help, because deleting them needs room in the write-ahead log first.
 */
export class Reserve {
  constructor(
    private readonly file: string,
    readonly bytes: number,
  ) {}

  /** @returns whether it is there now; half of one is none */
  keep(): boolean {
    if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? -1) >= this.bytes) return true;
    let file: number | undefined;
    try {
      file = openSync(this.file, "w", 0o600);
      const chunk = Buffer.alloc(65_536, 1);
      for (let written = 0; written < this.bytes;)
        written += writeSync(file, chunk, 0, Math.min(chunk.length, this.bytes - written));
      fsyncSync(file);
      return true;
    } catch {
      // no room: the half-written file is in the way of what it is for
      this.giveUp();
      return false;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  giveUp(): void {
    rmSync(this.file, { force: true });
  }
}
