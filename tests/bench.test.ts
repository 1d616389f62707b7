import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { figures, outcomesOf } from "../bench/figures.ts";

// Speed is shown by `npm run bench` and never asserted; here only that it runs, and what it counts.
it("[G1] the benchmark runs, and counts nothing lost, doubled or out of order, also over a kill -9", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "recado-bench-test-"));
  try {
    const json = path.join(folder, "figures.json");
    const script = path.resolve(import.meta.dirname, "../scripts/bench.mjs");
    const flags = ["--quick", "--seconds", "1", "--only", "recado-embedded,bare", "--json", json];
    const child = spawn(process.execPath, [script, ...flags, "--parts", "online,offline,kill"], { stdio: "ignore" });
    await once(child, "exit");
    expect(child.exitCode).toBe(0);
    const found = figures.parse(JSON.parse(await readFile(json, "utf8")));
    for (const variant of ["recado-embedded", "recado-embedded-receiver", "bare", "bare-batched"]) {
      const [online] = outcomesOf(found, variant, "online");
      expect(online).toMatchObject({ lost: 0, again: 0, disorder: 0, refused: 0 });
      expect(online?.perSecond).toBeGreaterThan(0);
    }
    const clean = outcomesOf(found, "recado-embedded-receiver", "offline");
    expect(clean).toMatchObject([{ accepted: 5_000, lost: 0, again: 0, disorder: 0, refused: 0 }]);
    const killed = outcomesOf(found, "recado-embedded-receiver", "offline", { killed: "relay" });
    expect(killed).toMatchObject([{ lost: 0, disorder: 0 }]);
    expect(killed[0]?.accepted).toBeGreaterThan(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
