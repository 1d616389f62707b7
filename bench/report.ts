import { type Figures, outcomesOf, spread, type Spread } from "./figures.ts";

export type Cells = readonly string[];

const columns: Cells = [
  "",
  "W1 msg/s",
  "CPU us/msg",
  "at 500/s p50, p99 ms",
  "W2 stored/s",
  "drain s",
  "kill -9: accepted, lost",
  "KiB/idle user",
  "sign-ins/s",
  "lost, again, disorder",
];

const short = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString("en") : value >= 10 ? value.toFixed(0) : value.toFixed(2);
const withSpread = (found: Spread | undefined): string =>
  found === undefined
    ? "-"
    : found.least === found.most
      ? short(found.median)
      : `${short(found.median)} (${short(found.least)} to ${short(found.most)})`;
const sum = (parts: Readonly<Record<string, number>>): number => Object.values(parts).reduce((a, b) => a + b, 0);

/** One row per variant. */
export function rows(found: Figures): Cells[] {
  return Object.entries(found.names).map(([id, name]) => {
    const online = outcomesOf(found, id, "online");
    const paced = outcomesOf(found, id, "paced");
    const offline = outcomesOf(found, id, "offline");
    const idle = outcomesOf(found, id, "idle");
    const all = [...online, ...paced, ...offline];
    const total = (of: "lost" | "again" | "disorder"): number => all.reduce((count, one) => count + one[of], 0);
    const cpu = spread(online.map(({ cpuUs }) => sum(cpuUs)));
    const parts = Object.keys(online[0]?.cpuUs ?? {});
    const apart =
      parts.length > 1
        ? ` (${parts.map((part) => `${part} ${short(spread(online.map(({ cpuUs }) => cpuUs[part] ?? 0))?.median ?? 0)}`).join(", ")})`
        : "";
    return [
      name,
      withSpread(spread(online.map(({ perSecond }) => perSecond))),
      cpu ? short(cpu.median) + apart : "-",
      paced.length === 0
        ? "-"
        : `${short(spread(paced.map(({ p50 }) => p50))?.median ?? 0)}, ${withSpread(spread(paced.map(({ p99 }) => p99)))}`,
      withSpread(spread(offline.map(({ storedPerSecond }) => storedPerSecond))),
      withSpread(spread(offline.map(({ drainSeconds }) => drainSeconds))),
      kills(found, id),
      withSpread(spread(idle.map(({ kibPerUser }) => sum(kibPerUser)))),
      withSpread(spread(idle.map(({ signInsPerSecond }) => signInsPerSecond))),
      all.length === 0 ? "-" : `${total("lost")}, ${total("again")}, ${total("disorder")}`,
    ];
  });
}

function kills(found: Figures, id: string): string {
  const killed = new Set(found.measurements.flatMap((one) => (one.variant === id ? (one.killed ?? []) : [])));
  if (killed.size === 0) return "-";
  return [...killed]
    .map((process) => {
      const runs = outcomesOf(found, id, "offline", { killed: process });
      const accepted = runs.reduce((count, run) => count + run.accepted, 0);
      const lost = runs.reduce((count, run) => count + run.lost, 0);
      return `${process}: ${short(accepted)}, ${lost}${runs.length > 1 ? ` in ${runs.length} runs` : ""}`;
    })
    .join("; ");
}

export const table = (found: Figures): Cells[] => [columns, ...rows(found)];

/** For a terminal: columns padded to what is in them. */
export function tableText(found: Figures): string {
  const all = table(found);
  const widths = columns.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const lines = all.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return [...lines, "", disturbanceText(found)].join("\n");
}

/** What else the machine did. */
export function disturbanceText(found: Figures): string {
  const { machine, measurements } = found;
  const share = (of: "otherOnServerCore" | "generator" | "steal") =>
    spread(measurements.map(({ outcome }) => outcome[of]));
  const percent = (value: number | undefined): string => `${((value ?? 0) * 100).toFixed(0)} %`;
  const others = share("otherOnServerCore");
  const steal = share("steal");
  return (
    `Others used ${percent(others?.median)} of the servers' core (median; worst ${percent(others?.most)}), ` +
    `the machine below took ${percent(steal?.median)} (worst ${percent(steal?.most)}); ` +
    `load ${machine.load.map((value) => value.toFixed(1)).join(" before, ")} after; ` +
    `a sync of a small append ${machine.syncMs.map((value) => value.toFixed(2)).join(" ms before, ")} ms after; ` +
    `${Math.round(machine.seconds)} s in all.`
  );
}

/** Ratios of this run against an earlier one: above 1 is more, for better or worse. */
export function comparisonText(found: Figures, earlier: Figures): string {
  const ratio = (now: Spread | undefined, then: Spread | undefined): string =>
    now && then && then.median > 0 ? (now.median / then.median).toFixed(2) : "-";
  const lines = Object.entries(found.names).map(([id, name]) => {
    const both = <T>(of: (from: Figures) => T): [T, T] => [of(found), of(earlier)];
    const online = both((from) => spread(outcomesOf(from, id, "online").map(({ perSecond }) => perSecond)));
    const cpu = both((from) => spread(outcomesOf(from, id, "online").map(({ cpuUs }) => sum(cpuUs))));
    const p99 = both((from) => spread(outcomesOf(from, id, "paced").map((one) => one.p99)));
    const stored = both((from) => spread(outcomesOf(from, id, "offline").map((one) => one.storedPerSecond)));
    const drain = both((from) => spread(outcomesOf(from, id, "offline").map((one) => one.drainSeconds)));
    return (
      `${name}: W1 ${ratio(...online)}, CPU ${ratio(...cpu)}, p99 ${ratio(...p99)}, ` +
      `W2 ${ratio(...stored)}, drain ${ratio(...drain)}`
    );
  });
  return [`Against ${earlier.at} (this run / that run):`, ...lines].join("\n");
}
