import { type Figures, outcomesOf, spread } from "./figures.ts";

interface Bar {
  readonly name: string;
  readonly value: number;
  readonly ours: boolean;
}

const width = 760;
const barHeight = 22;
const gap = 8;
const labelWidth = 330;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function group(title: string, bars: readonly Bar[], top: number): { svg: string; bottom: number } {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const room = width - labelWidth - 90;
  const lines = [...bars]
    .sort((a, b) => b.value - a.value)
    .map(({ name, value, ours }, i) => {
      const y = top + 34 + i * (barHeight + gap);
      const length = Math.max(1, (value / most) * room);
      const text = Math.round(value).toLocaleString("en");
      return (
        `<text x="${labelWidth - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text>` +
        `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3" class="${ours ? "ours" : "other"}"/>` +
        `<text x="${(labelWidth + length + 8).toFixed(1)}" y="${y + 15}">${text}</text>`
      );
    });
  return {
    svg: `<text x="0" y="${top + 16}" class="title">${escape(title)}</text>\n${lines.join("\n")}`,
    bottom: top + 34 + bars.length * (barHeight + gap) + 18,
  };
}

/** Two groups of bars: messages a second online, and stored for who is away. Medians of all rounds. */
export function chart(found: Figures): string {
  const bars = (of: (id: string) => number | undefined): Bar[] =>
    Object.entries(found.names).flatMap(([id, name]) => {
      const value = of(id);
      return value === undefined ? [] : [{ name, value, ours: id.startsWith("recado") }];
    });
  const online = group(
    "W1: messages a second through one core, 100 pairs online",
    bars((id) => spread(outcomesOf(found, id, "online").map(({ perSecond }) => perSecond))?.median),
    0,
  );
  const offline = group(
    "W2: messages a second stored for users who are away",
    bars((id) => spread(outcomesOf(found, id, "offline").map(({ storedPerSecond }) => storedPerSecond))?.median),
    online.bottom,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${offline.bottom}" width="${width}" height="${offline.bottom}" role="img" aria-label="Messages a second, by server">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2933 } .title { font-weight: 600; font-size: 14px }
.ours { fill: #0b7a75 } .other { fill: #a3adb8 }
@media (prefers-color-scheme: dark) { text { fill: #e4e7eb } .other { fill: #5b6772 } .ours { fill: #2bb3ac } }
</style>
${online.svg}
${offline.svg}
</svg>
`;
}
