import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBroker, type Broker } from "./broker.ts";
import { contacts } from "./relay-rules-contacts.ts";
import { crashes } from "./relay-rules-crashes.ts";
import { inboxes } from "./relay-rules-inboxes.ts";
import { messages } from "./relay-rules-messages.ts";
import { presence } from "./relay-rules-presence.ts";
import { signingIn } from "./relay-rules-signing-in.ts";
import { leaks, World } from "./relay-world.ts";

// One suite on both engines: who talks to a relay cannot tell which one keeps its inboxes.
describe.each(["embedded", "rabbitmq"] as const)("the relay, %s", (engine) => {
  let broker: Broker | undefined;
  let world: World | undefined;
  const others: World[] = [];
  const ground = {
    engine,
    get world(): World {
      if (!world) throw new Error("The relay is not there.");
      return world;
    },
    async another(...args: readonly string[]): Promise<World> {
      const made = await World.open({ args: [...engineArgs(), ...args] });
      others.push(made);
      return made;
    },
  };
  const engineArgs = (): string[] => (broker ? ["--amqp", broker.url] : []);

  beforeAll(async () => {
    if (engine === "rabbitmq") broker = await startBroker();
    world = await World.open({ args: engineArgs() });
  }, 90_000);
  afterAll(async () => {
    await Promise.all(others.map((one) => one.close()));
    await world?.close();
    await broker?.close();
  });

  signingIn(ground);
  messages(ground);
  presence(ground);
  contacts(ground);
  inboxes(ground);
  crashes(ground);

  test("[R9] no password, token or body of all this is in a log, and nothing failed in the background", () => {
    const { relay } = ground.world;
    const secrets = ground.world.secrets();
    expect(secrets.length).toBeGreaterThan(100);
    expect(leaks(relay, secrets)).toEqual([]);
    expect(relay.complaints).toEqual([]);
    expect(relay.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});
