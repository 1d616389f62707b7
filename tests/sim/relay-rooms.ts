import { type DeviceActivity } from "../../server/device-activity.ts";
import { EmbeddedInboxes } from "../../server/inboxes/embedded.ts";
import { type InboxTable } from "../../server/inboxes/embedded/table.ts";
import { type Executor } from "../../server/inboxes/embedded/thread.ts";
import { type Rooms } from "../../server/operations.ts";
import { type Passwords } from "../../server/passwords.ts";
import { noRates } from "../../server/rates.ts";
import { buildRooms } from "../../server/rooms.ts";
import { type RelayDisk } from "./disk.ts";
import { type Faults } from "./faults.ts";
import { type Chance } from "./random.ts";
import { relayDatabase } from "./relay-database.ts";
import { type Life, never } from "./time.ts";

export interface RoomsGround {
  readonly chance: Chance;
  readonly disk: RelayDisk;
  readonly faults: Faults;
  /** an error that the relay reports as a fault of its own */
  readonly failed: (error: unknown) => void;
}

/** argon2id is the only part that would take real time; whose password it is, is not what is judged here. */
const passwords: Passwords = {
  check: () => Promise.resolve(),
  hash: (password) => Promise.resolve(password),
  matches: (stored, password) => Promise.resolve(stored === password),
};

/** how many of the database's queries take time, so that a crash can come between two */
const slowness = 0.04;

/** The relay's real rooms, wired as in the relay, on a simulated disk; for one life of its process. */
export async function openRooms(
  clock: Life,
  ground: RoomsGround,
): Promise<{ readonly rooms: Rooms; readonly activity: DeviceActivity }> {
  const { disk, chance, faults, failed } = ground;
  const database = relayDatabase(disk.database.sqlite, clock, chance, slowness);
  const table = disk.openTable();
  const engine = new EmbeddedInboxes(executor(clock, table, chance), table.found(), {
    limits: { envelopes: 10_000, bytes: 67_108_864 },
    park: (inbox, _raw, reason) => Promise.reject(new Error(`${inbox} holds what cannot be read: ${reason}`)),
    failed,
    clock,
  });
  const inboxes = faults.inboxes?.(engine) ?? engine;
  const { rooms, activity } = await buildRooms({
    database,
    inboxes,
    passwords,
    rates: noRates,
    registration: "open",
    clock,
    delivered: () => undefined,
    failed,
  });
  void rooms.notices.put();
  rooms.deviceRemoval.sweep().catch(failed);
  return { rooms, activity };
}

/** A group is on the disk when its sync completes; a crash before that loses it whole, and one after it only the news of it. */
function executor(life: Life, table: InboxTable, chance: Chance): Executor {
  return {
    run: async (group) => {
      if (!life.alive) return never();
      await life.pass(chance.happens(0.05) ? chance.between(20, 400) : chance.between(1, 4));
      const result = table.apply(group);
      await life.pass(chance.between(0, 3));
      return result;
    },
    close: () => Promise.resolve(),
  };
}
