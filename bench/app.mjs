// How fast the desktop app is, beside the bars that were set for it: `npm run bench:app -- [--minutes N] [--messages N] [--json FILE]`.
// Everything is real: the built app in Electron, a relay in a process of its own, the app's own database. Exit 1 when a bar is missed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildApp, buildRelay } from "../scripts/build.mjs";
import { electronRuntime } from "../scripts/electron-runtime.mjs";
import { runMain, say } from "../scripts/project.mjs";
import { hasDisplay, startDisplay } from "../scripts/xvfb.mjs";
import { builtApp, openDesk, pssMb, writeEmptyApp } from "./app/desk.mjs";
import { fillHistory } from "./app/history.mjs";
import {
  framesDuring,
  keyAt,
  openingMs,
  quantile,
  searchMs,
  seenAt,
  usableAt,
  watchKey,
  watchText,
} from "./app/measures.mjs";
import { isOnline, open, register, row, signInAgain, Writer } from "./app/person.mjs";
import { openRelay } from "./app/relay.mjs";

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
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      messages: { type: "string", default: "100000" },
      json: { type: "string" },
    },
  });
  const minutes = Number(values.minutes);
  const count = Number(values.messages);
  await buildRelay();
  await buildApp();
  const { executable } = await electronRuntime();
  const folder = mkdtempSync(path.join(tmpdir(), "recado-bench-app-"));
  const userData = path.join(folder, "app");
  /** @type {(() => Promise<unknown> | void)[]} */
  const opened = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })];
  try {
    if (!hasDisplay()) {
      const display = await startDisplay();
      process.env["DISPLAY"] = display.name;
      opened.push(() => display.close());
    }
    const relay = await openRelay(path.join(folder, "relay"));
    opened.push(() => relay.close());
    const start = async (app = builtApp, data = userData) => {
      const desk = await openDesk(executable, app, data);
      opened.push(() => desk.quit());
      return desk;
    };

    say(`The app with ${count} messages of history; the machine's load is ${loadavg()[0]?.toFixed(1)}.`);
    let desk = await start();
    let ana = await desk.nth(1);
    await register(ana, relay.url, "Ana");
    await ana.keyboard.press("Control+n");
    let bia = await desk.nth(2);
    await bia.locator("select, [aria-haspopup=menu]").first().waitFor();
    if ((await bia.locator("select").count()) === 0) {
      await bia.getByRole("button", { name: /account and preferences/ }).click();
      await bia.getByRole("menuitem", { name: "Use another account" }).click();
    }
    await register(bia, relay.url, "Bia");
    await ana.getByRole("button", { name: "Add contact", exact: true }).click();
    await ana.getByLabel("Contact name").fill("Bia");
    await ana.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    await bia.getByRole("button", { name: "Accept", exact: true }).click();
    await row(ana, "Bia").waitFor();
    await desk.quit();
    await fillHistory(userData, "Bia", count);

    // once to warm the disk's cache, as on any but the first start after switching on; then three that count
    const launches = [];
    for (let time = 0; time < 4; time++) {
      desk = await start();
      ana = await desk.nth(1);
      await row(ana, "Bia").or(row(ana, "Ana")).first().waitFor();
      if (time > 0) launches.push((await usableAt(ana)) - desk.startedAt);
      if (time < 3) await desk.quit();
    }
    figure("launch to usable", quantile(launches, 0.5), 1_000, "ms", spread(launches));

    await desk.nth(2);
    const withList = desk.pages();
    ana = withList[0] ?? ana;
    bia = withList[1] ?? bia;
    if ((await row(ana, "Bia").count()) === 0) [ana, bia] = [bia, ana];
    await signInAgain(ana);
    await signInAgain(bia);

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

    const empty = await start(writeEmptyApp(path.join(folder, "empty")), path.join(folder, "empty-data"));
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

    await open(bia, "Ana");
    const keys = await keyPresses(ana, bia, "tecla", 60);
    figure("key press to the other's screen (p95)", quantile(keys, 0.95), 50, "ms", spread(keys));

    await inStep(desk, ana);

    const writer = await Writer.signIn(relay.url, "Bia");
    opened.push(() => writer.close());
    await drain(ana, writer);

    await open(ana, "Bia");
    // to the end of what waited, as somebody who follows the conversation
    await ana.locator("button.to-end").click();
    await ana.locator("button.to-end").waitFor({ state: "detached" });
    // one window, as the bar means it: the second is the other person's
    await bia.evaluate("window.close()");
    const begin = Date.now();
    let written = 0;
    while (Date.now() - begin < minutes * 60_000) {
      await writer.send("Ana", [`de segundo em segundo ${written++}`]);
      await pause(Math.max(0, begin + written * 1_000 - Date.now()));
      if (written % 300 === 0)
        say(`  after ${written / 60} min: ${(pssMb(desk.pid) - pssMb(empty.pid)).toFixed(0)} MB above an empty window`);
    }
    const floor = pssMb(empty.pid);
    const ours = pssMb(desk.pid);
    figure(
      `memory above an empty window after ${minutes} min at 1 message/s`,
      ours - floor,
      60,
      "MB PSS",
      `${ours.toFixed(0)} against ${floor.toFixed(0)}`,
    );
    await isOnline(ana);
  } finally {
    for (const close of opened.reverse()) await close();
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

/** Up through the history and down again, by the wheel. @param {import("playwright").Page} page */
async function scroll(page) {
  const box = await page.getByRole("log").boundingBox();
  if (!box) throw new Error("no log");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let turn = 0; turn < 160; turn++) {
    await page.mouse.wheel(0, turn < 110 ? -240 : 240);
    await pause(16);
  }
}

