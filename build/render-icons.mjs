// Draws the PNGs of the mark and of the tray from their SVGs; the results are committed, so this runs only when a drawing changes.
//   node build/render-icons.mjs [--browser /usr/bin/chromium]
import { mkdir, readFile } from "node:fs/promises";
import { Buffer } from "node:buffer";
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";

const { values } = parseArgs({ options: { browser: { type: "string", default: "/usr/bin/chromium" } } });
const here = import.meta.dirname;
const browser = await chromium.launch({ executablePath: values.browser, args: ["--no-sandbox"] });

/** @param {string} from @param {string} to @param {number} size in pixels */
async function draw(from, to, size) {
  const svg = await readFile(path.join(here, from), "utf8");
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  await page.setContent(
    `<body style="margin:0"><img width="${size}" height="${size}" style="display:block" src="${source}">`,
  );
  await page.locator("img").evaluate((image) => image.decode());
  await mkdir(path.dirname(path.join(here, to)), { recursive: true });
  await page.screenshot({ path: path.join(here, to), omitBackground: true });
  await page.close();
}

try {
  for (const size of [16, 24]) await draw("icon-small.svg", `icons/${size}x${size}.png`, size);
  for (const size of [32, 48, 64, 128, 256, 512]) await draw("icon.svg", `icons/${size}x${size}.png`, size);
  await draw("icon.svg", "icon.png", 1024);
  await draw("tray/overlay.svg", "tray/overlay.png", 32);
  for (const ground of ["light", "dark"]) {
    for (const unread of ["", "-unread"]) {
      await draw(`tray/tray-${ground}${unread}.svg`, `tray/tray-${ground}${unread}.png`, 16);
      await draw(`tray/tray-${ground}${unread}.svg`, `tray/tray-${ground}${unread}@2x.png`, 32);
    }
  }
} finally {
  await browser.close();
}
