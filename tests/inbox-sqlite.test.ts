import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Kysely, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEmbeddedInboxes } from "../server/inboxes/embedded.ts";
import { openInboxTable } from "../server/inboxes/embedded/table.ts";
import { limitsFor } from "../server/inboxes/usage.ts";
import { migrate, openSqlite, pragma, sqliteDialect } from "../server/sqlite.ts";
import { bundle } from "./inbox-bundle.ts";

describe("opening a SQLite database", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "recado-sqlite-"));
    file = path.join(folder, "a.db");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("[G1] every open asserts the write-ahead log, FULL and foreign keys", () => {
    for (let time = 0; time < 2; time++) {
      const sqlite = openSqlite(file);
      expect(pragma(sqlite, "journal_mode")).toBe("wal");
      expect(pragma(sqlite, "synchronous")).toBe(2);
      expect(pragma(sqlite, "foreign_keys")).toBe(1);
      sqlite.close();
    }
  });

  test("[G1] a damaged file is a clear sentence and is left as it was", async () => {
    const damaged = Buffer.alloc(20_000, "not a database ");
    writeFileSync(file, damaged);
    expect(() => openSqlite(file)).toThrow(`The database ${file} is damaged. It was left as it is`);
    const worker = await bundle("server/inboxes/embedded/worker.ts");
    const parts = { limits: limitsFor(10), park: () => Promise.resolve(), failed: () => undefined };
    await expect(openEmbeddedInboxes({ file, worker }, parts)).rejects.toMatchObject({ problem: "damaged", file });
    expect(readFileSync(file).equals(damaged)).toBe(true);
  });

  test("[G1] damage in the middle is found by quick_check", async () => {
    const table = await openInboxTable({ file, reserveBytes: 65_536 });
    table.apply([
      { kind: "open", inbox: 1, name: "a" },
      {
        kind: "put",
        inboxes: [1],
        seq: 1,
        rows: [{ origin: "", count: 1, bytes: 30_000, messageAt: 1, json: "x".repeat(30_000) }],
      },
    ]);
    table.close();
    const bytes = readFileSync(file);
    bytes.fill(0x7f, 4_096 * 2, 4_096 * 6);
    writeFileSync(file, bytes);
    expect(() => openSqlite(file)).toThrow("damaged");
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("[I6] of envelopes that share a row, those that were settled or parked are gone, and the others stay in order", async () => {
    const at = (messageAt: number, ...lines: string[]) => ({
      ...{ origin: "ana", count: lines.length, bytes: lines.join("").length, messageAt },
      json: lines.join("\n"),
    });
    let table = await openInboxTable({ file, reserveBytes: 65_536 });
    table.apply([
      { kind: "open", inbox: 1, name: "bia.1" },
      { kind: "put", inboxes: [1], seq: 1, rows: [at(5, "a", "b", "cc", "d", "e"), at(6, "f", "g")] },
      { kind: "settle", inbox: 1, upTo: 2, partly: true },
      { kind: "drop", inbox: 1, seq: 4 },
    ]);
    const read = () => table.apply([{ kind: "read", inbox: 1, after: 0, envelopes: 9, bytes: 999 }]).results[0];
    const rows = [
      { seq: 3, ...at(5, "cc") },
      { seq: 5, ...at(5, "e") },
      { seq: 6, ...at(6, "f", "g") },
    ];
    expect(read()).toEqual({ kind: "page", rows, last: true });
    // a page ends with a row, not within one
    const little = { kind: "read", inbox: 1, after: 5, envelopes: 1, bytes: 999 } as const;
    expect(table.apply([little]).results).toEqual([{ kind: "page", rows: rows.slice(2), last: false }]);
    table.close();
    table = await openInboxTable({ file, reserveBytes: 65_536 });
    const { inboxes, nextSeq } = table.found();
    const shares = [{ origin: "ana", envelopes: 4, bytes: 5 }];
    expect({ inboxes, nextSeq }).toEqual({
      inboxes: [{ inbox: 1, name: "bia.1", shares, times: [5, 5, 6, 6] }],
      nextSeq: 8,
    });
    table.apply([{ kind: "settle", inbox: 1, upTo: 7, partly: false }]);
    expect(read()).toEqual({ kind: "page", rows: [], last: true });
    table.close();
  });

  test("[G1] a missing folder is a clear sentence", () => {
    expect(() => openSqlite(path.join(folder, "missing", "a.db"))).toThrow("Check that its folder exists");
  });

  test("[G1] a second owner of an exclusive database is told so", () => {
    const first = openSqlite(file, { exclusive: true });
    expect(() => openSqlite(file, { busyTimeoutMs: 50 })).toThrow("in use by another process");
    first.close();
    openSqlite(file).close();
  });

  test("[G1] a migration that fails leaves nothing behind", async () => {
    const kysely = new Kysely<unknown>({ dialect: sqliteDialect(openSqlite(file)) });
    const broken = {
      "001-half": {
        up: async (db: Kysely<unknown>) => {
          await sql`create table half (a integer)`.execute(db);
          await sql`this is no statement`.execute(db);
        },
      },
    };
    await expect(migrate(kysely, broken)).rejects.toThrow("syntax error");
    const tables = await sql<{ name: string }>`select name from sqlite_master where name = 'half'`.execute(kysely);
    expect(tables.rows).toEqual([]);
    await kysely.destroy();
  });
});
