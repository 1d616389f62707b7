import { readdirSync, readFileSync } from "node:fs";
import { connect } from "amqplib";
import { startBroker } from "../../tests/broker.ts";
import { inParallel } from "../load/crowd.ts";
import { queueOf } from "../people.ts";
import { type StartServer } from "./server.ts";

/** The Erlang machine that listens at this address: a grandchild, so it is found by its command line. */
export function brokerPid(url: string): number {
  const { port } = new URL(url);
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8");
      if (!environment.includes(`RABBITMQ_NODE_PORT=${port}\0`)) continue;
      if (readFileSync(`/proc/${name}/comm`, "utf8").startsWith("beam")) return Number(name);
    } catch {
      // ended meanwhile, or not ours
    }
  }
  throw new Error(`No broker process for ${url}.`);
}

/** RabbitMQ alone: a quorum queue for each reader, nothing of ours before it. */
export const rabbitAlone: StartServer = async ({ users }) => {
  const broker = await startBroker();
  const connection = await connect(broker.url);
  const channel = await connection.createChannel();
  const readers = Array.from({ length: Math.floor(users / 2) }, (_, pair) => 2 * pair + 1);
  await inParallel(16, readers, async (user) => {
    await channel.assertQueue(queueOf(user), { durable: true, arguments: { "x-queue-type": "quorum" } });
  });
  await connection.close();
  return {
    port: Number(new URL(broker.url).port),
    get processes() {
      return { broker: brokerPid(broker.url) };
    },
    restart: () => broker.restart(),
    close: () => broker.close(),
  };
};
