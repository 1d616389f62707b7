import { generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { run, runNode } from "./child.mjs";
import { ensureInstalled } from "./install.mjs";
import { Stop, commandFile, inProject, runMain, say } from "./project.mjs";

const usage = `Usage: npm run dist:check -- [--keep] [--built] [--no-suite]
  Builds two versions of the app's deb, and with them, as root on Debian or Ubuntu and as an ordinary user made for it:
  installs, starts by the menu entry, runs the end-to-end suites with Chromium's sandbox on, opens a link, updates itself from
  a feed (and refuses a tampered one), is upgraded by dpkg with its history kept, and is removed without a trace.
  --no-suite   without the end-to-end suites (several minutes)
  --keep       keep what was built, in out/check
  --built      take what was kept instead of building`;

const user = "recado-check";
const home = `/home/${user}`;
const port = 47_811;
const versions = { old: "0.0.1", new: "0.0.2", newest: "0.0.3" };

/** @type {string[]} */
const held = [];
/** @param {string} what @param {unknown} condition @param {string} [detail] */
function expect(what, condition, detail = "") {
  if (!condition) throw new Stop(`FAILED: ${what}\n${detail}`);
  held.push(what);
  say(`  ok      ${what}`);
}

/** @param {string} command @param {readonly string[]} args */
async function must(command, args) {
  const { code, output } = await run(command, args, { quiet: true });
  if (code !== 0) throw new Stop(`${command} ${args.join(" ")} failed:\n${output.trim()}`);
  return output;
}

/** @param {string} folder @returns {string[]} */
const entries = (folder) => (existsSync(folder) ? readdirSync(folder) : []);
/** Where a package of ours could leave something behind. */
const traces = () =>
  [
    ...[
      "/opt",
      "/usr/bin",
      "/usr/share/applications",
      "/usr/share/mime/packages",
      "/usr/share/metainfo",
      "/usr/share/doc",
    ],
    ...[
      "/etc/alternatives",
      "/etc/apparmor.d",
      "/var/lib/dpkg/alternatives",
      "/var/lib/dpkg/info",
      "/usr/share/licenses",
    ],
    ...["/etc/recado", ...entries("/usr/share/icons/hicolor").map((size) => `/usr/share/icons/hicolor/${size}/apps`)],
  ].flatMap((folder) =>
    entries(folder)
      .filter((name) => /recado/i.test(name))
      .map((name) => path.join(folder, name)),
  );

/** @param {string} text a desktop entry @param {string} key */
const field = (text, key) => new RegExp(`^${key.replace(/[[\]]/g, "\\$&")}=(.*)$`, "m").exec(text)?.[1] ?? "";

/**
 * A program that becomes the ordinary user and then runs what the menu entry names.
 * @param {string} exec
 * @param {string} folder
 */
function asOrdinaryUser(exec, folder) {
  const file = path.join(folder, "as-user");
  const script = `#!/bin/sh
# Playwright, run by root, adds a switch that the ordinary user neither needs nor shall have
for word; do shift; [ "$word" = --no-sandbox ] || set -- "$@" "$word"; done
cd ${home}
exec setpriv --reuid=${user} --regid=${user} --init-groups env HOME=${home} USER=${user} LOGNAME=${user} XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-}" XDG_DATA_HOME="\${XDG_DATA_HOME:-${home}/.local/share}" ${exec} "$@"
`;
  writeFileSync(file, script, { mode: 0o755 });
  chmodSync(file, 0o755);
  return file;
}

/**
 * @param {string} executable
 * @param {string[]} args
 */
async function launch(executable, args = []) {
  const { _electron } = await import("playwright");
  const { DISPLAY: display = "", PATH: where = "" } = process.env;
  const app = await _electron.launch({
    executablePath: executable,
    args: ["--disable-gpu", ...args],
    env: { DISPLAY: display, PATH: where, LANG: "C.UTF-8", LANGUAGE: "en" },
    timeout: 60_000,
  });
  const window = await app.firstWindow({ timeout: 60_000 });
  window.setDefaultTimeout(60_000);
  return { app, window };
}

/** @returns {Promise<number[]>} the processes of the ordinary user, who has no others than the app's */
async function processesOfUser(/** @type {string[]} */ ...which) {
  const { output } = await run("pgrep", ["-u", user, ...which], { quiet: true });
  return output.trim().split("\n").filter(Boolean).map(Number);
}
const pagesOfUser = () => processesOfUser("-f", "--", "--type=renderer");

async function endAll() {
  for (const pid of await processesOfUser()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // gone with another
    }
  }
  await until("all of it has ended", async () => (await processesOfUser()).length === 0);
}

