import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { drill, type BreakingStep } from "../drill/drill.ts";
import { nodeLaunch } from "../drill/node-launch.ts";
import { Processes } from "../drill/processes.ts";
import { type DrillProgress, type DrillReport } from "../wire/drill.ts";
import { makeBundles } from "./torture/bundles.ts";
import { faultVariable, type PlantedFault } from "./torture/planted.ts";

// The whole of it on the released relay runs in e2e-drill.test.ts, inside the app.
async function drillWith(
  fault: PlantedFault,
  steps: readonly BreakingStep[],
): Promise<{ report: DrillReport; told: DrillProgress[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), "recado-drill-"));
  const processes = new Processes(nodeLaunch);
  const bundles = await makeBundles(fault);
  const told: DrillProgress[] = [];
  try {
    const report = await drill({
      ...{ launch: processes.launch, folder, steps },
      scripts: { relay: bundles.relay, app: bundles.app },
      env: { [faultVariable]: fault },
      tell: (progress) => told.push(progress),
    });
    return { report, told };
  } finally {
    processes.close();
    await bundles.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

it("[D2] a relay that answers before it has stored is caught, and what it lost is named", async () => {
  const { report, told } = await drillWith("answer-long-before-commit", ["kill-reader", "kill-relay"]);
  expect(report.lost).toBeGreaterThan(0);
  expect(report.findings.join("\n")).toMatch(/\[G1\] .+ was accepted and is not shown on (ana|bia)/);
  expect(report.shown).toBeLessThan(report.written);
  expect(told.map(({ now }) => now)).toEqual(["prepare", "kill-reader", "kill-relay", "compare"]);
}, 120_000);
