import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { bundle } from "./inbox-bundle.ts";
import { learnSchemas } from "./sim/disk.ts";
import { planted } from "./sim/faults.ts";
import { kept } from "./sim/kept-seeds.ts";
import { huntFault, judge } from "./sim/rounds.ts";
import { Stage } from "./sim/world.ts";

// other seeds than those of every run, and more of them, for a night
const first = Number(process.env["RECADO_SIM_SEED"] ?? 1);
const histories = Number(process.env["RECADO_SIM_COUNT"] ?? 10_000);

let stage: Stage;

beforeAll(async () => {
  stage = new Stage(await learnSchemas());
});

afterAll(() => stage.close());

describe("histories that once broke a promise", () => {
  for (const { title, plan } of kept) {
    it(title, async () => {
      expect(await judge(stage, plan)).toEqual([]);
    });
  }
});

describe("what is planted is found", () => {
  for (const [name, plant] of Object.entries(planted)) {
    it(`[R25] ${name}`, { timeout: 120_000 }, async () => {
      expect(await huntFault(stage, plant, histories), "it hides from all of the histories").toBeDefined();
    });
  }
});

it(`[R25] ${histories} histories: nothing lost, nothing twice, nothing out of order`, { timeout: 0 }, async () => {
  const script = await bundle("tests/sim/worker.ts");
  const threads = Math.max(1, Math.min(4, availableParallelism()));
  const share = Math.ceil(histories / threads);
  const reports = await Promise.all(
    Array.from({ length: threads }, (_, at) => played(script, { from: first + at * share, count: share })),
  );
  expect(reports.flat()).toEqual([]);
});

function played(script: URL, seeds: { from: number; count: number }): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: seeds });
    worker.once("error", reject);
    worker.once("message", (said: unknown) => resolve(z.array(z.string()).parse(said)));
    worker.once("exit", (code) => reject(new Error(`the thread ended with ${code} and said nothing`)));
  });
}
