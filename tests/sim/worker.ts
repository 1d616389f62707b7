import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { learnSchemas } from "./disk.ts";
import { playAll } from "./rounds.ts";
import { Stage } from "./world.ts";

/** A thread that plays a range of seeds and says what they broke: one per core, because a history keeps a core busy. */
const seeds = z.object({ from: z.number(), count: z.number() }).parse(workerData);
const stage = new Stage(await learnSchemas());
try {
  parentPort?.postMessage(await playAll(stage, seeds));
} finally {
  stage.close();
}
