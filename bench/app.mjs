// How fast the desktop app is, beside the bars that were set for it:
// `npm run bench:app -- [--parts launch,looking,talking,waiting,memory] [--minutes N] [--messages N] [--json FILE]`.
// Everything is real: the built app in Electron, a relay in a process of its own, the app's own database. Exit 1 when a bar is missed.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { memoryAbove } from "./app/memory.mjs";
import { framesDuring, openingMs, quantile, searchMs, usableAt } from "./app/measures.mjs";
import { open, row, Writer } from "./app/person.mjs";
import { Stage } from "./app/stage.mjs";
import { drain, inStep, keyPresses, scroll } from "./app/talk.mjs";
import { buildApp, buildRelay } from "../scripts/build.mjs";
import { runMain, say, Stop } from "../scripts/project.mjs";

const partNames = ["launch", "looking", "talking", "waiting", "memory"];
const queries = [
  "m",
  "ma",
  "maca",
  "cação",
  "CACAO",
  "quatro",
  "ma ca re",
  "bi go lo",
  "zzzz",
  "sutimen",
  "🧤",
  '"a" OR b*',
];

/** @type {{ what: string, measured: number, bar: number, unit: string, more: string }[]} */
const figures = [];
/** @param {string} what @param {number} measured @param {number} bar @param {string} unit @param {string} [more] */
function figure(what, measured, bar, unit, more = "") {
  figures.push({ what, measured, bar, unit, more });
  say(
    `  ${measured <= bar ? "ok    " : "MISSED"}  ${what}: ${measured.toFixed(1)} ${unit} (bar ${bar.toFixed(1)})  ${more}`,
  );
}
/** @param {number[]} all */
const spread = (all) =>
  `p50 ${quantile(all, 0.5).toFixed(1)}, p95 ${quantile(all, 0.95).toFixed(1)}, most ${Math.max(...all).toFixed(1)}, of ${all.length}`;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      parts: { type: "string", default: partNames.join() },
      minutes: { type: "string", default: "1" },
      messages: { type: "string", default: "100000" },
      json: { type: "string" },
    },
  });
  const parts = values.parts.split(",");
  const unknown = parts.find((part) => !partNames.includes(part));
  if (unknown !== undefined) throw new Stop(`"${unknown}" is not a part; there are ${partNames.join(", ")}.`);
  const minutes = Number(values.minutes);
  const count = Number(values.messages);
  await buildRelay();
  await buildApp();
  const stage = await Stage.open(count);
  try {
    say(`The app with ${count} messages of history; the machine's load is ${loadavg()[0]?.toFixed(1)}.`);
    if (parts.includes("launch")) await launch(stage);
    if (["looking", "talking", "waiting"].some((part) => parts.includes(part))) {
      const desk = await stage.start();
      const { ana, bia } = await stage.peopleAt(desk);
      if (parts.includes("looking")) await looking(stage, ana);
      if (parts.includes("talking")) await talking(desk, ana, bia);
      if (parts.includes("waiting")) await waiting(stage, ana);
      await desk.quit();
    }
    if (parts.includes("memory")) await memory(stage, minutes);
  } finally {
    await stage.close();
  }
  if (values.json)
    writeFileSync(
      values.json,
      `${JSON.stringify({ at: new Date().toISOString(), count, minutes, figures }, null, 2)}\n`,
    );
  say(
    `The machine's load was ${loadavg()
      .map((one) => one.toFixed(1))
      .join(", ")}.`,
  );
  return figures.every(({ measured, bar }) => measured <= bar) ? 0 : 1;
});

