// Takes a picture of every state of the window over a made-up main process, under the app's own CSP, and runs axe on each.
//   node tests/renderer-harness/look.mjs FOLDER [--only busy] [--colours forced] [--zoom 2]
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { _electron } from "playwright";
import { build } from "vite";
import { electronRuntime } from "../../scripts/electron-runtime.mjs";
import { startDisplay } from "../../scripts/xvfb.mjs";
import { steps } from "./steps.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, colours: { type: "string" }, zoom: { type: "string", default: "1" } },
});
const folder = positionals[0];
if (!folder) {
  process.stderr.write("Say where the pictures go: node tests/renderer-harness/look.mjs FOLDER\n");
  process.exit(2);
}

const here = import.meta.dirname;
const root = path.resolve(here, "../..");
const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

const work = await mkdtemp(path.join(tmpdir(), "recado-look-"));
await build({
  configFile: path.join(root, "renderer/vite.config.ts"),
  logLevel: "error",
  build: { outDir: path.join(work, "page") },
});
await build({
  configFile: false,
  logLevel: "error",
  build: {
    outDir: path.join(work, "fake"),
    minify: false,
    lib: { entry: path.join(here, "scenarios.ts"), formats: ["iife"], name: "fake", fileName: () => "fake.js" },
  },
});
const fake = await readFile(path.join(work, "fake/fake.js"), "utf8");

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const name = pathname === "/" ? "index.html" : path.normalize(pathname).replace(/^(\.\.|\/)+/, "");
  try {
    const body = name === "fake.js" ? fake : await readFile(path.join(work, "page", name));
    response.writeHead(200, {
      "content-type": types[path.extname(name)] ?? "text/plain",
      // axe is injected by Playwright, which the CSP forbids
      ...(!searchParams.has("axe") && { "content-security-policy": csp }),
    });
    // the made-up main process comes first, as a preload does
    response.end(
      name === "index.html" ? String(body).replace("<head>", '<head><script src="fake.js"></script>') : body,
    );
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
await mkdir(folder, { recursive: true });

const sizes = { wide: { width: 1040, height: 700 }, narrow: { width: 360, height: 640 } };
await writeFile(path.join(work, "package.json"), '{ "name": "look", "version": "0.0.0", "main": "main.cjs" }');
await writeFile(
  path.join(work, "main.cjs"),
  `const { app, BrowserWindow } = require("electron");
   app.whenReady().then(() => new BrowserWindow({ width: 1100, height: 760, webPreferences: { sandbox: true } }).loadURL("about:blank"));`,
);
const display = process.platform === "linux" ? await startDisplay() : undefined;
const browser = await _electron.launch({
  executablePath: (await electronRuntime()).executable,
  args: [
    work,
    `--user-data-dir=${path.join(work, "data")}`,
    ...(process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu"] : []),
  ],
  env: { ...process.env, ELECTRON_DISABLE_SECURITY_WARNINGS: "1", ...(display && { DISPLAY: display.name }) },
});
let problems = 0;
let label = "";
const complain = (words) => {
  problems++;
  process.stdout.write(`${label}: ${words}\n`);
};

try {
  const page = await browser.firstWindow();
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && complain(line.text()));
  page.on("pageerror", (error) => complain(error.message));
  const zoom = Number(values.zoom);
  for (const { name, scenario, variants, act } of steps) {
    if (values.only && !new RegExp(values.only).test(name)) continue;
    for (const [size, theme, locale] of variants) {
      label = `${name}.${size}.${theme}.${locale}`;
      const { width, height } = sizes[size];
      await page.setViewportSize({ width: Math.round(width / zoom), height: Math.round(height / zoom) });
      await page.emulateMedia({
        colorScheme: theme,
        reducedMotion: "reduce",
        forcedColors: values.colours === "forced" ? "active" : "none",
      });
      for (const axe of [false, true]) {
        await page.goto(`${url}?${new URLSearchParams({ scenario, locale, theme, ...(axe && { axe: "" }) })}`);
        await page.locator("main").waitFor();
        await act(page, locale);
        if (axe) await judge(page);
        else await takePicture(page);
      }
    }
  }
} finally {
  await browser.close();
  await display?.close();
  server.close();
  await rm(work, { recursive: true, force: true });
}
process.stdout.write(problems === 0 ? "nothing to complain about\n" : `${problems} problems\n`);
process.exitCode = problems === 0 ? 0 : 1;

async function takePicture(page) {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.screenshot({ path: path.join(folder, `${label}.png`) });
  const outside = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, textarea, select, h1, h2, h3, p")]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 120)),
  );
  for (const element of outside) complain(`reaches out of the window: ${element}`);
}

async function judge(page) {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  for (const found of violations) {
    const where = found.nodes.map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`);
    complain(`axe ${found.id}: ${where.join(" | ")}`);
  }
}
