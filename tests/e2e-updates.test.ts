import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { dump } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packagedApp } from "./e2e-app.ts";
import { type Desktop, launch } from "./e2e-electron.ts";
import { Person } from "./e2e-person.ts";
import { UpdateFeed, updateKeys } from "./update-feed.ts";

const sentences = {
  en: {
    damaged: /not the one that was announced, so it was refused and deleted\. This version goes on/,
    untrusted: /does not carry Recado's signature, so it was refused\. This version goes on/,
    current: "This is the newest version of Recado.",
    here: "Recado 9.9.9 is here.",
    ready: /9\.9\.9 is downloaded and checked/,
    download: "Download",
    apply: "Restart and update",
    again: "Try again",
  },
  "pt-BR": {
    damaged: /não é a que foi anunciada; ela foi recusada e apagada\. Esta versão continua/,
    untrusted: /sem a assinatura do Recado, e ela foi recusada\. Esta versão continua/,
    current: "Esta é a versão mais nova do Recado.",
    here: "O Recado 9.9.9 chegou.",
    ready: /9\.9\.9 foi baixado e conferido/,
    download: "Baixar",
    apply: "Reiniciar e atualizar",
    again: "Tentar de novo",
  },
} as const;

/**
 * The real updater in the real app, as an AppImage has it: it replaces the file that was started, and starts the new one.
 * A packaged app reads its feed from its own resources; `npm run dist:check` tries that, with a deb.
 */
describe.skipIf(packagedApp !== undefined)("an update from a feed on this machine", () => {
  const keys = updateKeys();
  const opened: (() => Promise<unknown>)[] = [];
  let feed: UpdateFeed;
  let folder: string;
  let appImage: string;
  let newer: string;
  let desk: Desktop;

  const menu = async (label: RegExp) =>
    desk.app.evaluate(({ Menu }, pattern) => {
      const help = Menu.getApplicationMenu()?.items.find(({ role }) => role === "help");
      help?.submenu?.items.find((item) => new RegExp(pattern).test(item.label))?.click();
    }, label.source);
  const speak = (language: "en" | "pt-BR") => new Person(desk.window, "Ana", language).speak();
  const says = (words: string | RegExp) => desk.window.getByText(words).first().waitFor({ timeout: 20_000 });
  const press = (name: string) => desk.window.getByRole("button", { name, exact: true }).click();

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "recado-update-"));
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    feed = await UpdateFeed.open();
    opened.push(() => feed.close());
    appImage = path.join(folder, "Recado.AppImage");
    newer = path.join(folder, "recado-9.9.9.AppImage");
    await writeFile(appImage, "the old version\n");
    // large enough that progress can be seen; started, it says so and whom it waited for
    await writeFile(newer, `#!/bin/sh\necho "$RECADO_PREDECESSOR" > "${folder}/started"\nexit 0\n`);
    await writeFile(newer, randomBytes(3_000_000).toString("hex"), { flag: "a" });
    await chmod(newer, 0o755);
    const feedFile = path.join(folder, "app-update.yml");
    await writeFile(feedFile, dump({ provider: "generic", url: feed.url, updaterCacheDirName: "recado-updater" }));
    desk = await launch({
      env: {
        APPIMAGE: appImage,
        XDG_CACHE_HOME: path.join(folder, "cache"),
        RECADO_DEV_FEED_FILE: feedFile,
        RECADO_DEV_UPDATE_KEY: keys.publicKey,
      },
    });
    opened.push(() => desk.close());
    await speak("en");
  });
  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });

  test("[U1] who asks and has the newest is told so, and nothing older is taken", async () => {
    feed.offer = { version: "0.0.1", file: newer, privateKey: keys.privateKey };
    await menu(/updates/);
    await says(sentences.en.current);
  });

  test.each(["en", "pt-BR"] as const)(
    "[U2] an announcement that Recado has not signed is refused, in %s",
    async (language) => {
      await speak(language);
      feed.offer = { version: "9.9.9", file: newer, privateKey: undefined };
      await menu(/updates|atualizações/);
      await says(sentences[language].untrusted);
      feed.offer = { version: "9.9.9", file: newer, privateKey: updateKeys().privateKey };
      await press(sentences[language].again);
      await says(sentences[language].untrusted);
      expect(feed.asked.filter((asked) => asked.endsWith(".AppImage"))).toEqual([]);
    },
  );

  test.each(["en", "pt-BR"] as const)(
    "[U2] a download that is not what was signed is refused, in %s",
    async (language) => {
      await speak(language);
      const tampered = path.join(folder, "tampered");
      const bytes = await readFile(newer);
      bytes.write("#!/bin/sh\ntouch /tmp/evil\n");
      await writeFile(tampered, bytes);
      feed.offer = { version: "9.9.9", file: newer, sent: tampered, privateKey: keys.privateKey };
      await menu(/updates|atualizações/);
      await says(sentences[language].here);
      await press(sentences[language].download);
      await says(sentences[language].damaged);
      await new Person(desk.window, "Ana").picture(`update-damaged-${language}`);
      expect(await readFile(appImage, "utf8")).toBe("the old version\n");
      expect(desk.app.process().exitCode).toBeNull();
    },
  );

  test("[U1] [U3] a newer one is told of, downloaded with progress, and applied by a click; typing is not disturbed", async () => {
    await speak("en");
    feed.offer = { version: "9.9.9", file: newer, privateKey: keys.privateKey };
    const name = desk.window.getByLabel("Username", { exact: true });
    await menu(/updates/);
    await says(sentences.en.here);
    await name.pressSequentially("Ana está es");
    await desk.window.evaluate(() => {
      const seen: number[] = [];
      new MutationObserver(() => {
        const bar = document.querySelector("progress");
        if (bar) seen.push(bar.value);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
      Object.assign(window, { seen });
    });
    await desk.window.evaluate(() => {
      // a click that leaves the focus where it is, as the bar itself must
      [...document.querySelectorAll("button")].find(({ innerText }) => innerText === "Download")?.click();
    });
    await says(sentences.en.ready);
    await name.pressSequentially("crevendo");
    expect(await name.inputValue()).toBe("Ana está escrevendo");
    const seen = await desk.window.evaluate(() => (window as unknown as { seen: number[] }).seen);
    expect(Math.max(...seen)).toBe(100);
    expect(new Set(seen).size).toBeGreaterThan(1);
    await new Person(desk.window, "Ana").picture("update-ready");

    const old = desk.app.process();
    await press(sentences.en.apply);
    await expect
      .poll(() => readFile(path.join(folder, "started"), "utf8").catch(() => ""), { timeout: 20_000 })
      .not.toBe("");
    expect((await readFile(path.join(folder, "started"), "utf8")).trim()).toBe(String(old.pid));
    // the old one ends by itself, and the new file is in its place
    await expect.poll(() => old.exitCode, { timeout: 20_000 }).toBe(0);
    expect((await readFile(appImage)).equals(await readFile(newer))).toBe(true);
  });
});
