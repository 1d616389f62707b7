import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { canInstall, installPackages } from "../scripts/system-packages.mjs";
import { startBroker } from "./broker.ts";
import { Device, message } from "./device.ts";
import { startRelay } from "./relay-process.ts";
import { FrameReader, type BrokerWord } from "./torture/broker-frames.ts";
import { makeBundles } from "./torture/bundles.ts";
import { FaultProxy } from "../drill/fault-proxy.ts";
import { faultVariable, type PlantedFault } from "./torture/planted.ts";
import { hasStrace, readCalls, traceProcess, type Call } from "./torture/system-calls.ts";

const closings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

async function relayWith(fault: PlantedFault | undefined, ...args: readonly string[]) {
  const bundles = await makeBundles(fault);
  closings.push(() => bundles.close());
  const env = fault === undefined ? {} : { [faultVariable]: fault };
  const relay = await startRelay({ file: bundles.relay, args: ["--limits", "none", ...args], env });
  closings.push(() => relay.close());
  return relay;
}

/** ana and bia are mutual, and each has two devices: what ana sends goes into three inboxes. */
async function people(url: string): Promise<{ sender: Device }> {
  const device = async (name: string, kind: "register" | "password"): Promise<Device> => {
    const made = new Device(url, name);
    closings.push(() => made.drop());
    await made.connect({ with: kind });
    return made;
  };
  const sender = await device("ana", "register");
  const reader = await device("bia", "register");
  await sender.value("contact:add", { name: "bia" }, anything);
  await reader.value("contact:add", { name: "ana" }, anything);
  await device("ana", "password");
  await device("bia", "password");
  return { sender };
}
const anything = z.unknown();

/** Sends one at a time, so that no two share a commit, and then a batch. @returns the ids */
async function sendSome(sender: Device): Promise<string[]> {
  const ids = Array.from({ length: 12 }, () => randomUUID());
  for (const id of ids.slice(0, 8)) expect((await sender.sendAll([message("bia", "olá", id)]))[0]?.ok).toBe(true);
  const results = await sender.sendAll(ids.slice(8).map((id) => message("bia", "olá", id)));
  expect(results.every(({ ok }) => ok)).toBe(true);
  return ids;
}

const says = (call: Call, id: string): boolean =>
  call.kind === "say" && call.text.includes("acceptedAt") && call.text.includes("results") && call.text.includes(id);
const isInbox = (file: string): boolean => /inboxes\.db(-wal)?$/.test(file);

/** Acceptances that were said before what they answer for was written to the inboxes and synced. */
function unsynced(calls: readonly Call[], ids: readonly string[]): string[] {
  const wrong: string[] = [];
  let last = -1;
  for (const id of ids) {
    const at = calls.findIndex((call) => says(call, id));
    // those of one batch are accepted with the same words
    if (at >= 0 && at === last) continue;
    const since = calls.slice(last + 1, Math.max(0, at));
    const wrote = since.findIndex((call) => call.kind === "write" && isInbox(call.file));
    const synced = since.findIndex((call, index) => index > wrote && call.kind === "sync" && isInbox(call.file));
    if (at < 0) wrong.push(`${id}: no acceptance in the trace`);
    else if (wrote < 0 || synced < 0) wrong.push(`${id}: accepted without a data sync`);
    last = Math.max(last, at);
  }
  return wrong;
}

describe("embedded inboxes", () => {
  beforeAll(async () => {
    if (!hasStrace() && canInstall()) await installPackages(["strace"]);
  }, 120_000);

  async function traced(fault?: PlantedFault): Promise<string[]> {
    const relay = await relayWith(fault);
    const { sender } = await people(relay.url);
    const trace = await traceProcess(relay.pid);
    const ids = await sendSome(sender);
    return unsynced(await trace.stop(), ids);
  }

  it("[G1] a data sync of the inboxes ends before every acceptance is written to the socket", async () => {
    expect(await traced()).toEqual([]);
  });

  it("[G1] the trace tells a relay that answers before it has committed", async () => {
    expect((await traced("answer-before-commit")).length).toBeGreaterThan(0);
  });

  it("[G1] a sync that has only begun, or failed, is none", () => {
    const trace = [
      "7 fdatasync(9</d/inboxes.db-wal> <unfinished ...>",
      '8 write(4<socket:[1]>, "said", 4) = 4',
      "7 <... fdatasync resumed>) = 0",
      "7 fsync(9</d/inboxes.db-wal>) = -1 EIO (Input/output error)",
    ].join("\n");
    expect(readCalls(trace).map(({ kind }) => kind)).toEqual(["say", "sync"]);
  });
});

