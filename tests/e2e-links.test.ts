import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { electronRuntime } from "../scripts/electron-runtime.mjs";
import { handOver, packagedApp, switches } from "./e2e-app.ts";
import { type Desktop, launch } from "./e2e-electron.ts";
import { password, Person } from "./e2e-person.ts";
import { type RelayProcess, runRelay, startRelay } from "./relay-process.ts";

/** What the operating system does with a link: it starts the app once more, with the link as its argument. */
async function openLink(link: string, userDataDir: string): Promise<void> {
  const executable = packagedApp ?? (await electronRuntime()).executable;
  const project = path.resolve(import.meta.dirname, "..");
  const args = [...(packagedApp === undefined ? [project] : []), `--user-data-dir=${userDataDir}`, ...switches, link];
  const second = spawn(executable, args, { stdio: "ignore" });
  await once(second, "exit"); // the first takes over
}

describe("links into the app", () => {
  const opened: (() => Promise<unknown>)[] = [];
  let relay: RelayProcess;
  let folder: string;
  let desk: Desktop;

  const dialog = () => desk.window.getByRole("dialog");
  const invite = async () => {
    const { stdout, stderr } = await runRelay(["invite", "--data", relay.data, "--public-url", relay.url]);
    const link = /recado:\/\/\S+/.exec(stderr)?.[0] ?? "";
    expect(link).toContain(stdout.trim());
    return link;
  };

  beforeAll(async () => {
    relay = await startRelay({ args: ["--limits", "none", "--registration", "invite"] });
    opened.push(() => relay.close());
    folder = await mkdtemp(path.join(tmpdir(), "recado-links-"));
    handOver(folder);
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    desk = await launch({ userDataDir: folder, args: [await invite()] });
    opened.push(() => desk.quit());
  });
  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });

  test("[L2] cold: an invite asks first, then fills in the sign-in screen", async () => {
    await dialog().waitFor();
    await new Person(desk.window, "Ana").picture("link-join");
    // loaded again before the answer, it still asks
    await desk.window.reload();
    await dialog().waitFor();
    await dialog()
      .getByRole("button", { name: /^(Continue|Continuar)$/ })
      .click();
    await dialog().waitFor({ state: "detached" });
    const ana = new Person(desk.window, "Ana");
    await ana.speak();
    expect(await desk.window.getByLabel("Relay", { exact: true }).inputValue()).toBe(relay.url);
    await desk.window.getByLabel("Username", { exact: true }).fill("Ana");
    await desk.window.getByLabel("Password", { exact: true }).fill(password);
    await desk.window.locator("form .act button.primary").click();
    await ana.isOnline();
  });

  test("[L2] a pasted invite asks too; warm: a contact is asked for by the click and not before", async () => {
    const other = await launch();
    opened.push(() => other.close());
    const bia = new Person(other.window, "Bia");
    await bia.speak();
    // who got the link as text pastes it where an address goes
    await other.app.evaluate(({ clipboard }, link) => clipboard.writeText(link), await invite());
    await other.window.getByLabel("Relay", { exact: true }).focus();
    await other.window.keyboard.press("ControlOrMeta+v");
    await other.window
      .getByRole("dialog")
      .getByRole("button", { name: /^(Continue|Continuar)$/ })
      .click();
    await other.window.getByLabel("Username", { exact: true }).fill("Bia");
    await other.window.getByLabel("Password", { exact: true }).fill(password);
    await other.window.locator("form .act button.primary").click();
    await bia.isOnline();

    const ana = new Person(desk.window, "Ana");
    const link = `recado://add?relay=${encodeURIComponent(relay.url)}&name=Bia`;
    await openLink(link, folder);
    await dialog().getByText("Add Bia as a contact?").waitFor();
    expect(await ana.contact("Bia").count()).toBe(0);
    await desk.window.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    expect(await ana.contact("Bia").count()).toBe(0);

    await openLink(link, folder);
    await dialog().getByRole("button", { name: "Add", exact: true }).click();
    await ana.contact("Bia").waitFor();
    await bia.accept("Ana");
  });

  test("[L2] warm: a conversation is opened by the click", async () => {
    await desk.window.reload();
    await new Person(desk.window, "Ana").contact("Bia").waitFor();
    await openLink(`recado://open?relay=${encodeURIComponent(relay.url)}&name=bia`, folder);
    await dialog().getByRole("button", { name: "Open", exact: true }).click();
    await desk.window.getByRole("log", { name: "Conversation with Bia" }).waitFor();
  });

  test("[L1] a link that is none says so and does nothing", async () => {
    await openLink("recado://run?command=calc", folder);
    await dialog().getByText("This link does not work").waitFor();
    await dialog().getByRole("button", { name: "Got it" }).click();
    await dialog().waitFor({ state: "detached" });
    expect(desk.complaints).toEqual([]);
  });
});
