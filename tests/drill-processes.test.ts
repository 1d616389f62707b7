import { EventEmitter } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Log } from "../main/log.ts";
import { Drill } from "../main/drill.ts";
import { type Fork, type Utility } from "../main/drill-processes.ts";
import { openAskedChildren } from "../drill/asked-launch.ts";
import { drillStep, type DrillAsk, type DrillNews, type DrillReport, type DrillState } from "../wire/drill.ts";
import { drillOutcome, drillReportLines, drillSteps, isSound } from "../renderer/drill-words.ts";
import { catalogueFor } from "../renderer/text.ts";
import { until } from "./app-desk.ts";

/** A utility process that does nothing by itself. */
class Idle extends EventEmitter implements Utility {
  pid: number | undefined;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly told: unknown[] = [];

  constructor(
    readonly program: string,
    readonly args: readonly string[],
  ) {
    super();
  }

  postMessage(said: unknown): void {
    this.told.push(said);
  }

  spawn(pid: number): void {
    this.pid = pid;
    this.emit("spawn");
  }

  exit(code: number): void {
    this.pid = undefined;
    this.emit("exit", code);
  }

  asks(asked: DrillAsk): void {
    this.emit("message", asked);
  }
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, close: () => undefined };
const report: DrillReport = {
  done: [{ step: "kill-relay", written: 41 }],
  ...{ written: 41, shown: 41, lost: 0, doubled: 0, disordered: 0, otherwise: 0, findings: [], tookMs: 28_400 },
};

let temp: string;
let forked: Idle[];
let killed: number[];
let states: DrillState[];
let drill: Drill;
const fork: Fork = (program, args) => {
  const one = new Idle(program, args);
  forked.push(one);
  return one;
};
const driver = (): Idle => {
  const [first] = forked;
  if (!first) throw new Error("Nothing was started.");
  return first;
};

beforeEach(() => {
  temp = mkdtempSync(path.join(tmpdir(), "recado-drills-"));
  [forked, killed, states] = [[], [], []];
  const kill = (pid: number): void => void killed.push(pid);
  drill = new Drill({ fork, kill, temp, log: silent, changed: (state) => states.push(state) });
});
afterEach(() => {
  drill.close();
  rmSync(temp, { recursive: true, force: true });
});

describe("the main process's part of the drill", () => {
  it("[D1] one at a time, in a folder of its own that goes with it, whatever it came to", async () => {
    drill.start();
    drill.start();
    expect(forked.map(({ program }) => program)).toEqual(["driver"]);
    expect(readdirSync(temp)).toHaveLength(1);
    expect(driver().args).toEqual([path.join(temp, readdirSync(temp)[0] ?? "")]);
    driver().spawn(11);
    driver().asks({ ask: "progress", progress: { done: [], now: "kill-relay" } });
    driver().asks({ ask: "report", report });
    expect(states.map(({ kind }) => kind)).toEqual(["running", "running", "ended"]);
    expect(killed).toEqual([11]);
    driver().exit(9);
    await until(() => readdirSync(temp).length === 0);
    expect(drill.state).toEqual({ kind: "ended", report });
  });

  it("[D1] its children are started, told and killed for it, and it hears of them", () => {
    drill.start();
    driver().spawn(11);
    driver().asks({ ask: "start", child: 1, script: "relay", args: ["--port", "0"] });
    const relay = forked[1];
    if (!relay) throw new Error("No relay was started.");
    expect([relay.program, relay.args]).toEqual(["relay", ["--port", "0"]]);
    driver().asks({ ask: "kill", child: 1 }); // before it has a number
    relay.spawn(12);
    expect(killed).toEqual([12]);
    driver().asks({ ask: "tell", child: 1, line: "hello" });
    driver().asks({ ask: "stop", child: 1 });
    expect(relay.told).toEqual(["hello", "stop"]);
    relay.exit(9);
    expect(driver().told).toEqual([
      { news: "began", child: 1, pid: 12 },
      { news: "ended", child: 1, code: 9 },
    ]);
  });

  it("[D1] what its process may not ask for ends it", () => {
    drill.start();
    driver().spawn(11);
    driver().emit("message", { ask: "start", child: 1, script: "/bin/sh", args: [] });
    expect(forked).toHaveLength(1);
    expect(killed).toEqual([11]);
    expect(drill.state.kind).toBe("failed");
  });

  it("[D3] stopped, everything is killed, also what was still being started, and nobody is told any more", async () => {
    drill.start();
    driver().spawn(11);
    driver().asks({ ask: "start", child: 1, script: "app", args: [] });
    drill.stop();
    forked[1]?.spawn(12);
    expect(killed).toEqual([11, 12]);
    driver().asks({ ask: "report", report });
    driver().exit(9);
    forked[1]?.exit(9);
    expect(drill.state).toEqual({ kind: "idle" });
    await until(() => readdirSync(temp).length === 0);
  });

  it("[D3] an app that quits leaves neither process nor folder", () => {
    drill.start();
    driver().spawn(11);
    drill.close();
    expect(killed).toEqual([11]);
    expect(readdirSync(temp)).toEqual([]);
  });

  it("[D2] a drill that ends without a result is a failure, not a success", async () => {
    drill.start();
    driver().stderr.write("no room\n");
    await until(() => driver().stderr.readableLength === 0);
    driver().exit(1);
    expect(drill.state).toMatchObject({ kind: "failed" });
    expect(states.at(-1)).toMatchObject({ reason: expect.stringContaining("ended with 1") as string });
  });
});