/** @param {string} what @param {() => Promise<boolean>} holds */
async function until(what, holds) {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Stop(`FAILED: ${what}`);
}

/** The namespaces and filters of a running app's page processes: what its sandbox is made of. */
async function sandboxOf(/** @type {number} */ pid) {
  const own = await must("readlink", [`/proc/${pid}/ns/pid`]);
  const pages = await pagesOfUser();
  const facts = await Promise.all(
    pages.map(async (page) => ({
      filtered: /^Seccomp:\s*2$/m.test(readFileSync(`/proc/${page}/status`, "utf8")),
      apart: (await run("readlink", [`/proc/${page}/ns/pid`], { quiet: true })).output !== own,
    })),
  );
  return { pages: pages.length, sandboxed: facts.length > 0 && facts.every((fact) => fact.filtered && fact.apart) };
}

/** @param {import("playwright").Page} window @param {RegExp | string} words */
const says = (window, words) => window.getByText(words).first().waitFor();
/** @param {import("playwright").Page} window @param {string} name */
const press = (window, name) => window.getByRole("button", { name, exact: true }).click();

/**
 * Whether one of the windows shows Ana's conversation, as it was written.
 * @param {import("playwright").ElectronApplication} app
 */
async function hasHistory(app) {
  await until("a window shows the contact Bia", async () => (await windowsWith(app)).length > 0);
  const [window] = await windowsWith(app);
  await window
    ?.getByRole("list", { name: "Contacts" })
    .getByRole("button", { name: /^Bia\b/ })
    .click();
  await window?.getByRole("log").getByText("written with the old version", { exact: true }).first().waitFor();
  return window !== undefined;
}

/** @param {import("playwright").ElectronApplication} app */
async function windowsWith(app) {
  const counts = await Promise.all(
    app.windows().map(async (window) => {
      const contact = window.getByRole("list", { name: "Contacts" }).getByRole("button", { name: /^Bia\b/ });
      return (await contact.count()) > 0 ? [window] : [];
    }),
  );
  return counts.flat();
}

/** @param {import("playwright").ElectronApplication} app */
const checkForUpdates = (app) =>
  app.evaluate(({ Menu }) => {
    const help = Menu.getApplicationMenu()?.items.find(({ role }) => role === "help");
    help?.submenu?.items.find(({ label }) => /updates|atualizações/.test(label))?.click();
  });

/**
 * @param {string} folder holds the packages, under old, new and newest
 * @param {string} work
 * @param {boolean} suite
 */
