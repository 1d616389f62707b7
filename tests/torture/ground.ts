import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { AppProcess } from "../../drill/app-process.ts";
import { FaultProxy } from "../../drill/fault-proxy.ts";
import { Journal } from "../../drill/journal.ts";
import { nodeLaunch } from "../../drill/node-launch.ts";
import { Processes } from "../../drill/processes.ts";
import { RelayKeeper } from "../../drill/relay-keeper.ts";
import { until } from "../../drill/until.ts";
import { type HeardStatuses } from "../../drill/verdict.ts";
import { advance, type MessageStatus } from "../../wire/message-status.ts";
import { startBroker, type Broker } from "../broker.ts";
import { makeBundles } from "./bundles.ts";
import { type Chance } from "./chance.ts";
import { faultVariable, type PlantedFault } from "./planted.ts";
import { Witness } from "./witness.ts";

export interface GroundNeeds {
  readonly engine: "embedded" | "rabbitmq";
  readonly chance: Chance;
  readonly fault?: PlantedFault;
}

/** An app and its own way to the relay. */
export interface Seat {
  readonly app: AppProcess;
  readonly way: FaultProxy;
}

/** ana has two devices, so that copies and a second inbox are part of it; everybody else has one. */
const devices = [
  ["ana", "ana1", "register"],
  ["ana", "ana2", "password"],
  ["bia", "bia1", "register"],
  ["caio", "caio1", "register"],
] as const;
const witnessName = "vigia";

/** A relay, its broker, apps and a witness: real processes, each reached through a proxy that can hurt it. */
export interface Ground {
  readonly engine: "embedded" | "rabbitmq";
  readonly seats: readonly Seat[];
  readonly relay: RelayKeeper;
  readonly broker: Broker | undefined;
  readonly brokerWay: FaultProxy | undefined;
  readonly witness: Witness;
  readonly witnessWay: FaultProxy;
  readonly journal: Journal;
  readonly heard: HeardStatuses;
  /** accounts that can be written to, by the one who writes */
  contactsOf(account: string): readonly string[];
  /** since when all queues are declared; a quorum queue younger than 4 s does not survive a kill of this broker version */
  readonly declaredAt: number;
  /** Ends every process and removes every folder. Safe to call twice. */
  close(): Promise<void>;
}

type Closing = () => Promise<void> | void;

export async function openGround({ engine, chance, fault }: GroundNeeds): Promise<Ground> {
  const closings: Closing[] = [];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= (async () => {
      for (const one of closings.toReversed()) await one();
    })());
  try {
    return await build(engine, chance, fault, closings, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  engine: "embedded" | "rabbitmq",
  chance: Chance,
  fault: PlantedFault | undefined,
  closings: Closing[],
  close: () => Promise<void>,
): Promise<Ground> {
  const folder = await mkdtemp(path.join(tmpdir(), "recado-torture-"));
  closings.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const bundles = await makeBundles(fault);
  closings.push(() => bundles.close());
  const processes = new Processes(nodeLaunch);
  closings.push(() => processes.close());
  const env = fault === undefined ? {} : { [faultVariable]: fault };

  const broker = engine === "rabbitmq" ? await startBroker() : undefined;
  if (broker) closings.push(() => broker.close());
  const brokerWay = broker && (await FaultProxy.open(() => Number(new URL(broker.url).port)));
  if (brokerWay) closings.push(() => brokerWay.close());
  const relay = await RelayKeeper.open({
    launch: processes.launch,
    script: bundles.relay,
    data: path.join(folder, "relay"),
    args: brokerWay ? ["--amqp", `amqp://guest:guest@127.0.0.1:${brokerWay.port}`] : [],
    env,
  });
  closings.push(() => relay.close());
  const journal = new Journal(path.join(folder, "attempts"));
  closings.push(() => journal.close());
  const way = async (): Promise<FaultProxy> => {
    const opened = await FaultProxy.open(() => relay.port);
    closings.push(() => opened.close());
    return opened;
  };

  const heard = new Map<string, Map<string, MessageStatus>>(devices.map(([, label]) => [label, new Map()]));
  const hear = ({ label }: AppProcess, id: string, status: MessageStatus): void => {
    const here = heard.get(label);
    here?.set(id, advance(here.get(id) ?? "pending", status));
  };
  const seats: Seat[] = [];
  for (const [account, label, mode] of devices) {
    const place = {
      label,
      account,
      folder: path.join(folder, label),
      script: bundles.app,
      launch: processes.launch,
      env,
    };
    const seat: Seat = { app: new AppProcess(place, hear), way: await way() };
    closings.push(() => seat.app.close());
    seats.push(seat);
    await seat.app.start();
    await seat.app.ask({ do: "sign-in", relay: seat.way.url, name: account, mode });
  }
  const witnessWay = await way();
  const witness = new Witness(witnessName, witnessWay.url, chance.fork());
  closings.push(() => witness.close());
  await witness.open();
  await befriend(seats, witness);
  return {
    ...{ engine, seats, relay, broker, brokerWay, witness, witnessWay, journal, heard, close },
    contactsOf: (account) => accounts().filter((name) => name !== account),
    declaredAt: Date.now(),
  };
}

const accounts = (): string[] => [...new Set(devices.map(([account]) => account)), witnessName];

async function befriend(seats: readonly Seat[], witness: Witness): Promise<void> {
  const firsts = seats.filter(
    ({ app }, index) => seats.findIndex((seat) => seat.app.account === app.account) === index,
  );
  for (const { app } of firsts) {
    for (const other of accounts()) if (other !== app.account) await app.ask({ do: "add", name: other });
    await witness.ask("contact:add", { name: app.account });
  }
  await until("everybody is everybody's contact", () =>
    seats.every(({ app }) => accounts().every((name) => name === app.account || app.mutual.has(name))),
  );
}
