import { connect } from "amqplib";
import { queueOf } from "../people.ts";
import { bodyOf, pairOf, type Protocol } from "./peer.ts";

/** Users of RabbitMQ alone, a connection each: a writer publishes with confirms, a reader acknowledges. */
export const amqp: Protocol = {
  async connect(who, heard, plan) {
    const connection = await connect(`amqp://guest:guest@127.0.0.1:${plan.port}`, { noDelay: true });
    connection.on("error", () => undefined); // a killed broker
    const close = (): void => void connection.close().catch(() => undefined);
    if (who.role === "reader") {
      const channel = await connection.createChannel();
      channel.on("error", () => undefined);
      await channel.prefetch(256);
      await channel.consume(queueOf(who.user), (message) => {
        if (message) heard.received(message.content.toString("utf8").split("\n"), () => channel.ack(message));
      });
      return { send: () => undefined, close };
    }
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => undefined);
    const pair = pairOf(who.user);
    let open = true;
    channel.on("close", () => (open = false));
    connection.on("close", () => (open = false));
    const publish = (numbers: readonly number[]): void => {
      if (!open) return; // the broker was killed: what it had confirmed is counted
      const bodies = numbers.map((number) => bodyOf(pair, number, plan.bodyBytes)).join("\n");
      const answered = (error: unknown): void => {
        if (error === null || error === undefined) heard.accepted(numbers);
        else if (open) heard.refused(numbers, error instanceof Error ? error.message : "nack");
      };
      try {
        channel.sendToQueue(queueOf(who.to), Buffer.from(bodies), { persistent: true }, answered);
      } catch {
        open = false; // closed under our hands
      }
    };
    return {
      send(first, count) {
        const numbers = Array.from({ length: count }, (_, i) => first + i);
        if (plan.batched) publish(numbers);
        else for (const number of numbers) publish([number]);
      },
      close,
    };
  },
};
