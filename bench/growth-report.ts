import { type GrowthFigures, type GrowthPoint } from "./figures.ts";
import { type Cells } from "./report.ts";

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 0 : 2);
const parts = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(", ");

/** What is worth saying of a point depends on what was measured there. */
function cellsOf({ outcome, at, engine }: GrowthPoint): { head: Cells; cells: Cells } {
  const where = [at.toLocaleString("en"), engine];
  switch (outcome.workload) {
    case "online":
      return {
        head: ["msg/s", "CPU us/msg", "lost"],
        cells: [...where, number(outcome.perSecond), parts(outcome.cpuUs), String(outcome.lost)],
      };
    case "paced":
      return { head: ["p50 ms", "p99 ms"], cells: [...where, number(outcome.p50), number(outcome.p99)] };
    case "offline":
      return {
        head: ["stored/s", "drain s", "CPU us/msg stored", "KiB per waiting message", "lost"],
        cells: [
          ...where,
          number(outcome.storedPerSecond),
          number(outcome.drainSeconds),
          parts(outcome.cpuUs),
          parts(outcome.kibPerWaiting),
          String(outcome.lost),
        ],
      };
    case "idle":
      return {
        head: ["sign-ins/s", "KiB per user", "CPU ms a minute, all idle"],
        cells: [...where, number(outcome.signInsPerSecond), parts(outcome.kibPerUser), parts(outcome.cpuPerMinute)],
      };
  }
}

/** One table per series. */
export function growthTables({ points }: GrowthFigures): { title: string; cells: Cells[] }[] {
  const titles = [...new Set(points.map(({ series }) => series))];
  return titles.map((title) => {
    const of = points.filter(({ series }) => series === title).map(cellsOf);
    return { title, cells: [[title, "inboxes", ...(of[0]?.head ?? [])], ...of.map(({ cells }) => cells)] };
  });
}
