import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { app, dialog, ipcMain, Menu, nativeTheme, protocol, safeStorage, session, shell } from "electron";
import { type AppEvent, type MessageChoice } from "../wire/ipc.ts";
import { Accounts } from "./accounts.ts";
import { callHandlers } from "./calls.ts";
import { systemClock } from "./clock.ts";
import { Desktop } from "./desktop.ts";
import { Drill } from "./drill.ts";
import { forkFrom, killNow } from "./drill-fork.ts";
import { parseFlags, type Flags } from "./flags.ts";
import { collectNowAndThen } from "./heap.ts";
import { helpOf } from "./help.ts";
import { openBridge } from "./ipc.ts";
import { linkIn, LinkQuestions } from "./links.ts";
import { factsOf, openLog } from "./log.ts";
import { chosenIn, messageMenuOf } from "./message-menu.ts";
import { openLink } from "./open-link.ts";
import { isOwnPage, pageUrl } from "./page.ts";
import { announceEnd, predecessorGone } from "./predecessor.ts";
import { localeFor, StoredPreferences } from "./preferences.ts";
import { defaultPort } from "./relay-address.ts";
import { Secrets, vaultOf } from "./secrets.ts";
import { checkSpelling, giveContextMenu } from "./spelling.ts";
import { showBadge, systemLoginStart, systemNotifier, systemPower, systemTray } from "./system.ts";
import { sayTrouble, texts } from "./text.ts";
import { findUpdateSource } from "./update-source.ts";
import { Updates } from "./updates.ts";
import { prepareSession } from "./window.ts";
import { WindowPlaces } from "./window-places.ts";
import { Windows } from "./windows.ts";

