import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Locator, type Page } from "playwright";
import { expect } from "vitest";
import { type Desktop } from "./e2e-electron.ts";

/** The words on the controls, as look.md fixes them: what a person, a screen reader and a test look for. */
const words = {
  en: {
    relay: "Relay",
    name: "Username",
    password: "Password",
    create: "Create account",
    enter: "Sign in",
    message: "Message",
    send: "Send",
    contacts: "Contacts",
    add: "Add contact",
    contactName: "Contact name",
    addConfirm: "Add",
    remove: "Remove contact",
    removeConfirm: "Remove",
    accept: "Accept",
    goOffline: "Go offline",
    goOnline: "Go online",
    youAreOffline: "You are offline.",
  },
  "pt-BR": {
    relay: "Relay",
    name: "Nome de usuário",
    password: "Senha",
    create: "Criar conta",
    enter: "Entrar",
    message: "Mensagem",
    send: "Enviar",
    contacts: "Contatos",
    add: "Adicionar contato",
    contactName: "Nome do contato",
    addConfirm: "Adicionar",
    remove: "Remover contato",
    removeConfirm: "Remover",
    accept: "Aceitar",
    goOffline: "Ficar offline",
    goOnline: "Ficar online",
    youAreOffline: "Você está offline.",
  },
} as const;

export type Language = keyof typeof words;
export const password = "um recado na porta da geladeira";

/** Somebody in front of a window, who sees and presses what a person would. */
export class Person {
  readonly #words: (typeof words)[Language];

  constructor(
    readonly window: Page,
    readonly name: string,
    readonly language: Language = "en",
  ) {
    this.#words = words[language];
  }

  /** Ctrl+N, and in the new window the sign-in screen for another account. */
  async openAnother(desk: Pick<Desktop, "nextWindow">, name: string): Promise<Person> {
    const opening = desk.nextWindow();
    await this.window.keyboard.press("Control+n");
    const another = new Person(await opening, name, this.language);
    const menu = another.window.getByRole("button", { name: /account and preferences|conta e preferências/i });
    await menu.or(another.window.locator("select")).first().waitFor();
    if (await menu.isVisible()) {
      await menu.click();
      await another.window.getByRole("menuitem", { name: /another account|outra conta/i }).click();
    }
    return another;
  }

  /** Chooses the language on the sign-in screen; tests must not depend on the machine's. */
  async speak(): Promise<void> {
    const choice = this.window.locator("select").first();
    await choice.waitFor();
    await choice.selectOption(this.language);
  }

  /** Fills in the sign-in screen and presses the button; what comes of it is for the test to see. */
  async signIn(relay: string, mode: "register" | "password", secret = password): Promise<void> {
    await this.speak();
    const wanted = mode === "register" ? this.#words.create : this.#words.enter;
    const act = this.window.locator("form .act button.primary");
    await this.#field(this.#words.relay).fill(relay);
    // the other mode of the same screen, pressed while the relay's field has the focus: nothing may move away under the press
    if ((await act.innerText()) !== wanted) await this.#button(wanted).click();
    await this.#field(this.#words.name).fill(this.name);
    await this.#field(this.#words.password).fill(secret);
    await act.click();
  }

  /** The relay that the sign-in screen proposes. */
  async proposedRelay(): Promise<string> {
    return this.#field(this.#words.relay).inputValue();
  }

  async register(relay: string): Promise<void> {
    await this.signIn(relay, "register");
    await this.isOnline();
  }

  /** In the bar that asks for the password when the session has ended; nothing to do where a key store remembered it. */
  async signInAgain(): Promise<void> {
    const asked = this.#field(this.#words.password);
    await asked
      .or(this.window.getByText(/^online · /))
      .first()
      .waitFor();
    if (!(await asked.isVisible())) return;
    await asked.fill(password);
    await asked.press("Enter");
  }

  async isOnline(): Promise<void> {
    // the button says what the person chose; the words under the own name say what is
    await this.window.getByText(/^online · /).waitFor({ timeout: 30_000 });
  }

  async goOffline(): Promise<void> {
    await this.#button(this.#words.goOffline).click();
    await this.window.getByText(this.#words.youAreOffline).waitFor();
  }

  async goOnline(): Promise<void> {
    await this.#button(this.#words.goOnline).click();
    await this.isOnline();
  }

  async add(name: string): Promise<void> {
    await this.askFor(name);
    await this.contact(name).waitFor();
  }

  /** Asks for a contact; what comes of it is for the test to see. */
  async askFor(name: string): Promise<void> {
    await this.#button(this.#words.add).click();
    // typed and not filled in: the field has the focus when the dialog opens
    await this.#field(this.#words.contactName).and(this.window.locator(":focus")).waitFor();
    await this.window.keyboard.type(name);
    await this.window.getByRole("dialog").getByRole("button", { name: this.#words.addConfirm, exact: true }).click();
  }

  async accept(name: string): Promise<void> {
    const request = this.window.getByRole("group").filter({ hasText: name });
    await request.getByRole("button", { name: this.#words.accept, exact: true }).click();
    await this.contact(name).waitFor();
  }

  async remove(name: string): Promise<void> {
    await this.open(name);
    await this.#button(this.#words.remove).click();
    await this.window.getByRole("dialog").getByRole("button", { name: this.#words.removeConfirm, exact: true }).click();
  }

  contact(name: string): Locator {
    return this.window
      .getByRole("list", { name: this.#words.contacts })
      .getByRole("button", { name: new RegExp(`^${name}\\b`) });
  }

  async open(name: string): Promise<void> {
    await this.contact(name).click();
    await this.#field(this.#words.message).waitFor();
  }

  /** Writes to the open conversation. */
  async write(...bodies: string[]): Promise<void> {
    for (const body of bodies) {
      await this.#field(this.#words.message).fill(body);
      await this.#button(this.#words.send).click();
      await this.log().getByText(body, { exact: true }).first().waitFor();
    }
  }

  log(): Locator {
    return this.window.getByRole("log");
  }

  /** The texts of the open conversation, in order. */
  async messages(): Promise<string[]> {
    return this.log().getByRole("article").locator(".body").allInnerTexts();
  }

  /** Waits until the open conversation ends with these, in this order and each once. */
  async sees(...bodies: string[]): Promise<void> {
    await this.seesWithin(30_000, ...bodies);
  }

  async seesWithin(limitMs: number, ...bodies: string[]): Promise<void> {
    await expect
      .poll(async () => (await this.messages()).filter((body) => bodies.includes(body)), {
        timeout: limitMs,
        interval: 50,
      })
      .toEqual(bodies);
  }

  /** Waits until something on the window says this. */
  async reads(text: string | RegExp): Promise<void> {
    await this.window.getByText(text).first().waitFor({ timeout: 30_000 });
  }

  async picture(name: string): Promise<void> {
    const folder = path.resolve(import.meta.dirname, "../test-results/pictures");
    await mkdir(folder, { recursive: true });
    await this.window.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  #field(label: string): Locator {
    return this.window
      .getByRole("textbox", { name: label, exact: true })
      .or(this.window.getByLabel(label, { exact: true }))
      .first();
  }

  #button(label: string): Locator {
    return this.window.getByRole("button", { name: label, exact: true });
  }
}
