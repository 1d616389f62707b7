import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { startBroker, type Broker } from "../broker.ts";
import { Device, message } from "../device.ts";
import { relayFile, startRelay, type RelayProcess } from "../relay-process.ts";

export interface SlowReaderReport {
  readonly waiting: number;
  /** resident memory of the relay when the backlog stands and nobody takes it, and the most of it while somebody does not answer */
  readonly memoryBefore: number;
  readonly memoryMost: number;
  /** how long the others' messages took, from sending to the reader's hands, while the slow one was attached */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** the same just before it was attached: what this machine does by itself */
  readonly calmP99Ms: number;
}

const anything = z.unknown();
const mebibyte = 1_048_576;
const probes = 300;

/** Somebody with a great backlog attaches, takes a batch and never answers, while two others talk. */
export async function slowReader(waiting: number, engine: "embedded" | "rabbitmq"): Promise<SlowReaderReport> {
  const folder = await mkdtemp(path.join(tmpdir(), "recado-slow-"));
  const devices: Device[] = [];
  let relay: RelayProcess | undefined;
  let broker: Broker | undefined;
  try {
    broker = engine === "rabbitmq" ? await startBroker() : undefined;
    relay = await startRelay({
      file: relayFile,
      data: folder,
      // one sender may fill a quarter of an inbox (G8)
      args: ["--limits", "none", "--inbox-limit", String(waiting * 5), ...(broker ? ["--amqp", broker.url] : [])],
    });
    const { url, pid } = relay;
    const device = async (name: string, presence: "online" | "offline" = "online"): Promise<Device> => {
      const made = new Device(url, name);
      devices.push(made);
      await made.connect({ presence });
      return made;
    };
    const [ana, bia, caio] = [await device("ana"), await device("bia"), await device("caio")];
    const slow = await device("dora", "offline");
    await befriend(ana, bia);
    await befriend(caio, slow);
    await fill(caio, waiting);
    const calm = await talk(ana, bia, undefined);
    const memoryBefore = residentBytes(pid);

    slow.answers = () => undefined;
    await slow.value("presence:set", { presence: "online" }, anything);
    let memoryMost = 0;
    const times = await talk(ana, bia, () => {
      memoryMost = Math.max(memoryMost, residentBytes(pid));
      // it is sent away after 20 s without an answer, and comes back as it was
      if (!slow.connected) void slow.connect({ with: "again", presence: "online" }).catch(() => undefined);
    });
    return {
      waiting,
      memoryBefore: memoryBefore / mebibyte,
      memoryMost: memoryMost / mebibyte,
      p50Ms: share(times, 0.5),
      p99Ms: share(times, 0.99),
      calmP99Ms: share(calm, 0.99),
    };
  } finally {
    for (const device of devices) device.drop();
    await relay?.close();
    await broker?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function befriend(one: Device, other: Device): Promise<void> {
  await one.value("contact:add", { name: other.name }, anything);
  await other.value("contact:add", { name: one.name }, anything);
}

async function fill(from: Device, waiting: number): Promise<void> {
  for (let sent = 0; sent < waiting; sent += 64) {
    const batch = Array.from({ length: Math.min(64, waiting - sent) }, (_, index) =>
      message("dora", `${sent + index} ${"x".repeat(200)}`),
    );
    const refused = (await from.sendAll(batch)).find(({ ok }) => !ok);
    if (refused) throw new Error(`The backlog was refused: ${JSON.stringify(refused)}`);
  }
}

/** @returns milliseconds from sending to the other's hands, for each message */
async function talk(from: Device, to: Device, meanwhile: (() => void) | undefined): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < probes; count++) {
    const one = message(to.name, "olá");
    const begin = performance.now();
    const arrived = new Promise<void>((resolve) => {
      to.answers = (batch) => {
        if (batch.some(({ id }) => id === one.id)) resolve();
        return { ok: true };
      };
    });
    await Promise.all([from.sendAll([one]), arrived]);
    times.push(performance.now() - begin);
    meanwhile?.();
    await pause(100); // spread over more than the 20 s after which an unanswered batch is given up
  }
  return times;
}

const share = (times: readonly number[], part: number): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? 0;

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined)
    throw new Error("This system does not say how much memory a process has: run it on Linux.");
  return Number(kilobytes) * 1_024;
}
