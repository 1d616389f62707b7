import { closeSync, fchmodSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Database } from "./database.ts";

const copyName = /^account\.before-.+\.db$/;

/**
 * Puts a whole copy of the history beside it before a new version changes its tables (M1). The copy has its name only when it is
 * whole and on the disk, so one that a crash cut off is never taken for one.
 * @param change the first migration that is about to run
 * @throws when the disk does not take it; the migration must then not run
 */
export function copyHistory(database: Database, change: string): void {
  const copy = join(dirname(database.file), `account.before-${change}.db`);
  const draft = `${copy}.draft`;
  rmSync(draft, { force: true });
  try {
    database.copyTo(draft);
    const handle = openSync(draft, "r+");
    try {
      fchmodSync(handle, 0o600);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The copies in an account's folder, newest last; there is one as soon as a version has changed the tables. */
export function historyCopies(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => copyName.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Only the newest copy is kept: each is as large as the history. */
export function dropOlderCopies(folder: string): void {
  for (const copy of historyCopies(folder).slice(0, -1)) rmSync(copy, { force: true });
}