async function checkDeb(folder, work, suite) {
  const deb = (/** @type {keyof typeof versions} */ which) =>
    path.join(folder, which, `recado-${versions[which]}-amd64.deb`);
  const { startPrivateRelay } = await import("./local-relay.mjs");
  const { Person } = await import("./demo-person.mjs");

  say("Installing:");
  await must("dpkg", ["-i", deb("old")]);
  expect("dpkg -i installs", (await must("dpkg-query", ["-W", "-f", "${db:Status-Status}", "recado"])) === "installed");
  await must("desktop-file-validate", ["/usr/share/applications/recado.desktop"]);
  const entry = readFileSync("/usr/share/applications/recado.desktop", "utf8");
  expect(
    "the menu entry is valid and speaks both languages",
    field(entry, "Comment[pt_BR]") && field(entry, "Comment"),
  );
  expect("recado:// is the app's", field(entry, "MimeType").includes("x-scheme-handler/recado"));
  expect(
    "icons in all sizes",
    ["16x16", "32x32", "48x48", "128x128", "256x256", "512x512"].every((size) =>
      existsSync(`/usr/share/icons/hicolor/${size}/apps/recado.png`),
    ),
  );
  const exec = field(entry, "Exec").replace(/ ?%[uUfF]$/, "");
  const program = asOrdinaryUser(exec, work);

  const relay = await startPrivateRelay(mkdtempSync(path.join(work, "relay-")));
  try {
    say("As an ordinary user, by the menu entry:");
    const invite = `recado://join?relay=${encodeURIComponent(relay.url)}`;
    let { app, window } = await launch(program, [invite]);
    await window.getByRole("dialog").waitFor();
    const { pages, sandboxed } = await sandboxOf(app.process().pid ?? 0);
    expect(`starts with Chromium's sandbox on (${pages} page process)`, sandboxed);
    expect(
      "a recado:// invite asks before anything happens",
      await window.getByRole("dialog").getByText(relay.url.replace("http://", "")).count(),
    );
    await window.getByRole("dialog").getByRole("button", { name: "Continue", exact: true }).click();
    await window.getByRole("dialog").waitFor({ state: "detached" });
    const ana = new Person(window, "Ana", "en");
    await ana.register();
    await ana.dismissNotice();
    expect("the invite's relay is joined", true);
    const opening = app.waitForEvent("window");
    await window.keyboard.press("Control+n");
    const second = await opening;
    await second.getByLabel("Relay", { exact: true }).fill(relay.url);
    const bia = new Person(second, "Bia", "en");
    await bia.register();
    await ana.add("Bia");
    await bia.accept("Ana");
    await ana.open("Bia");
    await ana.write("written with the old version");

    say("Updating itself from a feed:");
    const feed = await openFeed();
    try {
      feed.offer(path.dirname(deb("new")), deb("newest"));
      await checkForUpdates(app);
      await press(window, "Download");
      await says(window, /not the one that was announced, so it was refused/);
      expect("a tampered download is refused, and the old version goes on", app.process().exitCode === null);
      feed.offer(path.dirname(deb("new")), undefined);
      await press(window, "Try again");
      await press(window, "Download");
      await says(window, /is downloaded and checked\. To install it, your system asks for an administrator's password/);
      expect("a newer one is found, downloaded and verified", feed.sent > 0);
      const gone = new Promise((resolve) => app.process().once("exit", resolve));
      await press(window, "Restart and update");
      await gone;
      const version = await must("dpkg-query", ["-W", "-f", "${Version}", "recado"]);
      expect("it is applied: the package is the new version", version === versions.new, version);
      // it starts again by itself, as it was asked to
      await until("the updated app starts again", async () => (await pagesOfUser()).length > 0);
      await endAll();
    } finally {
      await feed.close();
    }

    if (suite) {
      say("The end-to-end suites, on what is installed:");
      const { code } = await runNode(commandFile("vitest"), ["run", "--project", "e2e"], {
        env: { ...process.env, RECADO_TEST_APP: program, RECADO_TEST_USER: user },
      });
      expect("the end-to-end suites pass on the installed app", code === 0);
    }

    say("Upgraded in place:");
    ({ app, window } = await launch(program));
    expect("after the update the account and its history are there", await hasHistory(app));
    await app.close();
    await must("dpkg", ["-i", deb("newest")]);
    ({ app, window } = await launch(program));
    expect(
      "dpkg -i upgrades in place",
      (await app.evaluate((electron) => electron.app.getVersion())) === versions.newest,
    );
    expect("its accounts and history are kept", await hasHistory(app));
    await app.close();
  } finally {
    await relay.close();
  }

  say("Removed:");
  await must("dpkg", ["--purge", "recado"]);
  const left = traces();
  expect("nothing is left of it on the system", left.length === 0, left.join("\n"));
  const { output: alive } = await run("ps", ["-u", user, "-o", "pid=,args="], { quiet: true });
  expect("nothing of it is left running", !/recado\b.*--|\/opt\/Recado/.test(alive), alive);
  expect("what is the person's own is kept", existsSync(`${home}/.config/Recado/accounts`));
}

/** A web server on the address that the packages were built for. */
async function openFeed() {
  let folder = "";
  /** @type {string | undefined} */
  let instead;
  let sent = 0;
  const server = createServer((request, response) => {
    const name = path.basename(new URL(request.url ?? "/", "http://feed").pathname);
    const asked = path.join(folder, name);
    const file = instead !== undefined && name.endsWith(".deb") ? instead : asked;
    if (!existsSync(file)) {
      response.statusCode = 404;
      return void response.end();
    }
    if (name.endsWith(".deb")) sent++;
    response.setHeader("Content-Length", statSync(file).size);
    return void response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  return {
    /** @param {string} from @param {string | undefined} tampered sent instead of what is announced */
    offer: (from, tampered) => {
      folder = from;
      instead = tampered;
    },
    get sent() {
      return sent;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean" },
      built: { type: "boolean" },
      "no-suite": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return say(usage);
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/dpkg-deb")) {
    throw new Stop(
      "This installs and removes packages and a user: run it as root on Debian or Ubuntu, where nothing else is.",
    );
  }
  await ensureInstalled();
  if ((await run("dpkg-query", ["-W", "recado"], { quiet: true })).code === 0 || existsSync("/opt/Recado")) {
    throw new Stop("Recado is installed here already: remove it first, this check would.");
  }
  const { installPackages, missingPackages } = await import("./system-packages.mjs");
  const { startDisplay } = await import("./xvfb.mjs");
  const needed = [
    "desktop-file-utils",
    "sudo",
    "xvfb",
    "procps",
    "libgtk-3-0",
    "libnotify4",
    "libxtst6",
    "xdg-utils",
    "libuuid1",
  ];
  const missing = await missingPackages([
    ...needed,
    "libatspi2.0-0",
    "libsecret-1-0",
    "libasound2",
    "libgbm1",
    "libnss3",
    "libxss1",
  ]);
  if (missing.length > 0) await installPackages(missing);

  const folder = inProject("out", "check");
  const key = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const env = { ...process.env, RECADO_UPDATE_URL: `http://127.0.0.1:${port}/`, RECADO_UPDATE_PRIVATE_KEY: key };
  for (const [which, version] of values.built ? [] : Object.entries(versions)) {
    say(`Building version ${version}:`);
    const flags = ["deb", "--quick", "--inspect", "--version", version, "--out", path.join(folder, which)];
    const { code } = await runNode(inProject("scripts", "dist.mjs"), flags, { env });
    if (code !== 0) return code;
    rmSync(path.join(folder, which, "linux-unpacked"), { recursive: true, force: true });
  }

  const work = mkdtempSync(path.join(tmpdir(), "recado-check-"));
  chmodSync(work, 0o755);
  const display = await startDisplay();
  process.env["DISPLAY"] = display.name;
  const sudoers = `/etc/sudoers.d/${user}`;
  try {
    await must("useradd", ["--create-home", "--shell", "/bin/sh", user]);
    // what pkexec asks a person for, this user has already
    writeFileSync(sudoers, `${user} ALL=(root) NOPASSWD: ALL\n`, { mode: 0o440 });
    await checkDeb(folder, work, !values["no-suite"]);
  } finally {
    await endAll();
    await run("dpkg", ["--purge", "recado"], { quiet: true });
    rmSync(sudoers, { force: true });
    await run("userdel", ["--remove", user], { quiet: true });
    await display.close();
    rmSync(work, { recursive: true, force: true });
    if (!values.keep && !values.built) rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${held.length} passed, 0 failed\n`);
  return 0;
});
