import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type GrowthPoint } from "./figures.ts";
import { load, type Todo } from "./loader.ts";
import { type Outcome, type Plan } from "./plan.ts";
import { recadoEmbedded, recadoOnRabbit } from "./servers/recado.ts";
import { type Population, type StartServer } from "./servers/server.ts";

const pairs = 100;
const measureMs = 3_000;

const engines = { embedded: recadoEmbedded(), rabbitmq: recadoOnRabbit() } satisfies Record<string, StartServer>;
type Engine = keyof typeof engines;
type Rest<W extends Plan["workload"]> = Omit<
  Todo<W>,
  "protocol" | "ack" | "batched" | "offset" | "firstPair" | "store"
> & { readonly workload: W };

/** The series: what grows, how far, on which engine, and what is measured there. Bounded: about ten minutes in all. */
export async function grow(keep: (point: GrowthPoint) => void, progress: (line: string) => void): Promise<void> {
  const point = async <W extends Plan["workload"]>(
    series: string,
    at: number,
    engine: Engine,
    population: Population,
    rest: Rest<W>,
  ): Promise<void> => {
    progress(`${series}: ${at} (${engine})`);
    const server = await engines[engine](population);
    const store = path.join(tmpdir(), `recado-bench-store-${process.pid}`);
    try {
      const basics = { protocol: "recado", ack: "receiver", batched: false, offset: 0, firstPair: 0, store } as const;
      const outcome: Outcome = await load<W>(server, { ...basics, ...rest });
      keep({ series, at, engine, outcome });
    } finally {
      await server.close();
      await rm(store, { force: true });
    }
  };
  const people = { users: 2 * pairs, devices: 1 };
  const online = {
    workload: "online",
    pairs,
    bodyBytes: 100,
    window: 16,
    warmMs: 1_000,
    measureMs,
    devices: 1,
  } as const;

  for (const users of [10, 100, 1_000, 10_000])
    await point<"idle">(
      "idle users",
      users,
      "embedded",
      { users, devices: 1 },
      {
        ...{ workload: "idle", pairs: 0, bodyBytes: 100, users, atOnce: 64, restMs: 4_000 },
      },
    );
  for (const engine of ["embedded", "rabbitmq"] as const)
    for (const messages of [1, 100, 10_000, 100_000])
      await point<"offline">(
        "messages waiting in one inbox",
        messages,
        engine,
        { users: 2, devices: 1 },
        {
          ...{ workload: "offline", pairs: 1, bodyBytes: 100, window: 64, messages },
        },
      );
  for (const users of [2, 200, 2_000, 5_000])
    await point<"online">(
      "queues on RabbitMQ",
      users,
      "rabbitmq",
      { users, devices: 1 },
      {
        ...online,
        pairs: Math.min(pairs, users / 2),
      },
    );
  for (const engine of ["embedded", "rabbitmq"] as const)
    for (const bodyBytes of [100, 1_024, 8_192, 65_536])
      await point<"online">("bytes in a body", bodyBytes, engine, people, { ...online, bodyBytes });
  for (const devices of [1, 2, 4])
    await point<"online">("devices per account", devices, "embedded", { ...people, devices }, { ...online, devices });
}
