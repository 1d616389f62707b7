import { randomUUID } from "node:crypto";
import { argv, stdout } from "node:process";
import { sql } from "kysely";
import { migrations } from "../main/migrations.ts";
import { openStore } from "../main/store.ts";

/** Opens a history as a newer version of the app would, slowly, and says where it is. Ended with SIGKILL. */
const [, , folder = ""] = argv;
const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const slowly = (steps: number): (typeof migrations)[string] => ({
  async up(db) {
    for (let step = 0; step < steps; step++) {
      await sql.raw(`CREATE TABLE grown_${step} (body TEXT)`).execute(db);
      await sql.raw(`INSERT INTO grown_${step} SELECT body FROM messages`).execute(db);
      stdout.write(`step ${step}\n`);
      pause(5);
    }
  },
});
stdout.write("opening\n");
const store = await openStore(folder, randomUUID, Date.now, { ...migrations, "900-grown": slowly(20) });
stdout.write("open\n");
store.close();
