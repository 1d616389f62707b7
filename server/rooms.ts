import { Accounts, type Registration } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { Contacts } from "./contacts.ts";
import { type Database } from "./database.ts";
import { DeviceActivity } from "./device-activity.ts";
import { DeviceRemoval } from "./device-removal.ts";
import { FanOut } from "./fan-out.ts";
import { type Inboxes } from "./inbox.ts";
import { LastBatches } from "./last-batches.ts";
import { Notices } from "./notices.ts";
import { type Rooms } from "./operations.ts";
import { type Passwords } from "./passwords.ts";
import { Presences } from "./presence.ts";
import { type Rates } from "./rates.ts";
import { Receipts } from "./receipts.ts";
import { Sends } from "./sends.ts";
import { Sessions } from "./sessions.ts";

/** What the rooms stand on: real in the relay, simulated in a history. */
export interface RoomsGround {
  readonly database: Database;
  readonly inboxes: Inboxes;
  readonly passwords: Passwords;
  readonly rates: Rates;
  readonly registration: Registration;
  readonly clock: Clock;
  /** told how many envelopes a device has stored */
  readonly delivered: (envelopes: number) => void;
  /** an error in the background, which is tried again */
  readonly failed: (error: unknown) => void;
}

export interface BuiltRooms {
  readonly rooms: Rooms;
  readonly presences: Presences;
  readonly last: LastBatches;
  readonly activity: DeviceActivity;
}

/** Wires the relay's rooms together: in one place, so that the simulator runs what the relay runs. */
export async function buildRooms(ground: RoomsGround): Promise<BuiltRooms> {
  const { database, inboxes, passwords, rates, registration, clock, delivered, failed } = ground;
  const presences = await Presences.open(database, clock, failed);
  const accounts = new Accounts(database, inboxes, passwords, rates, clock, registration);
  const contacts = new Contacts(database, accounts, presences, clock);
  const last = await LastBatches.open(database);
  const activity = new DeviceActivity(database, clock, failed);
  const fanOut: FanOut = new FanOut(accounts, inboxes, (account, inbox) => deviceRemoval.makeRoom(account, inbox));
  const receipts = new Receipts(contacts, fanOut, clock);
  const sessions: Sessions = new Sessions(
    inboxes,
    contacts,
    presences,
    (session, batch) => {
      activity.delivered(session.identity);
      delivered(batch.length);
      return receipts.delivered(session.identity.account, batch);
    },
    clock,
    failed,
  );
  const deviceRemoval: DeviceRemoval = new DeviceRemoval(
    database,
    accounts,
    inboxes,
    last,
    (inbox, reason) => (reason === "signed-out" ? sessions.release(inbox) : sessions.end(inbox, "revoked")),
    sessions,
    () => activity.write(),
    () => fanOut.settled(),
    clock,
    failed,
  );
  const notices = new Notices(database, accounts, fanOut, clock, failed);
  const sends = new Sends(accounts, contacts, fanOut, last, rates, clock);
  const rooms: Rooms = { accounts, contacts, deviceRemoval, inboxes, notices, rates, receipts, sends, sessions };
  return { rooms, presences, last, activity };
}
