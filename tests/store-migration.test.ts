import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { Database } from "../main/database.ts";
import { historyCopies } from "../main/history-copy.ts";
import { migrations, NewerDatabase } from "../main/migrations.ts";
import { databaseName, openStore } from "../main/store.ts";
import { until } from "./app-desk.ts";
import { bundle } from "./inbox-bundle.ts";
import { bia, newId, storePlace, write, type StorePlace } from "./store-place.ts";

const grown = {
  ...migrations,
  "900-grown": {
    async up(db: Parameters<(typeof migrations)[string]["up"]>[0]) {
      await sql.raw("ALTER TABLE messages ADD COLUMN mood TEXT").execute(db);
    },
  },
};

let place: StorePlace;
const file = () => path.join(place.folder, databaseName);
const asNewer = () => openStore(place.folder, newId, () => 1_000, grown);
const count = z.object({ count: z.number() });
const messagesIn = (name: string): number | undefined => {
  const database = new Database(name);
  try {
    return database.query(count, "SELECT count(*) AS count FROM messages").get()?.count;
  } finally {
    database.close();
  }
};
const tablesIn = (name: string): string[] => {
  const database = new Database(name);
  try {
    return database
      .query(z.object({ name: z.string() }), "SELECT name FROM sqlite_master")
      .all()
      .map((row) => row.name);
  } finally {
    database.close();
  }
};

beforeEach(async () => {
  place = storePlace();
  const store = await place.open();
  for (let n = 0; n < 200; n++) write(store, "Bia", `recado ${n}`);
  store.close();
});
afterEach(() => place.remove());

describe("a newer version opens the history", () => {
  it("[M1] a whole copy of before is put beside it, also of what was only in the log", async () => {
    // not closed: as after a crash, the last messages are in the write-ahead log only
    const left = await place.open();
    write(left, "Bia", "o último");
    expect(historyCopies(place.folder)).toEqual([]); // a new history, and one that needs no change, has none
    const newer = await asNewer();
    expect(newer.messages.page(bia, 500).messages).toHaveLength(201);
    newer.close();
    left.close();
    const [copy = ""] = historyCopies(place.folder);
    expect(path.basename(copy)).toBe("account.before-900-grown.db");
    expect(messagesIn(copy)).toBe(201);
    expect(statSync(copy).mode & 0o077).toBe(0);
    // the copy is of before: the old version opens it
    const back = storePlace();
    rmSync(path.join(back.folder, databaseName), { force: true });
    await new Promise<void>((done) => {
      const child = spawn("cp", [copy, path.join(back.folder, databaseName)]);
      child.once("exit", () => done());
    });
    const old = await back.open();
    expect(old.messages.page(bia, 500).messages).toHaveLength(201);
    old.close();
    back.remove();
  });

  it("[M1] a second change keeps only the newest copy", async () => {
    (await asNewer()).close();
    const even = { ...grown, "901-more": { up: async () => undefined } };
    (await openStore(place.folder, newId, () => 1_000, even)).close();
    expect(historyCopies(place.folder).map((copy) => path.basename(copy))).toEqual(["account.before-901-more.db"]);
  });

  it("[M1] no copy, no change: the history stays as it was", async () => {
    mkdirSync(path.join(place.folder, "account.before-900-grown.db")); // nothing can take that name
    await expect(asNewer()).rejects.toThrow();
    const store = await place.open();
    expect(store.messages.page(bia, 500).messages).toHaveLength(200);
    store.close();
  });

  it("[M2] a change that fails leaves the tables as they were", async () => {
    const broken = {
      ...grown,
      "901-broken": {
        async up(db: Parameters<(typeof migrations)[string]["up"]>[0]) {
          await sql.raw("CREATE TABLE half (a TEXT)").execute(db);
          await sql.raw("this is no statement").execute(db);
        },
      },
    };
    await expect(openStore(place.folder, newId, () => 1_000, broken)).rejects.toThrow("syntax error");
    expect(tablesIn(file())).not.toContain("half");
    (await place.open()).close(); // the version of before still opens it
  });

  it("[M3] an older version refuses what a newer one has changed, byte for byte", async () => {
    (await asNewer()).close();
    const before = readFileSync(file());
    await expect(place.open()).rejects.toBeInstanceOf(NewerDatabase);
    expect(readFileSync(file()).equals(before)).toBe(true);
  });
});

describe("kill -9 while a newer version opens the history", () => {
  let child: URL;
  beforeAll(async () => {
    child = await bundle("tests/migrating-child.ts");
  });
  afterAll(() => rmSync(fileURLToPath(child), { force: true }));

  it.each(["opening", "step 0", "step 7", "step 19"])(
    "[M2] after %j: the old tables or the new ones, and every message",
    async (line) => {
      const app = spawn(process.execPath, [fileURLToPath(child), place.folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      app.stdout.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
      await until(() => said.includes(`${line}\n`));
      const gone = once(app, "exit");
      app.kill("SIGKILL");
      await gone;
      const grownTables = tablesIn(file()).filter((name) => name.startsWith("grown_"));
      expect([0, 20]).toContain(grownTables.length);
      expect(messagesIn(file())).toBe(200);
      // the copy is whole or not there at all
      for (const copy of historyCopies(place.folder)) expect(messagesIn(copy)).toBe(200);
      if (said.includes("step")) expect(historyCopies(place.folder)).toHaveLength(1);
      // and the newer version gets there on the next start
      const again = spawn(process.execPath, [fileURLToPath(child), place.folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let heard = "";
      again.stdout.setEncoding("utf8").on("data", (chunk: string) => (heard += chunk));
      await once(again, "exit");
      expect(again.exitCode).toBe(0);
      expect(heard).toContain("open\n");
      expect(tablesIn(file()).filter((name) => name.startsWith("grown_"))).toHaveLength(20);
    },
  );
});
