import { createInterface } from "node:readline";
import { drillAsk, type DrillAsk, type DrillNews, type DrillScript } from "../wire/drill.ts";
import { stopWord } from "../wire/stop-word.ts";

/** What the drill needs of a utility process of Electron: it can be tried without Electron. */
export interface Utility {
  readonly pid: number | undefined;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  postMessage(said: unknown): void;
  on(event: "spawn", listener: () => void): unknown;
  on(event: "message", listener: (said: unknown) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
}

/** Starts one of the drill's own programs; there are no others (electron-builder.yml, files). */
export type Fork = (program: "driver" | DrillScript, args: readonly string[]) => Utility;

export interface DrillProcessesNeeds {
  readonly fork: Fork;
  /** SIGKILL; what is gone already is no fault */
  readonly kill: (pid: number) => void;
  readonly said: (asked: Extract<DrillAsk, { ask: "progress" | "report" | "give-up" }>) => void;
  /** the drill's own process has ended, or said what it may not, before it gave a report */
  readonly ended: (reason: string) => void;
}

/** The drill's own process, and the children that are started, told, and killed for it. */
export class DrillProcesses {
  readonly #needs: DrillProcessesNeeds;
  /** each with its end */
  readonly #running = new Map<Utility, Promise<void>>();
  readonly #children = new Map<number, Utility>();
  #closed = false;

  constructor(needs: DrillProcessesNeeds) {
    this.#needs = needs;
  }

  /** Starts the drill's own process. @param folder for everything that it and its children write */
  drive(folder: string): void {
    const driver = this.#fork("driver", [folder]);
    const complaints: string[] = [];
    eachLine(driver.stderr, (line) => {
      if (complaints.length < 20) complaints.push(line);
    });
    driver.on("message", (said) => {
      if (this.#closed) return;
      const asked = drillAsk.safeParse(said);
      if (asked.success) this.#obey(driver, asked.data);
      else this.#needs.ended("The drill's process asked for what it may not.");
    });
    driver.on("exit", (code) => {
      if (!this.#closed) this.#needs.ended([`The drill's process ended with ${code}.`, ...complaints].join("\n"));
    });
  }

  /** SIGKILL to everything that runs, at this very moment; resolves when all of it is gone. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const one of this.#running.keys()) this.#kill(one);
    await Promise.all(this.#running.values());
  }

  #obey(driver: Utility, asked: DrillAsk): void {
    switch (asked.ask) {
      case "start":
        return this.#start(driver, asked);
      case "tell":
        return this.#children.get(asked.child)?.postMessage(asked.line);
      case "stop":
        return this.#children.get(asked.child)?.postMessage(stopWord);
      case "kill": {
        const child = this.#children.get(asked.child);
        if (child) this.#kill(child);
        return;
      }
      case "progress":
      case "report":
      case "give-up":
        return this.#needs.said(asked);
    }
  }

  #start(driver: Utility, { child: number, script, args }: Extract<DrillAsk, { ask: "start" }>): void {
    const tell = (news: DrillNews): void => {
      if (!this.#closed) driver.postMessage(news);
    };
    const child = this.#fork(script, args);
    this.#children.set(number, child);
    child.on("spawn", () => tell({ news: "began", child: number, pid: child.pid ?? 0 }));
    eachLine(child.stdout, (line) => tell({ news: "line", child: number, line }));
    eachLine(child.stderr, (line) => tell({ news: "complaint", child: number, line }));
    child.on("exit", (code) => {
      this.#children.delete(number);
      tell({ news: "ended", child: number, code });
    });
  }

  /** One that is being started has no number yet. */
  #kill(one: Utility): void {
    if (one.pid === undefined) one.on("spawn", () => this.#kill(one));
    else this.#needs.kill(one.pid);
  }

  #fork(...what: Parameters<Fork>): Utility {
    const one = this.#needs.fork(...what);
    const gone = new Promise<void>((resolve) => {
      one.on("exit", () => {
        this.#running.delete(one);
        resolve();
      });
    });
    this.#running.set(one, gone);
    return one;
  }
}

function eachLine(stream: NodeJS.ReadableStream | null, hear: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on("line", hear);
}
