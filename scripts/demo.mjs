import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureInstalled } from "./install.mjs";
import { inProject, root, runMain, say } from "./project.mjs";

/** Two people in two windows play a conversation with an absence in it; the README shows the pictures. */
const stories = {
  en: {
    away: "Bia",
    here: "Ana",
    before: ["Can you bring the list of materials by three?", "I am going into the lab now, no network there."],
    reply: "Sure. I split it in two: reagents and glassware.",
    waiting: [
      "Reagents: ethanol 70 %, phosphate buffer, agar.",
      "Glassware: 12 plates, 4 flasks of 250 ml.",
      "And the gloves are gone, I ordered more 🧤",
    ],
    back: "Back. I have it all, thank you!",
  },
  "pt-BR": {
    away: "Bruno",
    here: "Clara",
    before: ["Consegue me mandar a lista de material até as três?", "Vou entrar no laboratório agora, fico sem rede."],
    reply: "Mando sim. Separei em duas partes: reagentes e vidraria.",
    waiting: [
      "Reagentes: etanol 70 %, tampão fosfato, ágar.",
      "Vidraria: 12 placas, 4 erlenmeyers de 250 ml.",
      "E as luvas acabaram, já pedi mais 🧤",
    ],
    back: "Voltei. Recebi tudo, obrigado!",
  },
};

await runMain(async () => {
  await ensureInstalled();
  const { _electron } = await import("playwright");
  const { buildApp, buildRelay } = await import("./build.mjs");
  const { electronRuntime } = await import("./electron-runtime.mjs");
  const { ensureLibraries } = await import("./system-packages.mjs");
  const { startDisplay } = await import("./xvfb.mjs");
  const { startPrivateRelay } = await import("./local-relay.mjs");
  const { Person } = await import("./demo-person.mjs");

  const runtime = await electronRuntime();
  await ensureLibraries(runtime.executable);
  await buildRelay();
  await buildApp();
  const pictures = inProject("docs", "pictures");
  await mkdir(pictures, { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), "recado-demo-"));
  // always in memory: the pictures are the same wherever this runs, and nobody's keyboard is disturbed
  const display = process.platform === "linux" ? await startDisplay() : undefined;
  const relay = await startPrivateRelay(path.join(folder, "relay"));
  /** @type {Record<string, string>} */
  const env = { RECADO_RELAY: relay.url, ...(display && { DISPLAY: display.name }) };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] ??= value;
  const app = await _electron.launch({
    executablePath: runtime.executable,
    args: [
      root,
      `--user-data-dir=${path.join(folder, "app")}`,
      "--force-device-scale-factor=1.5",
      ...(process.getuid?.() === 0 ? ["--no-sandbox", "--disable-gpu"] : []),
    ],
    env,
    timeout: 60_000,
  });
  try {
    const first = await app.firstWindow();
    await first.locator("form").waitFor();
    await picture(first, "sign-in");
    for (const language of /** @type {const} */ (["en", "pt-BR"])) {
      const story = stories[language];
      const one = language === "en" ? first : await another(first);
      const here = new Person(one, story.here, language);
      await here.register();
      const away = new Person(await another(one), story.away, language);
      await away.register();
      say(`${story.here} and ${story.away} have accounts.`);
      await here.dismissNotice();
      await away.dismissNotice();
      await away.add(story.here);
      await here.accept(story.away);
      await here.open(story.away);
      await away.open(story.here);
      await away.write(...story.before);
      await here.sees(story.before.at(-1) ?? "");
      await here.write(story.reply);
      await away.sees(story.reply);
      await away.button(away.words.goOffline).click();
      await away.button(away.words.goOnline).waitFor();
      say(`${story.away} has gone offline.`);
      await here.write(...story.waiting);
      const slip = language === "en" ? /3 messages kept for/ : /3 mensagens guardadas para/;
      await here.window.getByText(slip).waitFor();
      await away.window
        .getByText(language === "en" ? /3 messages have been waiting/ : /3 mensagens/)
        .first()
        .waitFor();
      say(`Three messages wait for ${story.away}, and ${story.here} sees it.`);
      await sideBySide([here.window, away.window], `two-windows-${language}`);
      await dress([here.window, away.window], "dark");
      await sideBySide([here.window, away.window], `two-windows-dark-${language}`);
      await dress([here.window, away.window], "light");
      await away.button(away.words.goOnline).click();
      await away.sees(story.waiting.at(-1) ?? "");
      await away.write(story.back);
      await here.sees(story.back);
      say(`${story.away} is back and has all of it, in order.`);
      await picture(here.window, `conversation-${language}`);
    }
    say(`The pictures are in ${pictures}`);
  } finally {
    await app.close().catch(() => undefined);
    await relay.close();
    await display?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** @param {import("playwright").Page} window @returns {Promise<import("playwright").Page>} a window at the sign-in screen */
  async function another(window) {
    const opening = app.waitForEvent("window");
    await window.keyboard.press("Control+n");
    const opened = await opening;
    const menu = opened.getByRole("button", { name: /account and preferences|conta e preferências/i });
    await menu.or(opened.locator("select")).first().waitFor();
    if (await menu.isVisible()) {
      await menu.click();
      await opened.getByRole("menuitem", { name: /another account|outra conta/i }).click();
    }
    await opened.locator("select").first().waitFor();
    return opened;
  }

  /** @param {import("playwright").Page[]} windows @param {"light" | "dark"} colorScheme */
  async function dress(windows, colorScheme) {
    for (const window of windows) await window.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  }

  /** @param {import("playwright").Page} window @param {string} name */
  async function picture(window, name) {
    await window.evaluate("document.fonts.ready.then(() => undefined)");
    await window.screenshot({ path: path.join(pictures, `${name}.png`) });
  }

  /** @param {import("playwright").Page[]} windows @param {string} name */
  async function sideBySide(windows, name) {
    const shots = [];
    for (const [index, window] of windows.entries()) {
      const file = path.join(folder, `${name}-${index}.png`);
      await window.screenshot({ path: file });
      shots.push(path.basename(file));
    }
    const page = path.join(folder, `${name}.html`);
    const images = shots.map((shot) => `<img src="${shot}">`).join("");
    await writeFile(
      page,
      `<style>body{margin:0;display:flex;gap:24px;padding:24px;background:#cfd8d3}img{width:760px;border-radius:12px;box-shadow:0 8px 28px #0004}</style>${images}`,
    );
    const made = await app.evaluate(async ({ BrowserWindow }, file) => {
      const sheet = new BrowserWindow({
        show: false,
        width: 1592,
        height: 570,
        useContentSize: true,
        webPreferences: { partition: "demo", offscreen: true },
      });
      await sheet.loadFile(file);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const image = await sheet.webContents.capturePage();
      sheet.destroy();
      return image.toPNG().toString("base64");
    }, page);
    await writeFile(path.join(pictures, `${name}.png`), Buffer.from(made, "base64"));
  }
});
