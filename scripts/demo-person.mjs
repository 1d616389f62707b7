/** What the demonstration presses and types, by the words that a person sees. */
export const words = {
  en: {
    name: "Username",
    password: "Password",
    create: "Create account",
    message: "Message",
    send: "Send",
    contacts: "Contacts",
    add: "Add contact",
    contactName: "Contact name",
    confirmAdd: "Add",
    accept: "Accept",
    goOffline: "Go offline",
    goOnline: "Go online",
  },
  "pt-BR": {
    name: "Nome de usuário",
    password: "Senha",
    create: "Criar conta",
    message: "Mensagem",
    send: "Enviar",
    contacts: "Contatos",
    add: "Adicionar contato",
    contactName: "Nome do contato",
    confirmAdd: "Adicionar",
    accept: "Aceitar",
    goOffline: "Ficar offline",
    goOnline: "Ficar online",
  },
};

/** Somebody at a window of the demonstration. */
export class Person {
  /**
   * @param {import("playwright").Page} window
   * @param {string} name
   * @param {keyof typeof words} language
   */
  constructor(window, name, language) {
    this.window = window;
    this.name = name;
    this.language = language;
    this.words = words[language];
  }

  /** @param {string} label */
  button(label) {
    return this.window.getByRole("button", { name: label, exact: true });
  }

  /** @param {string} label */
  field(label) {
    return this.window.getByLabel(label, { exact: true }).first();
  }

  async register() {
    await this.window.locator("select").first().selectOption(this.language);
    const act = this.window.locator("form .act button.primary");
    if ((await act.innerText()) !== this.words.create) await this.button(this.words.create).click();
    await this.field(this.words.name).fill(this.name);
    await this.field(this.words.password).fill("um recado na porta da geladeira");
    await act.click();
    await this.window.getByText(/^online · /).waitFor();
  }

  /** Where there is no key store the window says so once. */
  async dismissNotice() {
    const understood = this.button(this.language === "en" ? "Got it" : "Entendi");
    if (await understood.isVisible()) await understood.click();
  }

  /** @param {string} name */
  contact(name) {
    return this.window
      .getByRole("list", { name: this.words.contacts })
      .getByRole("button", { name: new RegExp(`^${name}\\b`) });
  }

  /** @param {string} name */
  async add(name) {
    await this.button(this.words.add).click();
    await this.field(this.words.contactName).fill(name);
    await this.window.getByRole("dialog").getByRole("button", { name: this.words.confirmAdd, exact: true }).click();
    await this.contact(name).waitFor();
  }

  /** @param {string} name */
  async accept(name) {
    await this.window
      .getByRole("group")
      .filter({ hasText: name })
      .getByRole("button", { name: this.words.accept, exact: true })
      .click();
    await this.contact(name).waitFor();
  }

  /** @param {string} name */
  async open(name) {
    await this.contact(name).click();
    await this.field(this.words.message).waitFor();
  }

  /** @param {string[]} bodies */
  async write(...bodies) {
    for (const body of bodies) {
      await this.field(this.words.message).fill(body);
      await this.button(this.words.send).click();
      await this.window.getByRole("log").getByText(body, { exact: true }).first().waitFor();
    }
  }

  /** @param {string} body */
  async sees(body) {
    await this.window.getByRole("log").getByText(body, { exact: true }).first().waitFor();
  }
}