it("[D1] the drill's process asks for its children, and hears their lines until they end", async () => {
  const asked: DrillAsk[] = [];
  const children = openAskedChildren((ask) => asked.push(ask));
  const { launch } = children;
  const lines: string[] = [];
  const hearing = { line: (line: string) => lines.push(line), complaint: (line: string) => lines.push(`! ${line}`) };
  const child = launch("app", ["folder"], hearing);
  const news = (said: DrillNews): void => children.hear(said);
  news({ news: "began", child: 1, pid: 7 });
  news({ news: "line", child: 1, line: "a" });
  news({ news: "complaint", child: 1, line: "b" });
  expect([child.pid, child.running]).toEqual([7, true]);
  child.tell("go");
  child.kill();
  news({ news: "ended", child: 1, code: 9 });
  news({ news: "line", child: 1, line: "late" });
  expect(await child.ended).toBe(9);
  expect(child.running).toBe(false);
  expect(lines).toEqual(["a", "! b"]);
  expect(asked.map(({ ask }) => ask)).toEqual(["start", "tell", "kill"]);
  expect(() => launch("/bin/sh", [], hearing)).toThrow();
});

describe("the words of the drill", () => {
  it("[D2] the steps are told in the order of the contract", () => {
    expect(drillSteps).toEqual(drillStep.options);
  });

  it.each([
    ["en", "lost 2, doubled 0, out of order 1, otherwise wrong 3"],
    ["pt-BR", "perdidas 2, duplicadas 0, fora de ordem 1, outras falhas 3"],
  ] as const)("[D2] %s: what was lost is said, with what it was and what to do", (locale, outcome) => {
    const text = catalogueFor(locale).drill;
    const bad: DrillReport = { ...report, lost: 2, disordered: 1, otherwise: 3, findings: ["[G1] x is not shown"] };
    expect(isSound(bad)).toBe(false);
    expect(drillOutcome(text, bad)).toBe(outcome);
    const lines = drillReportLines(text, bad);
    expect(lines[0]).toContain(text.steps["kill-relay"]);
    expect(lines[0]).toContain("41");
    expect(lines.slice(2)).toEqual([outcome, "    [G1] x is not shown", text.reportIt]);
    expect(isSound(report)).toBe(true);
    expect(drillReportLines(text, report).at(-1)).not.toContain(text.reportIt);
  });
});
