import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { startBroker, type Broker } from "./broker.ts";
import { bundle } from "./inbox-bundle.ts";
import { embeddedPlace, type Place, possibleFullness, rabbitPlace } from "./inbox-places.ts";
import { rules, type Rule } from "./inbox-rules.ts";

let broker: Broker | undefined;
const worker = await bundle("server/inboxes/embedded/worker.ts");
const fullness = possibleFullness();

const engines = {
  embedded: (name: string) => embeddedPlace(worker, name.startsWith("[I13]") ? fullness : "never"),
  rabbitmq: () => {
    if (!broker) throw new Error("The broker is not there.");
    return rabbitPlace(broker);
  },
};

// One suite on both: an engine that needs a rule of its own does not keep the same promise.
describe.each(["embedded", "rabbitmq"] as const)("the inboxes, %s", (engine) => {
  let place: Place | undefined;

  beforeAll(async () => {
    if (engine === "rabbitmq") broker = await startBroker();
  }, 90_000);
  afterEach(async () => {
    await place?.close();
    place = undefined;
  });
  afterAll(async () => {
    await broker?.close();
    broker = undefined;
  });

  test.each(Object.entries<Rule>(rules))(
    "%s",
    async (name, rule) => {
      place = engines[engine](name);
      await rule(place);
    },
    90_000,
  );
});