/** @param {Stage} stage */
async function launch(stage) {
  // once to warm the disk's cache, as on any but the first start after switching on; then three that count
  const launches = [];
  const empty = [];
  for (let time = 0; time < 4; time++) {
    const nothing = await stage.startEmpty();
    if (time > 0) empty.push((await usableAt(await nothing.nth(1))) - nothing.startedAt);
    await nothing.quit();
    const desk = await stage.start();
    const page = await desk.nth(1);
    await row(page, "Bia").or(row(page, "Ana")).first().waitFor();
    if (time > 0) launches.push((await usableAt(page)) - desk.startedAt);
    await desk.quit();
  }
  const floor = `; an empty window, in turn with it: p50 ${quantile(empty, 0.5).toFixed(1)}`;
  figure("launch to usable", quantile(launches, 0.5), 1_000, "ms", `${spread(launches)}${floor}`);
}

/** @param {Stage} stage @param {import("playwright").Page} ana */
async function looking(stage, ana) {
  const openings = [];
  for (const name of ["Bia", ...Array.from({ length: 20 }, (_, at) => `Pessoa${at}`), "Bia", "Pessoa1"]) {
    openings.push(await openingMs(ana, name));
  }
  figure("opening a conversation (p95)", quantile(openings, 0.95), 100, "ms", spread(openings));

  await ana.keyboard.press("Control+Shift+F");
  await ana.getByRole("combobox").waitFor();
  const searches = [];
  for (const query of [...queries, ...queries]) searches.push(await searchMs(ana, query));
  figure("search, key to results on the screen (p95)", quantile(searches, 0.95), 50, "ms", spread(searches));
  await ana.keyboard.press("Escape");

  const empty = await stage.startEmpty();
  const nothing = await empty.nth(1);
  await open(ana, "Bia");
  const [idle, scrolling, typing, idleAgain] = [
    await framesDuring(nothing, () => pause(4_000)),
    await framesDuring(ana, () => scroll(ana)),
    await framesDuring(ana, () =>
      ana
        .getByRole("textbox", { name: "Message" })
        .pressSequentially("uma frase comprida, digitada sem parar para pensar, como se digita de verdade", {
          delay: 40,
        }),
    ),
    await framesDuring(nothing, () => pause(4_000)),
  ];
  const bar = 2 * quantile([...idle, ...idleAgain], 0.99);
  figure(
    "frames while scrolling (p99; bar: twice an empty page's)",
    quantile(scrolling, 0.99),
    bar,
    "ms",
    spread(scrolling),
  );
  figure("frames while typing (p99; bar: twice an empty page's)", quantile(typing, 0.99), bar, "ms", spread(typing));
  await ana.getByRole("textbox", { name: "Message" }).fill("");

  await empty.quit();
}

/**
 * @param {import("./app/desk.mjs").Desk} desk
 * @param {import("playwright").Page} ana
 * @param {import("playwright").Page} bia
 */
async function talking(desk, ana, bia) {
  await open(ana, "Bia");
  await open(bia, "Ana");
  const keys = await keyPresses(ana, bia, "tecla", 60);
  figure("key press to the other's screen (p95)", quantile(keys, 0.95), 50, "ms", spread(keys));
  const { sent, typed } = await inStep(desk, ana);
  figure("a message in another window of the account (p95)", quantile(sent, 0.95), 200, "ms", spread(sent));
  figure("a draft in another window of the account (p95)", quantile(typed, 0.95), 200, "ms", spread(typed));
}

/** @param {Stage} stage @param {import("playwright").Page} ana */
async function waiting(stage, ana) {
  const writer = await Writer.signIn(stage.relayUrl, "Bia");
  const { stored, opening } = await drain(ana, writer);
  writer.close();
  const more = `stored ${stored.toFixed(0)}, opened ${opening.toFixed(0)}`;
  figure("5,000 waiting: stored and usable", stored + opening, 2_000, "ms", more);
}

/** @param {Stage} stage @param {number} minutes */
async function memory(stage, minutes) {
  const { above, ours, floor, kinds } = await memoryAbove(stage, minutes, say);
  const what = `memory above an empty window after ${minutes} min at 1 message/s`;
  figure(what, above, 60, "MB PSS", `${ours.toFixed(0)} against ${floor.toFixed(0)}: ${kinds}`);
}