describe("RabbitMQ", () => {
  /** Watches both ends of the relay from one place, so that what was seen first happened first. */
  async function watched(fault?: PlantedFault): Promise<{ unconfirmed: string[]; queues: number[] }> {
    const broker = await startBroker();
    closings.push(() => broker.close());
    const brokerWay = await FaultProxy.open(() => Number(new URL(broker.url).port));
    closings.push(() => brokerWay.close());
    const words = watchBroker(brokerWay); // from the first byte, or the frames cannot be told apart
    const relay = await relayWith(fault, "--amqp", `amqp://guest:guest@127.0.0.1:${brokerWay.port}`);
    const appWay = await FaultProxy.open(() => Number(new URL(relay.url).port));
    closings.push(() => appWay.close());

    const answered = new Map<string, BrokerWord[]>();
    let heard = "";
    appWay.watch((direction, chunk) => {
      if (direction === "to-app") heard += chunk.toString("latin1");
      return true;
    });
    // each acceptance with what the broker had said until then
    const sentIds: string[] = [];
    appWay.watch((direction) => {
      if (direction === "to-app")
        for (const id of sentIds)
          if (!answered.has(id) && new RegExp(`"results":\\[[^\\]]*${id}`).test(heard)) answered.set(id, [...words]);
      return true;
    });
    const { sender } = await people(appWay.url);
    for (let count = 0; count < 10; count++) {
      const id = randomUUID();
      sentIds.push(id);
      expect((await sender.sendAll([message("bia", "olá", id)]))[0]?.ok).toBe(true);
    }
    const unconfirmed: string[] = [];
    const queues: number[] = [];
    for (const id of sentIds) {
      const until = answered.get(id) ?? [];
      const publishes = until.filter((word) => word.kind === "publish" && word.body.includes(`"id":"${id}"`));
      queues.push(new Set(publishes.map((word) => (word.kind === "publish" ? word.queue : ""))).size);
      if (publishes.some((publish) => !isConfirmed(publish, until))) unconfirmed.push(id);
    }
    return { unconfirmed, queues };
  }

  it("[G1] every inbox's confirm comes before the acceptance", async () => {
    const { unconfirmed, queues } = await watched();
    expect(unconfirmed).toEqual([]);
    // both devices of the reader, and the sender's other one
    expect(queues).toEqual(queues.map(() => 3));
  }, 120_000);

  it("[G1] the frames tell a relay that answers before the broker has", async () => {
    const { unconfirmed, queues } = await watched("answer-before-commit");
    expect(unconfirmed.length + queues.filter((count) => count < 3).length).toBeGreaterThan(0);
  }, 120_000);
});

function watchBroker(way: FaultProxy): BrokerWord[] {
  const words: BrokerWord[] = [];
  const readers = new Map<string, FrameReader>();
  way.watch((direction, chunk, line) => {
    const key = `${line} ${direction}`;
    const reader = readers.get(key) ?? new FrameReader(line, direction);
    readers.set(key, reader);
    for (const word of reader.read(chunk))
      if ((word.kind === "publish") === (direction === "to-relay")) words.push(word);
    return true;
  });
  return words;
}

const isConfirmed = (publish: BrokerWord, words: readonly BrokerWord[]): boolean =>
  words.some(
    (word) =>
      word.kind === "confirm" &&
      word.channel === publish.channel &&
      (word.tag === publish.tag || (word.all && word.tag > publish.tag)),
  );