/**
 * @param {import("playwright").Page} from
 * @param {import("playwright").Page} to
 * @param {string} word
 * @param {number} times
 */
async function keyPresses(from, to, word, times) {
  const field = from.getByRole("textbox", { name: "Message" });
  const taken = [];
  for (let time = 0; time < times; time++) {
    const text = `${word} ${time}`;
    await field.fill(text);
    await watchText(to, "[role=log] .body", text);
    await watchKey(from);
    await field.press("Enter");
    taken.push((await seenAt(to)) - (await keyAt(from)));
  }
  return taken;
}

/** A second window of the same account: what is sent and what is typed in the one is in the other. @param {import("./app/desk.mjs").Desk} desk @param {import("playwright").Page} first */
async function inStep(desk, first) {
  const before = desk.pages().length;
  await first.keyboard.press("Control+n");
  const second = await desk.nth(before + 1);
  const list = row(second, "Bia");
  const choose = second.getByRole("button", { name: /^Ana\b/ });
  await list.or(choose).first().waitFor();
  if ((await list.count()) === 0) await choose.first().click();
  await open(second, "Bia");
  const sent = await keyPresses(first, second, "passo", 30);
  figure("a message in another window of the account (p95)", quantile(sent, 0.95), 200, "ms", spread(sent));
  const typed = [];
  const field = first.getByRole("textbox", { name: "Message" });
  let text = "";
  for (let time = 0; time < 20; time++) {
    text += "a";
    await watchText(second, "textarea", text);
    await watchKey(first);
    await field.press("a");
    typed.push((await seenAt(second)) - (await keyAt(first)));
  }
  figure("a draft in another window of the account (p95)", quantile(typed, 0.95), 200, "ms", spread(typed));
  await field.fill("");
  await second.evaluate("window.close()");
}

/** 5,000 messages wait; then their reader comes back. @param {import("playwright").Page} ana @param {Writer} writer */
async function drain(ana, writer) {
  await row(ana, "Pessoa0").click();
  await ana.getByRole("log", { name: /Pessoa0$/ }).waitFor();
  await ana.getByRole("button", { name: "Go offline", exact: true }).click();
  await ana.getByText("You are offline.").waitFor();
  for (let sent = 0; sent < 5_000; sent += 50) {
    await writer.send(
      "Ana",
      Array.from({ length: 50 }, (_, at) => `esperou ${sent + at}`),
    );
  }
  await watchText(ana, "nav ul .unread", "5,000");
  const begin = await ana.evaluate(() => {
    const button = [...document.querySelectorAll("button")].find((one) => one.textContent.trim() === "Go online");
    button?.click();
    return performance.timeOrigin + performance.now();
  });
  const stored = (await seenAt(ana)) - begin;
  const opening = await openingMs(ana, "Bia");
  figure(
    "5,000 waiting: stored and usable",
    stored + opening,
    2_000,
    "ms",
    `stored ${stored.toFixed(0)}, opened ${opening.toFixed(0)}`,
  );
}
