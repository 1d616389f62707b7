import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { electronRuntime } from "../../scripts/electron-runtime.mjs";
import { hasDisplay, startDisplay } from "../../scripts/xvfb.mjs";
import { builtApp, openDesk, writeEmptyApp } from "./desk.mjs";
import { fillHistory } from "./history.mjs";
import { register, row, signInAgain } from "./person.mjs";
import { openRelay } from "./relay.mjs";

/** A relay, and one app with two people in it who know each other: Ana, with a long history, and Bia. */
export class Stage {
  /** @param {number} count messages of history */
  static async open(count) {
    const stage = new Stage(mkdtempSync(path.join(tmpdir(), "recado-bench-app-")));
    try {
      await stage.#prepare(count);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** @type {(() => Promise<unknown> | void)[]} */
  #opened = [];
  #executable = "";
  /** her account's id */
  #ana = "";
  relayUrl = "";

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    this.userData = path.join(folder, "app");
    this.#opened.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  }

  /** @param {number} count */
  async #prepare(count) {
    ({ executable: this.#executable } = await electronRuntime());
    if (!hasDisplay()) {
      const display = await startDisplay();
      process.env["DISPLAY"] = display.name;
      this.closeLater(() => display.close());
    }
    const relay = await openRelay(path.join(this.folder, "relay"));
    this.closeLater(() => relay.close());
    this.relayUrl = relay.url;
    const desk = await this.start();
    const ana = await desk.nth(1);
    await register(ana, relay.url, "Ana");
    await ana.keyboard.press("Control+n");
    const bia = await desk.nth(2);
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
    this.#ana = await fillHistory(this.userData, "Bia", count);
  }

  /** @param {() => Promise<unknown> | void} close */
  closeLater(close) {
    this.#opened.push(close);
  }

  /** The app of the two, as it starts. */
  start() {
    return this.#launch(builtApp, this.userData);
  }

  /** The same app with Ana alone in it: Bia is somewhere else from now on. */
  startAlone() {
    const accounts = path.join(this.userData, "accounts");
    for (const id of readdirSync(accounts)) if (id !== this.#ana) rmSync(path.join(accounts, id), { recursive: true });
    return this.start();
  }

  /** An app that is nothing but an empty sandboxed window. */
  startEmpty() {
    return this.#launch(writeEmptyApp(path.join(this.folder, "empty")), path.join(this.folder, "empty-data"));
  }

  /** @param {string} app @param {string} data */
  async #launch(app, data) {
    const desk = await openDesk(this.#executable, app, data);
    this.closeLater(() => desk.quit());
    return desk;
  }

  /** Both windows of a started app, signed in. @param {import("./desk.mjs").Desk} desk */
  async peopleAt(desk) {
    await desk.nth(2);
    const [first, second] = desk.pages();
    if (!first || !second) throw new Error("A window is missing.");
    await row(first, "Bia").or(row(first, "Ana")).first().waitFor();
    const [ana, bia] = (await row(first, "Bia").count()) > 0 ? [first, second] : [second, first];
    await signInAgain(ana);
    await signInAgain(bia);
    return { ana, bia };
  }

  async close() {
    for (const close of this.#opened.splice(0).reverse()) await close();
  }
}
