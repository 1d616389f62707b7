import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { aims } from "./aims.ts";
import { chart } from "./chart.ts";
import { type Figures, type GrowthFigures } from "./figures.ts";
import { growthTables } from "./growth-report.ts";
import { type Cells, disturbanceText, table } from "./report.ts";

const docs = path.resolve(import.meta.dirname, "../docs");

const markdown = ([head = [], ...rows]: readonly Cells[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

function aimsTable(found: Figures): string {
  const { embedded, rabbitmq } = aims(found);
  const verdict = (met: boolean | undefined): string => (met === undefined ? "" : met ? "met" : "**not met**");
  const rows = [
    ...embedded.map((aim) => ["embedded", aim.what, aim.wanted, aim.found, verdict(aim.met)]),
    ...rabbitmq.map((aim) => ["RabbitMQ", aim.what, aim.wanted, aim.found, verdict(aim.met)]),
  ];
  return markdown([["inboxes", "", "aim", "found", ""], ...rows]);
}

function machineText({ machine, at }: Figures): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return (
    `Measured on ${at.slice(0, 10)}: ${machine.cores} virtual cores (${machine.cpu}), Linux ${machine.kernel}, Node ${machine.node}, ` +
    `${versions.join(", ")}${machine.pinned ? "; servers on one core, the load on another" : ""}.`
  );
}

/** Puts fresh text between `<!-- name -->` and `<!-- /name -->`; what is around them is written by hand. */
function replace(text: string, name: string, fresh: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for "${name}".`);
  return `${text.slice(0, from + begin.length)}\n\n${fresh}\n\n${text.slice(to)}`;
}

function change(of: (text: string) => string): void {
  const file = path.join(docs, "performance.md");
  writeFileSync(file, of(readFileSync(file, "utf8")));
}

/** Writes the comparison's figures into docs/performance.md, its chart and its JSON. */
export function writeComparison(found: Figures): void {
  writeFileSync(path.join(docs, "performance.json"), `${JSON.stringify(found, undefined, 1)}\n`);
  writeFileSync(path.join(docs, "pictures", "performance.svg"), chart(found));
  change((text) => {
    const parts = { machine: machineText(found), table: markdown(table(found)), aims: aimsTable(found) };
    const all = { ...parts, disturbed: disturbanceText(found) };
    return Object.entries(all).reduce((so, [name, fresh]) => replace(so, name, fresh), text);
  });
}

/** Writes how cost grows. */
export function writeGrowth(found: GrowthFigures): void {
  writeFileSync(path.join(docs, "performance-growth.json"), `${JSON.stringify(found, undefined, 1)}\n`);
  change((text) =>
    replace(
      text,
      "growth",
      growthTables(found)
        .map(({ title, cells }) => `**${title}**\n\n${markdown(cells)}`)
        .join("\n\n"),
    ),
  );
}

/** Writes where the relay's time goes. */
export function writeProfile(text: string): void {
  change((all) => replace(all, "profile", `\`\`\`text\n${text.trim()}\n\`\`\``));
}
