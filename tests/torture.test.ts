import { describe, expect, it } from "vitest";
import { everything, type Plan } from "./torture/chaos.ts";
import { type PlantedFault } from "./torture/planted.ts";
import { type ShownRow } from "../drill/shown.ts";
import { describe as describeReport, torture, type TortureReport } from "./torture/torture.ts";
import { judge, judgeStatuses, type Evidence, type Log } from "../drill/verdict.ts";

// A short round: `npm run torture` is the long one. The seed is in what a failure says; TORTURE_SEED repeats its plan.
const seed = Number(process.env["TORTURE_SEED"] ?? 20_260_101 + (Date.now() % 1_000));
const silent = (): void => undefined;
const told = (report: TortureReport): string => [`seed ${seed}`, ...describeReport(report)].join("\n");
const rollingOnly: Plan = {
  ...everything,
  relayKills: false,
  appKills: false,
  network: false,
  halfOpen: false,
  wishes: false,
  broker: false,
};

describe("real processes, broken at random", () => {
  it.each(["embedded", "rabbitmq"] as const)(
    "[G1] [G2] [G3] [G4] [G5] [G6] %s: what was accepted is shown, once, in order, to the right person",
    async (engine) => {
      const report = await torture({ engine, seed, durationMs: 6_000, roundMs: 6_000, tell: silent });
      expect(report.violations, told(report)).toEqual([]);
      expect(report.shown).toBe(report.sent);
      expect(report.sent).toBeGreaterThan(10);
    },
    180_000,
  );

  it("[G1] [G2] 20 planned restarts under load: each drained in time with exit 0, nothing lost, nothing doubled", async () => {
    const needs = { engine: "embedded", seed, durationMs: 120_000, roundMs: 8_000, rolls: 20, tell: silent } as const;
    const report = await torture({ ...needs, plan: rollingOnly });
    expect(report.violations, told(report)).toEqual([]);
    expect(report.tallies.of("relay: rolling restart")).toBeGreaterThanOrEqual(20);
  }, 240_000);

  it.each<[PlantedFault, RegExp]>([
    ["two-in-flight", /in flight/],
    ["reorder-on-requeue", /disorder/],
  ])(
    "[G3] [G5] a relay with the fault %s is found",
    async (fault, offence) => {
      const report = await torture({
        engine: "embedded",
        seed,
        durationMs: 60_000,
        roundMs: 6_000,
        fault,
        tell: silent,
      });
      expect(report.violations.map((violation) => violation.offence).join(), told(report)).toMatch(offence);
    },
    240_000,
  );
});

describe("the checker, on made-up evidence", () => {
  const row = (token: string, position: number, change: Partial<ShownRow> = {}): ShownRow => ({
    ...{ position, peer: "bia", sender: "ana", id: token, mine: 1, status: "delivered" },
    body: `${token}|`,
    ...change,
  });
  const received = (token: string, position: number, change: Partial<ShownRow> = {}): ShownRow =>
    row(token, position, { mine: 0, peer: "ana", status: "accepted", ...change });
  const tokens = ["ana/ana1/bia/1", "ana/ana1/bia/2"] as const;
  const [one, two] = tokens;
  const logsOf = (sender: readonly ShownRow[], reader: readonly ShownRow[]): Log[] => [
    { device: "ana1", account: "ana", rows: sender },
    { device: "bia1", account: "bia", rows: reader },
  ];
  const copyOn = (device: string): Log => ({ device, account: "ana", rows: [row(one, 1), row(two, 2)] });
  const heardOn = (device: string): Evidence["heard"] => new Map([[device, new Map([[two, "read" as const]])]]);
  const evidence = (
    sender: readonly ShownRow[],
    reader: readonly ShownRow[],
    change: Partial<Evidence> = {},
  ): Evidence => ({
    attempts: new Map(
      tokens.map((token, index) => [token, { token, from: "ana", device: "ana1", to: "bia", place: index + 1 }]),
    ),
    written: new Map(tokens.map((token) => [token, token])),
    logs: logsOf(sender, reader),
    heard: new Map(),
    accusations: [],
    receiptsMayBeGivenUp: false,
    ...change,
  });
  const sent = [row(one, 1), row(two, 2)];
  const shown = [received(one, 1), received(two, 2)];
  const offencesIn = (given: Evidence): string[] => judge(given).violations.map(({ offence }) => offence);

  it("[G1] finds nothing where nothing is wrong", () => {
    expect(offencesIn(evidence(sent, shown))).toEqual([]);
  });

  it.each<[string, Evidence, string]>([
    [
      "[G1] accepted and not shown",
      evidence([row(one, 1), row(two, 2, { status: "accepted" })], [received(one, 1)]),
      "lost",
    ],
    ["[O1] written and forgotten by its writer", evidence([row(one, 1)], [received(one, 1)]), "lost"],
    ["[G1] never accepted", evidence([row(one, 1), row(two, 2, { status: "pending" })], [received(one, 1)]), "stuck"],
    ["[G2] shown twice", evidence(sent, [...shown, received(two, 3, { id: "another" })]), "doubled"],
    ["[G3] shown in another order", evidence(sent, [received(two, 1), received(one, 2)]), "disorder"],
    [
      "[G4] shown as somebody else's",
      evidence(sent, [received(one, 1), received(two, 2, { sender: "caio" })]),
      "wrong person",
    ],
    ["[G4] shown and never written", evidence(sent, [...shown, received("eva/eva1/bia/1", 3)]), "wrong person"],
    ["[G5] delivered before it is there", evidence(sent, [received(one, 1)]), "status"],
    [
      "[G5] shown, and its sender never told",
      evidence([row(one, 1), row(two, 2, { status: "accepted" })], shown),
      "status",
    ],
    ["[O6] a status that moved down", evidence(sent, shown, { heard: heardOn("ana1") }), "status"],
    [
      "[O6] a copy's status that moved down",
      evidence(sent, shown, { heard: heardOn("ana2"), logs: [...logsOf(sent, shown), copyOn("ana2")] }),
      "status",
    ],
    [
      "[G1] refused among contacts",
      evidence([row(one, 1), row(two, 2, { status: "refused" })], [received(one, 1)]),
      "refused",
    ],
  ])("%s", (_title, given, offence) => {
    expect(offencesIn(given)).toContain(offence);
  });

  it("[O6] what one device says of a message binds no other: each has an inbox and receipts of its own", () => {
    const logs = [
      ...logsOf(sent, shown),
      { device: "ana2", account: "ana", rows: [row(one, 1), row(two, 2, { status: "read" })] },
    ];
    expect(offencesIn(evidence(sent, shown, { logs, heard: heardOn("ana2") }))).toEqual([]);
  });

  it("[G5] a status told before its fact is found while things still move", () => {
    const logs = (rows: readonly ShownRow[]): Log[] => [{ device: "bia1", account: "bia", rows }];
    const senders: Log[] = [{ device: "ana1", account: "ana", rows: sent }];
    expect(judgeStatuses(senders, logs(shown))).toEqual([]);
    expect(judgeStatuses(senders, logs([received(one, 1)])).map(({ offence }) => offence)).toEqual(["status"]);
  });
});