/** The composition root: everything is built here, and nothing anywhere else. */
async function run({ profile, hidden }: Flags): Promise<void> {
  const { platform } = process;
  const userData = app.getPath("userData");
  const logs = join(userData, "logs");
  const log = openLog(logs, () => systemClock.now());
  // Only where the app runs from its sources: an installed one shows its own page, whatever its environment says.
  const developmentUrl = app.isPackaged ? undefined : process.env["RECADO_DEV_URL"];
  const isOurs = (url: string): boolean => isOwnPage(url, developmentUrl);

  // macOS hands a link over as an event, and before anything is ready
  let ask = (link: string): void => void (firstLink = link);
  let firstLink = linkIn(process.argv);
  app.on("open-url", (event, link) => {
    event.preventDefault();
    ask(link);
  });

  await app.whenReady();
  const preferences = new StoredPreferences(
    join(userData, "preferences.json"),
    app.getPreferredSystemLanguages(),
    // macOS and Windows bring dictionaries; elsewhere they come from Chromium's own server, and nobody is asked for that unasked
    { spellCheck: platform !== "linux" },
  );
  const words = () => texts[preferences.now.locale];
  process.on("uncaughtException", (error) => {
    // A fault of ours: going on would be a guess. What was stored is stored.
    log.error("uncaught", factsOf(error));
    dialog.showErrorBox(words().crashTitle, words().crash(logs));
    app.exit(1);
  });

  const accountsFolder = join(userData, "accounts");
  const accounts = new Accounts({
    folder: accountsFolder,
    secrets: new Secrets(vaultOf(safeStorage, platform), (account) => join(accountsFolder, account, "token")),
    clock: systemClock,
    random: Math.random,
    newId: randomUUID,
    deviceName: hostname().slice(0, 128),
    log,
    emit: (...events) => {
      bridge.tell(...events);
      for (const event of events) desktop.hear(event);
    },
  });
  const windows = new Windows({
    preload: join(import.meta.dirname, "preload.cjs"),
    url: developmentUrl ?? pageUrl,
    places: new WindowPlaces(join(userData, "windows.json"), () => log.warn("window places not kept")),
    clock: systemClock,
    profile,
    log,
    nameOf: (account) => (accounts.has(account) ? accounts.get(account).facts.name : undefined),
    contactName: (account, key) => {
      const contact = accounts.has(account) ? accounts.get(account).contact(key) : undefined;
      return contact && (contact.alias ?? contact.name);
    },
    unreadOf: (account) => desktop.unreadOf(account),
    tellPage: (page, event) => bridge.tellPage(page, event),
    pageGone: (page) => bridge.forget(page),
    changed: () => desktop.refresh(),
    created: (window) =>
      giveContextMenu(
        window,
        words,
        () => preferences.now.spellCheck,
        (spellCheck) => desktop.choose({ spellCheck }),
      ),
  });
  const icons = join(import.meta.dirname, "tray");
  const firstAccount = () => accounts.all()[0]?.facts.id;
  const desktop: Desktop = new Desktop({
    accounts,
    windows,
    preferences,
    clock: systemClock,
    log,
    platform,
    notifier: systemNotifier(platform),
    tray: systemTray(icons, platform, () => windows.focus(firstAccount())),
    power: systemPower,
    loginStart: systemLoginStart(profile, platform),
    badge: (count, inWords) => showBadge(count, inWords, windows.all(), icons, platform),
    setMenu: (template) => Menu.setApplicationMenu(Menu.buildFromTemplate(template)),
    dress: ({ theme, locale, spellCheck }) => {
      nativeTheme.themeSource = theme;
      checkSpelling(session.defaultSession, spellCheck, locale);
      windows.entitleAll();
    },
    tell: (event) => bridge.tell(event),
    help: helpOf({ accounts, words, logs }),
    checkForUpdates: () => void updates.check(),
    quit: () => app.quit(),
    development: developmentUrl !== undefined,
  });
  const snapshot = (page: number): AppEvent => ({
    kind: "snapshot",
    view: windows.viewOf(page),
    accounts: accounts.views(),
    preferences: preferences.now,
    defaultRelay: process.env["RECADO_RELAY"] ?? `localhost:${defaultPort}`,
    version: app.getVersion(),
    ...(profile !== undefined && { profile }),
    update: updates.state,
    ...(links.askedOf(page) && { link: links.askedOf(page) }),
    drill: drill.state,
  });
  const drill = new Drill({
    fork: forkFrom(join(import.meta.dirname, "..", "drill")),
    kill: killNow,
    temp: app.getPath("temp"),
    log,
    changed: (state) => bridge.tell({ kind: "drill:changed", drill: state }),
  });
  const links = new LinkQuestions({
    focus: () => windows.focus(firstAccount()),
    tellPage: (page, event) => bridge.tellPage(page, event),
  });
  const updates = new Updates({
    source: findUpdateSource(app.isPackaged ? process.resourcesPath : undefined, app.getAppPath()),
    // begun when it is needed: it is a third of what main would begin before the first window
    updater: async (source) => (await import("./updater.ts")).electronUpdater({ source, log, ending: announceEnd }),
    clock: systemClock,
    random: Math.random,
    log,
    changed: (update) => bridge.tell({ kind: "update:changed", update }),
    openPage: (address) => void shell.openExternal(address),
  });
  const bridge = openBridge({
    ipc: ipcMain,
    handlers: callHandlers({
      accounts,
      windows,
      links,
      updates,
      choose: (choice) => desktop.choose(choice),
      doNotDisturb: (until) => desktop.doNotDisturb(until),
      testNotification: () => desktop.testNotification(),
      drill,
      messageMenu: (answerable) =>
        chosenIn<MessageChoice>(
          (choose) => messageMenuOf(words(), answerable, choose),
          (template, callback) => Menu.buildFromTemplate(template).popup({ callback }),
          systemClock,
        ),
      openLink: (url, page) => openLink(url, page, { open: (href) => shell.openExternal(href), askToWrite }),
    }),
    isOwnPage: isOurs,
    snapshot: ({ page }) => snapshot(page),
    unexpected: (error, call) => log.error("call failed", { call, ...factsOf(error) }),
  });

  async function askToWrite(address: string): Promise<boolean> {
    const { response } = await dialog.showMessageBox({
      type: "question",
      title: "Recado",
      message: words().writeTo(address),
      buttons: [words().write, words().cancel],
      defaultId: 0,
      cancelId: 1,
    });
    return response === 0;
  }

  app.on("second-instance", (_event, argv) => {
    const link = linkIn(argv);
    if (link === undefined) windows.focus(firstAccount());
    else ask(link);
  });
  app.on("activate", () => windows.focus(firstAccount()));
  app.on("window-all-closed", () => {
    const { tray, closeToTray } = preferences.now;
    if (platform !== "darwin" && !(tray && closeToTray)) app.quit();
  });
  const stopCollecting = collectNowAndThen(systemClock);
  app.on("before-quit", () => windows.prepareQuit());
  app.on("will-quit", () => {
    stopCollecting();
    desktop.close();
    updates.close();
    drill.close();
    bridge.close();
    accounts.close();
    log.info("closed");
    log.close();
  });
  process.on("SIGTERM", () => app.quit());
  process.on("SIGINT", () => app.quit());

  prepareSession(session.defaultSession, join(import.meta.dirname, "renderer"), isOurs);
  log.info("started", { version: app.getVersion(), electron: process.versions["electron"] });
  // the windows first: their processes start while the accounts are opened, and there is something to see if that takes long
  desktop.start();
  const inBackground = hidden === true || preferences.now.startHidden;
  const unopened = accounts.found();
  // in the background there is a tray, or there would be no way to it
  if (!inBackground || !preferences.now.tray) windows.restore(unopened[0], { unopened, minimized: inBackground });
  const troubles = await accounts.open();
  windows.review(firstAccount());
  bridge.begin();
  desktop.accountsOpened();
  ask = (link) => links.ask(link);
  if (firstLink !== undefined) ask(firstLink);
  updates.start();
  for (const trouble of troubles) {
    void dialog.showMessageBox({
      type: "warning",
      title: "Recado",
      message: words().troubleTitle,
      detail: sayTrouble(words(), trouble),
    });
  }
}

/** The start itself failed (the data folder cannot be written, say): there is no window to say it in. */
function giveUp(error: unknown): void {
  const words = texts[localeFor(app.getPreferredSystemLanguages())];
  const folder = app.getPath("userData");
  dialog.showErrorBox("Recado", words.unreadable(folder, error instanceof Error ? error.message : String(error)));
  app.exit(1);
}

await predecessorGone();
const flags = parseFlags(process.argv.slice(1));
if ("problem" in flags) {
  process.stderr.write(`${flags.problem}\n`);
  app.exit(2);
} else {
  // before the lock, which is one per folder: a profile is an app of its own
  if (flags.profile !== undefined) app.setPath("userData", join(app.getPath("userData"), "profiles", flags.profile));
  mkdirSync(app.getPath("userData"), { recursive: true });
  protocol.registerSchemesAsPrivileged([
    { scheme: "app", privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  // a page's young objects get 1 MB, not 16: a window that is open all day holds less garbage, and each collection is shorter
  app.commandLine.appendSwitch("js-flags", "--max-semi-space-size=1");
  // not awaited: Electron is ready only after this module has been read to its end
  if (app.requestSingleInstanceLock()) void run(flags).catch(giveUp);
  else app.exit(0);
}
