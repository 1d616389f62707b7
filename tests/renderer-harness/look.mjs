// Takes a picture of every state of the window in a plain browser, under the app's own CSP, and runs axe on each.
//   node tests/renderer-harness/look.mjs FOLDER [--browser /usr/bin/chromium] [--only busy]
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright";
import { build } from "vite";
import { steps } from "./steps.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { browser: { type: "string", default: "/usr/bin/chromium" }, only: { type: "string" } },
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
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const server = createServer(async (request, response) => {
  const name = request.url === "/" ? "index.html" : path.normalize(request.url ?? "").replace(/^(\.\.|\/)+/, "");
  try {
    const body = await readFile(path.join(work, "page", name));
    response.writeHead(200, {
      "content-type": types[path.extname(name)] ?? "text/plain",
      "content-security-policy": csp,
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
await mkdir(folder, { recursive: true });

const sizes = { wide: { width: 1040, height: 700 }, narrow: { width: 360, height: 640 } };
const browser = await chromium.launch({ executablePath: values.browser, args: ["--no-sandbox"] });
let problems = 0;
const complain = (words) => {
  problems++;
  process.stdout.write(`${words}\n`);
};

try {
  for (const { name, scenario, variants, act } of steps) {
    if (values.only && !name.includes(values.only)) continue;
    for (const [size, theme, locale] of variants) {
      const label = `${name}.${size}.${theme}.${locale}`;
      // the browser's own injection of axe needs a page without the CSP; pictures and console are taken with it
      for (const bypassCSP of [false, true]) {
        const context = await browser.newContext({
          viewport: sizes[size],
          bypassCSP,
          locale,
          colorScheme: theme,
          reducedMotion: "reduce",
        });
        const page = await context.newPage();
        page.on(
          "console",
          (line) => ["error", "warning"].includes(line.type()) && complain(`${label}: ${line.text()}`),
        );
        page.on("pageerror", (error) => complain(`${label}: ${error.message}`));
        await page.addInitScript(`window.scenario = ${JSON.stringify({ name: scenario, locale, theme })};\n${fake}`);
        await page.goto(url);
        await page.locator("main").waitFor();
        await act(page, locale);
        await page.evaluate("document.fonts.ready");
        if (!bypassCSP) {
          await page.screenshot({ path: path.join(folder, `${label}.png`) });
          const outside = await page.evaluate(() =>
            [...document.querySelectorAll("button, input, textarea, select, h1, h2, h3, p")]
              .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
              .map((element) => element.outerHTML.slice(0, 120)),
          );
          for (const element of outside) complain(`${label}: reaches out of the window: ${element}`);
        } else {
          const { violations } = await new AxeBuilder({ page })
            .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
            .analyze();
          for (const found of violations)
            complain(
              `${label}: axe ${found.id}: ${found.nodes.map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`).join(" | ")}`,
            );
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  server.close();
  await rm(work, { recursive: true, force: true });
}
process.stdout.write(problems === 0 ? "nothing to complain about\n" : `${problems} problems\n`);
process.exitCode = problems === 0 ? 0 : 1;
