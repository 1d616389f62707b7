import { randomUUID } from "node:crypto";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Account } from "../main/account.ts";
import { Accounts } from "../main/accounts.ts";
import { systemClock } from "../main/clock.ts";
import { openLog } from "../main/log.ts";
import { Secrets } from "../main/secrets.ts";
import { type AppEvent } from "../wire/ipc.ts";
import { order, password, type Order, type Word } from "./orders.ts";
import { hearTold } from "./told.ts";

// The app's main process without its windows: the real accounts, database, outbox and connection, told what to do by lines.
// It ends when whoever tells it is gone, so that it never outlives the drill.
const [, , folder = ""] = process.argv;
const say = (word: Word): void => void process.stdout.write(`${JSON.stringify(word)}\n`);
const log = openLog(folder, Date.now);

function tell(event: AppEvent): void {
  switch (event.kind) {
    case "messages:changed":
      for (const { mine, id, status } of event.messages) if (mine) say({ say: "status", id, status });
      break;
    case "account:changed": {
      const { connection } = event.account;
      say({
        say: "connection",
        kind: connection.kind,
        ...(connection.kind === "unreachable" && { code: connection.error.code }),
      });
      break;
    }
    case "contacts:changed":
      say({
        say: "mutual",
        names: event.contacts.filter(({ state }) => state === "mutual").map(({ key }) => key),
      });
      break;
    default:
      break;
  }
}

const accounts = new Accounts({
  folder: path.join(folder, "accounts"),
  // throw-away accounts on loopback: their tokens need no key store, but have to survive a crash
  secrets: new Secrets(
    { available: () => true, encrypt: (text) => Buffer.from(text), decrypt: (sealed) => sealed.toString() },
    (account) => path.join(folder, "accounts", account, "token"),
  ),
  clock: systemClock,
  random: Math.random,
  newId: randomUUID,
  deviceName: "drill",
  log,
  emit: (...events) => {
    for (const event of events) tell(event);
  },
});

let known: Account | undefined;
function only(): Account {
  const [view] = known ? [] : accounts.views();
  if (view) known = accounts.get(view.account);
  if (!known) throw new Error("Nobody is signed in here.");
  return known;
}

async function obey(asked: Order): Promise<Word> {
  const done: Word = { say: "done", n: asked.n };
  switch (asked.do) {
    case "sign-in":
      await accounts.signIn({ relay: asked.relay, name: asked.name, password, mode: asked.mode });
      return done;
    case "add":
      await only().addContact(asked.name);
      return done;
    case "write":
      return { ...done, id: only().messenger.write(asked.to, asked.body).id };
    case "wish":
      only().setWish(asked.presence);
      return done;
    case "show":
      only().messenger.shown(asked.name, Number.MAX_SAFE_INTEGER);
      return done;
    case "close":
      accounts.close();
      return done;
  }
}

const troubles = await accounts.open();
if (troubles.length > 0) throw new Error(`An account did not open: ${troubles.map(({ kind }) => kind).join(", ")}`);
say({ say: "ready" });
process.on("SIGTERM", end);
/** One a turn, as the windows' calls come: a heap of orders must not keep the sockets from theirs. */
let turn: Promise<unknown> = Promise.resolve();
hearTold((line) => {
  const asked = order.parse(JSON.parse(line));
  turn = turn.then(nextTurn).then(() => {
    obey(asked).then(say, (error: unknown) =>
      say({ say: "failed", n: asked.n, reason: error instanceof Error ? error.message : String(error) }),
    );
  });
}, end);

function end(): void {
  accounts.close();
  log.close();
  process.exit(0);
}
