import { createHash } from "node:crypto";
import path from "node:path";
import { type Broker, startBroker } from "../../tests/broker.ts";
import { startRelay } from "../../tests/relay-process.ts";
import { openDataFolder, setEngine } from "../../server/data-folder.ts";
import { inboxId } from "../../server/inbox.ts";
import { openInboxTable } from "../../server/inboxes/embedded/table.ts";
import { openRabbitInboxes } from "../../server/inboxes/rabbitmq.ts";
import { limitsFor } from "../../server/inboxes/usage.ts";
import { inParallel } from "../load/crowd.ts";
import { deviceOf, nameOf, tokenOf } from "../people.ts";
import { brokerPid } from "./rabbitmq.ts";
import { removeFolder, temporaryFolder } from "./process.ts";
import { type Population, type StartServer } from "./server.ts";

const inboxOf = (user: number, device: number) => inboxId(`${nameOf(user)}.${deviceOf(user, device)}`);
/** rows of one insert: SQLite bounds how many parameters a statement may have */
const chunk = 500;

function* everyDevice({ users, devices }: Population) {
  for (let user = 0; user < users; user++) for (let device = 0; device < devices; device++) yield { user, device };
}

/** Accounts, devices and contacts as their registration would have left them, without a password check each. */
async function importAccounts(data: string, population: Population, engine: "embedded" | "rabbitmq"): Promise<void> {
  const folder = await openDataFolder(data, "relay");
  await setEngine(folder.database, engine);
  const at = Date.now();
  const accounts = Array.from({ length: population.users }, (_, user) => ({
    id: user + 1,
    name: nameOf(user),
    folded: nameOf(user),
    password_hash: "imported",
    created_at: at,
    last_seen_at: null,
  }));
  const devices = Array.from(everyDevice(population), ({ user, device }) => ({
    account_id: user + 1,
    id: deviceOf(user, device),
    name: "",
    token_hash: createHash("sha256").update(tokenOf(user, device)).digest("hex"),
    created_at: at,
    last_seen_at: at,
    last_delivery_at: null,
  }));
  const inboxes = devices.map(({ account_id, id }) => ({
    id: `${nameOf(account_id - 1)}.${id}`,
    account_id,
    device_id: id,
  }));
  const asks = accounts.map(({ id }) => ({ from_id: id, to_id: ((id - 1) ^ 1) + 1, asked_at: at }));
  await folder.database.transaction().execute(async (change) => {
    for (const rows of chunks(accounts)) await change.insertInto("account").values(rows).execute();
    for (const rows of chunks(devices)) await change.insertInto("device").values(rows).execute();
    for (const rows of chunks(inboxes)) await change.insertInto("inbox").values(rows).execute();
    for (const rows of chunks(asks.filter(({ to_id }) => to_id <= population.users)))
      await change.insertInto("ask").values(rows).execute();
  });
  if (engine === "embedded") {
    const table = await openInboxTable({ file: folder.inboxFile, reserveBytes: 0 });
    table.apply(inboxes.map(({ id }, i) => ({ kind: "open", inbox: i + 1, name: id })));
    table.close();
  }
  await folder.close();
}

function chunks<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / chunk) }, (_, i) => rows.slice(i * chunk, (i + 1) * chunk));
}

/** Declares the queues ahead, as the first sign-in of each device would have. */
async function declareQueues(url: string, population: Population): Promise<void> {
  const inboxes = await openRabbitInboxes(url, { limits: limitsFor(10_000), park: () => Promise.resolve() });
  await inParallel(16, [...everyDevice(population)], ({ user, device }) => inboxes.open(inboxOf(user, device)));
  await inboxes.close();
}

const flags = ["--limits", "none", "--inbox-limit", "1000000"];

async function start(population: Population, broker: Broker | undefined, nodeFlags: readonly string[]) {
  const folder = await temporaryFolder("recado");
  const data = path.join(folder, "data");
  await importAccounts(data, population, broker ? "rabbitmq" : "embedded");
  if (broker) await declareQueues(broker.url, population);
  const relay = await startRelay({
    data,
    args: [...flags, ...(broker ? ["--amqp", broker.url] : [])],
    nodeFlags,
  });
  return {
    get port() {
      return Number(new URL(relay.url).port);
    },
    get processes() {
      return { relay: relay.pid, ...(broker && { broker: brokerPid(broker.url) }) };
    },
    restart: (process: string) => (process === "broker" && broker ? broker.restart() : relay.restart()),
    async close() {
      await relay.close();
      await broker?.close();
      await removeFolder(folder);
    },
  };
}

/** @param nodeFlags for a profile of the relay */
export const recadoEmbedded =
  (nodeFlags: readonly string[] = []): StartServer =>
  (population) =>
    start(population, undefined, nodeFlags);

export const recadoOnRabbit =
  (nodeFlags: readonly string[] = []): StartServer =>
  async (population) => {
    const broker = await startBroker();
    try {
      return await start(population, broker, nodeFlags);
    } catch (error) {
      await broker.close();
      throw error;
    }
  };
