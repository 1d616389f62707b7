import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Broker, startBroker } from "./broker.ts";
import { type Desktop, launch } from "./e2e-electron.ts";
import { Person } from "./e2e-person.ts";
import { type RelayProcess, startRelay } from "./relay-process.ts";

/**
 * Three people in real windows: Ana and Bia in two windows of one app, Caio in a second app beside it.
 * The same story on both engines; its steps build on each other.
 */
describe.each(["embedded", "rabbitmq"] as const)("three people in real windows, inboxes %s", (engine) => {
  /** what is open, to be closed in reverse, also when the set-up failed halfway */
  const opened: (() => Promise<unknown>)[] = [];
  let broker: Broker | undefined;
  let relay: RelayProcess;
  let folder: string;
  let desk: Desktop;
  let other: Desktop;
  let ana: Person;
  let bia: Person;
  let caio: Person;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "recado-desk-"));
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    broker = engine === "rabbitmq" ? await startBroker() : undefined;
    opened.push(async () => broker?.close());
    relay = await startRelay({ args: ["--limits", "none", ...(broker ? ["--amqp", broker.url] : [])] });
    opened.push(() => relay.close());
    desk = await launch({ userDataDir: folder });
    opened.push(() => desk.quit());
    other = await launch({ userDataDir: folder, profile: "caio" });
    opened.push(() => other.quit());
    ana = new Person(desk.window, "Ana");
    caio = new Person(other.window, "Caio", "pt-BR");
  });

  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });

  // what the windows showed when something went wrong is worth more than a stack
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    for (const [index, window] of [...desk.windows(), ...other.windows()].entries())
      await new Person(window, String(index)).picture(`failed-${engine}-${index}`);
  });

  test("[G4] a name and a password are asked at the start, and make an account", async () => {
    await ana.picture(`${engine}-sign-in`);
    await ana.register(relay.url);
    await caio.register(relay.url);
    bia = await ana.openAnother(desk, "Bia");
    await bia.register(relay.url);
  });

  test("[G12] a request is accepted, in one app and between two", async () => {
    await ana.add("Bia");
    await bia.accept("Ana");
    await ana.add("Caio");
    await caio.accept("Ana");
    await expect.poll(() => ana.contact("Caio").getAttribute("aria-label")).toMatch(/online/);
    await expect.poll(() => ana.contact("Bia").getAttribute("aria-label")).toMatch(/online/);
  });

  test("[G3] they talk both ways, in order", async () => {
    await ana.open("Bia");
    await bia.open("Ana");
    await ana.write("bom dia", "dois", "três");
    await bia.sees("bom dia", "dois", "três");
    await bia.write("oi, Ana");
    await ana.sees("bom dia", "dois", "três", "oi, Ana");
    await ana.reads(/read|delivered/i);
    await caio.open("Ana");
    await ana.open("Caio");
    await caio.write("recado do Caio");
    await ana.sees("recado do Caio");
  });

  test("[G6] who goes offline finds the messages on return, and the sender sees meanwhile that they wait", async () => {
    await caio.goOffline();
    await ana.write("está aí?", "deixo aqui", "até mais");
    await ana.reads(/3 messages (kept|waiting) for Caio since/i);
    expect(await caio.messages()).not.toContain("está aí?");
    await caio.reads(/3 mensagens/);
    if (broker) {
      const queue = async (): Promise<string | undefined> =>
        (await broker?.ctl("list_queues", "--quiet", "--formatter", "csv", "name", "messages", "type"))
          ?.split("\n")
          .find((line) => line.includes("inbox.caio."));
      // the broker itself lists the queue and its depth; it counts quorum queues every few seconds
      await expect.poll(queue, { timeout: 20_000 }).toMatch(/,"?[1-9]\d*"?,"?.*quorum/);
    }
    await ana.picture(`${engine}-waiting`);
    await caio.picture(`${engine}-offline-pt`);
    await caio.goOnline();
    await caio.sees("está aí?", "deixo aqui", "até mais");
    await expect.poll(() => ana.window.getByText(/messages (kept|waiting) for Caio/i).count()).toBe(0);
    await ana.reads(/read|delivered/i);
  });

  test("[O1] what is typed while offline waits in the outbox and leaves by itself", async () => {
    await ana.goOffline();
    await ana.write("escrito offline");
    await ana.reads(/leaves? when you go online/i);
    expect(await caio.messages()).not.toContain("escrito offline");
    await ana.goOnline();
    await caio.sees("escrito offline");
  });

  test("[G1] quit and start again: contacts and history are there", async () => {
    await other.quit();
    await ana.write("enquanto você dormia");
    await ana.reads(/1 message (kept|waiting) for Caio since/i);
    other = await launch({ userDataDir: folder, profile: "caio" });
    caio = new Person(other.window, "Caio", "pt-BR");
    // without a key store the token lived in memory only, and the password is asked again
    await caio.signInAgain();
    await caio.isOnline();
    await caio.open("Ana");
    await caio.sees("recado do Caio", "está aí?", "deixo aqui", "até mais", "escrito offline", "enquanto você dormia");
  });

  test("[G1] kill -9 of the relay in mid-conversation: the app says that it reconnects, and everything is there once, in order", async () => {
    await ana.write("antes da queda");
    await relay.kill();
    await ana.reads(/Connecting again|No connection/);
    await ana.write("durante a queda", "ainda durante");
    await relay.restart();
    await ana.isOnline();
    await caio.sees("antes da queda", "durante a queda", "ainda durante");
    await caio.write("depois da queda");
    await ana.sees("antes da queda", "durante a queda", "ainda durante", "depois da queda");
  });

  test("[G12] removing a contact ends both sides, and asks first", async () => {
    await ana.remove("Bia");
    await bia.reads(/no longer/i);
  });

  test("nothing was complained about on the way", () => {
    expect(desk.complaints).toEqual([]);
    expect(other.complaints).toEqual([]);
  });
});
