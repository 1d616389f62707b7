import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type DrillAsk, type DrillState } from "../wire/drill.ts";
import { DrillProcesses, type Fork } from "./drill-processes.ts";
import { factsOf, type Log } from "./log.ts";

export interface DrillNeeds {
  readonly fork: Fork;
  readonly kill: (pid: number) => void;
  /** where a folder for what the drill writes can be made */
  readonly temp: string;
  readonly log: Log;
  readonly changed: (state: DrillState) => void;
}

/** The drill of a running app: one at a time, seen by every window. */
export class Drill {
  readonly #needs: DrillNeeds;
  #state: DrillState = { kind: "idle" };
  #run: { readonly processes: DrillProcesses; readonly folder: string } | undefined;
  /** what is still to be removed */
  readonly #folders = new Set<string>();

  constructor(needs: DrillNeeds) {
    this.#needs = needs;
  }

  get state(): DrillState {
    return this.#state;
  }

  /** While one is running there is nothing to start. */
  start(): void {
    if (this.#run) return;
    this.#enter({ kind: "running", done: [], now: "prepare" });
    try {
      const folder = mkdtempSync(join(this.#needs.temp, "recado-drill-"));
      this.#folders.add(folder);
      const processes = new DrillProcesses({
        fork: this.#needs.fork,
        kill: this.#needs.kill,
        said: (asked) => this.#hear(asked),
        ended: (reason) => this.#conclude({ kind: "failed", reason }),
      });
      this.#run = { processes, folder };
      processes.drive(folder);
    } catch (error) {
      this.#needs.log.error("drill not started", factsOf(error));
      this.#conclude({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Ends every process and removes what was written (D3). Without one running it forgets what the last one found. */
  stop(): void {
    this.#conclude({ kind: "idle" });
  }

  /** The app quits, and waits for nothing: nothing is left behind all the same. */
  close(): void {
    void this.#run?.processes.close();
    this.#run = undefined;
    for (const folder of this.#folders) {
      try {
        // who was killed just now may write or hold a file for a moment
        rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 40 });
      } catch {
        // a temporary folder: the system removes it some day
      }
    }
  }

  #hear(asked: Extract<DrillAsk, { ask: "progress" | "report" | "give-up" }>): void {
    switch (asked.ask) {
      case "progress":
        return this.#enter({ kind: "running", ...asked.progress });
      case "report": {
        const { lost, doubled, disordered, otherwise, written } = asked.report;
        this.#needs.log.info("drill ended", { written, lost, doubled, disordered, otherwise });
        return this.#conclude({ kind: "ended", report: asked.report });
      }
      case "give-up":
        this.#needs.log.error("drill given up");
        return this.#conclude({ kind: "failed", reason: asked.reason });
    }
  }

  #conclude(state: DrillState): void {
    const run = this.#run;
    this.#run = undefined;
    if (run) void this.#clear(run.processes, run.folder);
    this.#enter(state);
  }

  async #clear(processes: DrillProcesses, folder: string): Promise<void> {
    await processes.close();
    try {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      this.#folders.delete(folder);
    } catch (error) {
      this.#needs.log.warn("drill folder not removed", factsOf(error));
    }
  }

  #enter(state: DrillState): void {
    this.#state = state;
    this.#needs.changed(state);
  }
}
