import { setTimeout as pause } from "node:timers/promises";
import { connect, type ConsumeMessage } from "amqplib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openRabbitInboxes } from "../server/inboxes/rabbitmq.ts";
import { limitsFor } from "../server/inboxes/usage.ts";
import { type Inboxes, type InboxId } from "../server/inbox.ts";
import { startBroker, type Broker } from "./broker.ts";
import { drain, letter, numberOf, range, read, until, within } from "./inbox-letters.ts";
import { type Place, rabbitPlace } from "./inbox-places.ts";

const parts = { limits: limitsFor(10_000), park: () => Promise.resolve() };

describe("the inboxes in RabbitMQ, where the broker makes the difference", () => {
  let broker: Broker;
  let place: Place;
  let inboxes: Inboxes;
  let inbox: InboxId;

  beforeAll(async () => {
    broker = await startBroker();
  }, 90_000);
  afterEach(async () => {
    await place.close();
  });
  afterAll(async () => {
    await broker.close();
  });

  const start = async () => {
    place = rabbitPlace(broker);
    inboxes = await place.open();
    inbox = place.newInbox();
    await inboxes.open(inbox);
  };

  const asBroker = async <T>(run: (channel: Awaited<ReturnType<typeof createChannel>>) => Promise<T>): Promise<T> => {
    const connection = await connect(broker.url);
    try {
      return await run(await createChannel(connection));
    } finally {
      await connection.close();
    }
  };
  const createChannel = (connection: Awaited<ReturnType<typeof connect>>) => connection.createChannel();

  /** A queue whose leader is being elected refuses, or confirms nothing for a while. */
  const putUntilStored = async (to: Inboxes, one: InboxId, number: number): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        await to.put([one], [letter(number)]);
        return;
      } catch (error) {
        if (tries === 10) throw error;
        await pause(500);
      }
    }
  };

  test("[I13] a wrong address is one clear sentence, without the password", async () => {
    await start();
    const wrong = openRabbitInboxes("amqp://ana:secret-word@127.0.0.1:1", parts);
    await expect(wrong).rejects.toMatchObject({ name: "InboxError", code: "unavailable" });
    await expect(wrong).rejects.toThrow("Start RabbitMQ");
    await expect(wrong).rejects.not.toThrow("secret-word");
    await expect(openRabbitInboxes("nonsense", parts)).rejects.toThrow("--amqp");
    await expect(openRabbitInboxes(broker.url.replace("guest:guest", "guest:bad"), parts)).rejects.toThrow("password");
  });

  test("[I1] a queue is what wire.md says, and a batch is one persistent message in it", async () => {
    await start();
    await inboxes.put(
      [inbox],
      range(0, 16).map((n) => letter(n)),
    );
    const listed = await broker.ctl("list_queues", "--no-table-headers", "name", "type", "durable");
    expect(listed).toContain(`inbox.${inbox}\tquorum\ttrue`);
    expect((await asBroker((channel) => channel.checkQueue(`inbox.${inbox}`))).messageCount).toBe(1);
    // (such a queue knows no basic.get)
    const message = await asBroker(
      (channel) =>
        new Promise<ConsumeMessage | null>((resolve, fail) => {
          channel.consume(`inbox.${inbox}`, resolve).catch(fail);
        }),
    );
    expect(message?.properties).toMatchObject({ contentType: "application/json", deliveryMode: 2 });
    const content: unknown = JSON.parse(message?.content.toString() ?? "");
    expect(content).toHaveLength(16);
  });

  test("[I2] a queue with other arguments is refused with its name and the argument", async () => {
    await start();
    const other = place.newInbox();
    const options = { durable: true, arguments: { "x-queue-type": "quorum", "x-max-length": 5 } };
    await asBroker((channel) => channel.assertQueue(`inbox.${other}`, options));
    const refused = inboxes.open(other);
    await expect(refused).rejects.toMatchObject({ code: "unavailable", inbox: other });
    await expect(refused).rejects.toThrow(`inbox.${other}`);
    await expect(refused).rejects.toThrow(/x-(max-length|overflow|delivery-limit)/);
    await inboxes.put([inbox], [letter(0)]); // the process lives, and so do the connections
    expect(await drain(inboxes, inbox)).toEqual([0]);
  });

  test("[I2] a queue deleted under its consumer ends the consumption as removed", async () => {
    await start();
    const reader = await read(inboxes, inbox);
    await asBroker((channel) => channel.deleteQueue(`inbox.${inbox}`));
    expect(await within(10_000, "the end", reader.consumption.ended)).toEqual({ reason: "removed" });
    await expect(inboxes.put([inbox], [letter(0)])).rejects.toMatchObject({ code: "no-inbox", inbox });
    await inboxes.open(inbox);
    await inboxes.put([inbox], [letter(1)]);
    expect(await drain(inboxes, inbox)).toEqual([1]);
  });

  test("[I5] after a cut only what was not settled is handed out, in order", async () => {
    await start();
    for (const n of range(0, 10))
      await inboxes.put(
        [inbox],
        range(n * 4, n * 4 + 4).map((number) => letter(number)),
      );
    const got: number[] = [];
    const consumption = await inboxes.consume(
      inbox,
      async (batch) => {
        // the cut comes while a batch is in flight, and its batches do not end where broker messages end
        if (got.length === 18) await broker.ctl("close_all_connections", "a test");
        got.push(...batch.map(({ stored }) => numberOf(stored)));
      },
      () => ({ envelopes: 6, bytes: 1_048_576 }),
    );
    await until("all come", () => got.length >= 40);
    await until("it is connected again", () => inboxes.ready());
    await inboxes.put([inbox], [letter(40)]);
    await until("the newest comes", () => got.includes(40));
    expect(got).toEqual(range(0, 41));
    await consumption.stop();
    expect(await drain(await place.open(), inbox)).toEqual([]);
  });

  test("[I13] a broker that is away is unavailable at once, and consumers outlive it", async () => {
    await start();
    await inboxes.put([inbox], [letter(0)]);
    const reader = await read(inboxes, inbox);
    await until("the first comes", () => reader.got.length === 1);
    const waitingPlace = place.newInbox();
    await inboxes.open(waitingPlace);
    await place.crash(); // once there and back, then away for longer
    await until("it is back", () => inboxes.ready());
    const killed = broker.kill();
    await until("the cut is noticed", () => !inboxes.ready());
    await killed;
    const began = Date.now();
    await expect(inboxes.put([inbox], [letter(1)])).rejects.toMatchObject({ code: "unavailable" });
    await expect(inboxes.open(place.newInbox())).rejects.toMatchObject({ code: "unavailable" });
    expect(Date.now() - began).toBeLessThan(500);
    const early = await read(inboxes, waitingPlace); // a consumer may come while the broker is away
    await broker.restart();
    await until("it is ready again", () => inboxes.ready());
    await putUntilStored(inboxes, inbox, 2);
    await putUntilStored(inboxes, waitingPlace, 2);
    await until("both come", () => reader.numbers().includes(2) && early.numbers().includes(2));
    expect(reader.numbers().filter((number) => number === 0)).toEqual([0]);
  }, 120_000);

  test("[I13] a queue that nobody leads just now is unavailable, not full, and takes again when somebody does", async () => {
    await start();
    await inboxes.put([inbox], [letter(0)]);
    const server = `quorum_queues, {'%2F_inbox.${inbox}', node()}`;
    await broker.ctl("eval", `ra:stop_server(${server}).`);
    // a relay that comes now meets it with a fresh channel, to which the broker says no at once; an old one hears nothing
    const fresh = await openRabbitInboxes(broker.url, parts);
    const began = Date.now();
    await expect(fresh.put([inbox], [letter(1)])).rejects.toMatchObject({ code: "unavailable", inbox });
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(fresh.waiting(inbox).count).toBe(0);
    await broker.ctl("eval", `ra:restart_server(${server}).`);
    await putUntilStored(fresh, inbox, 2);
    await fresh.close();
    expect(await drain(inboxes, inbox)).toEqual([0, 2]);
  }, 60_000);

  test("[I11] after a crash the count is an estimate until the inbox was drained; after a clean stop it is right", async () => {
    await start();
    await inboxes.put(
      [inbox],
      range(0, 5).map((n) => letter(n, "ana", { at: 700 + n })),
    );
    await inboxes.put([inbox], [letter(5)]);
    const crashed = await openRabbitInboxes(broker.url, parts);
    expect(crashed.waiting(inbox).envelopes).toBeGreaterThan(0); // not asked yet: not known to be empty
    await crashed.open(inbox);
    expect(crashed.waiting(inbox)).toEqual({ count: 2, envelopes: 2 });
    await crashed.close();
    const stopped = await place.open();
    await stopped.open(inbox);
    expect(stopped.waiting(inbox)).toEqual({ count: 6, envelopes: 6, oldestAt: 700 });
    expect(await drain(stopped, inbox)).toEqual(range(0, 6));
    expect(stopped.waiting(inbox)).toEqual({ count: 0, envelopes: 0 });
  });

  test("[I4] channel numbers come back: more consumptions than a connection has channels", async () => {
    await start();
    const all = range(0, 20).map(() => place.newInbox());
    await Promise.all(all.map((one) => inboxes.open(one)));
    for (let round = 0; round < 110; round++) {
      const readers = await Promise.all(all.map((one) => read(inboxes, one)));
      await Promise.all(readers.map((reader) => reader.consumption.stop()));
    }
    const connections = await broker.ctl("list_connections", "--no-table-headers", "channels");
    const open = connections.trim().split("\n").map(Number);
    expect(Math.max(...open)).toBeLessThan(40);
    await inboxes.put(all, [letter(0)]);
  }, 120_000);
});
