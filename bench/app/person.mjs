import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";

export const password = "um recado na porta da geladeira";

/**
 * Somebody at a window of the app, in English whatever the machine speaks.
 * @param {import("playwright").Page} page
 * @param {string} relay
 * @param {string} name
 */
export async function register(page, relay, name) {
  await page.locator("select").first().selectOption("en");
  const act = page.locator("form .act button.primary");
  await act.waitFor();
  if ((await act.innerText()) !== "Create account") await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("textbox", { name: "Relay" }).fill(relay);
  await page.getByLabel("Username", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await act.click();
  await isOnline(page);
}

/** @param {import("playwright").Page} page */
export async function isOnline(page) {
  await page.getByText(/^(online|away) · /).waitFor({ timeout: 30_000 });
}

/** Where there is no key store, the password is asked after every start. @param {import("playwright").Page} page */
export async function signInAgain(page) {
  const asked = page.getByLabel("Password", { exact: true });
  await asked
    .or(page.getByText(/^online · /))
    .first()
    .waitFor({ timeout: 30_000 });
  if (!(await asked.isVisible())) return;
  await asked.fill(password);
  await asked.press("Enter");
  await isOnline(page);
}

/** @param {import("playwright").Page} page @param {string} name */
export const row = (page, name) =>
  page.getByRole("list", { name: "Contacts" }).getByRole("button", { name: new RegExp(`^${name}\\b`) });

/** @param {import("playwright").Page} page @param {string} name */
export async function open(page, name) {
  await row(page, name).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

/** Another device of somebody, without a window: it writes as fast as it is let. */
export class Writer {
  /** @param {string} relay @param {string} name */
  static async signIn(relay, name) {
    const socket = io(relay, {
      transports: ["websocket"],
      forceNew: true,
      auth: { protocol: 1, device: randomUUID(), credentials: { kind: "password", name, password } },
    });
    socket.on("inbox:deliver", (_batch, answer) => answer({ ok: true }));
    await new Promise((resolve, reject) => socket.once("session:started", resolve).once("connect_error", reject));
    return new Writer(socket);
  }

  /** @param {import("socket.io-client").Socket} socket */
  constructor(socket) {
    this.socket = socket;
  }

  /** @param {string} to @param {string[]} bodies at most 64 */
  async send(to, bodies) {
    const messages = bodies.map((body) => ({ id: randomUUID(), to, body, sentAt: Date.now() }));
    const reply = await this.socket.timeout(20_000).emitWithAck("message:send", { messages });
    const refused = reply.ok ? reply.value.results.find((/** @type {any} */ one) => !one.ok) : reply;
    if (refused) throw new Error(`The relay refused: ${JSON.stringify(refused.error)}`);
  }

  close() {
    this.socket.close();
  }
}
