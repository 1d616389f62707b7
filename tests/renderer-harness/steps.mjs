const all = ["wide", "narrow"].flatMap((size) =>
  ["light", "dark"].flatMap((theme) => ["pt-BR", "en"].map((locale) => [size, theme, locale])),
);
const some = [
  ["wide", "light", "pt-BR"],
  ["narrow", "dark", "en"],
];

const say = (locale, pt, en) => (locale === "en" ? en : pt);
const nothing = async () => undefined;
const open = (name) => async (page) => {
  await page
    .getByRole("list")
    .getByRole("button", { name: new RegExp(`^${name}`) })
    .click();
};
const fill = (mode) => async (page, locale) => {
  const wanted = mode === "create" ? say(locale, "Criar conta", "Create account") : say(locale, "Entrar", "Sign in");
  const act = page.locator("form .act button.primary");
  if ((await act.innerText()) !== wanted) await page.getByRole("button", { name: wanted }).click();
  await page.getByLabel(say(locale, "Nome de usuário", "Username")).fill("Ana");
  await page.getByLabel(say(locale, "Senha", "Password")).fill("uma frase longa");
  await page.keyboard.press("Enter");
};

/** At once, as pasting does: the browser types 8,000 lines one by one for half a minute. */
const type = (field, text) => {
  field.value = text;
  field.dispatchEvent(new field.ownerDocument.defaultView.Event("input", { bubbles: true }));
};

/** [W7] Older pages come without a jump: what stood at the top of the log stands there still. */
const readHistory = async (page) => {
  await open("Clara")(page);
  const log = page.getByRole("log");
  for (let page = 0; page < 5; page++) {
    const moved = await log.evaluate(async (element) => {
      const rows = () => [...element.querySelectorAll("[data-position]")];
      const frame = () => new Promise((resolve) => element.ownerDocument.defaultView.requestAnimationFrame(resolve));
      element.scrollTop = 300;
      const edge = element.getBoundingClientRect().top;
      const row = rows().find((one) => one.getBoundingClientRect().bottom > edge);
      const first = rows()[0].dataset.position;
      const top = row.getBoundingClientRect().top;
      for (let frames = 0; rows()[0].dataset.position === first; frames++) {
        if (frames > 300) return "no older page came";
        await frame();
      }
      await frame();
      return Math.abs(row.getBoundingClientRect().top - top);
    });
    if (typeof moved === "string" || moved > 1) throw new Error(`[W7] reading history: moved by ${moved}`);
  }
};

/** What is looked at: a scenario, what is done in it, and in which sizes, themes and languages. */
export const steps = [
  { name: "sign-in", scenario: "sign-in", variants: all, act: nothing },
  {
    name: "sign-in-enter",
    scenario: "sign-in",
    variants: some,
    act: async (page, locale) => {
      await page.getByRole("button", { name: say(locale, "Entrar", "Sign in") }).click();
    },
  },
  { name: "sign-in-refused", scenario: "sign-in-refused", variants: some, act: fill("enter") },
  { name: "sign-in-invite", scenario: "sign-in-invite", variants: some, act: fill("create") },
  { name: "sign-in-unreachable", scenario: "sign-in-unreachable", variants: some, act: fill("enter") },
  { name: "sign-in-accounts", scenario: "sign-in-accounts", variants: some, act: nothing },
  { name: "busy-none", scenario: "busy", variants: all, act: nothing },
  { name: "busy", scenario: "busy", variants: all, act: open("Bruno") },
  { name: "unread", scenario: "busy", variants: some, act: open("Clara") },
  { name: "history", scenario: "busy", variants: some, act: readHistory },
  { name: "pending", scenario: "busy", variants: some, act: open("Maria") },
  { name: "blocked", scenario: "busy", variants: some, act: open("Zeca") },
  { name: "first", scenario: "first", variants: some, act: nothing },
  { name: "held", scenario: "held", variants: some, act: open("Bruno") },
  { name: "unreachable", scenario: "unreachable", variants: some, act: open("Bruno") },
  { name: "revoked", scenario: "revoked", variants: some, act: nothing },
  { name: "replaced", scenario: "replaced", variants: some, act: nothing },
  { name: "failed", scenario: "failed", variants: some, act: open("Bruno") },
  { name: "silent", scenario: "silent", variants: some, act: open("Bruno") },
  { name: "statuses", scenario: "statuses", variants: some, act: open("Bruno") },
  {
    name: "menu",
    scenario: "busy",
    variants: some,
    act: async (page, locale) => {
      await page.getByRole("button", { name: say(locale, "Conta de Ana", "Ana's account") }).click();
    },
  },
  {
    name: "add",
    scenario: "busy",
    variants: some,
    act: async (page, locale) => {
      await page.getByRole("button", { name: say(locale, "Adicionar contato", "Add contact") }).click();
    },
  },
  { name: "switcher", scenario: "busy", variants: some, act: (page) => page.keyboard.press("Control+k") },
  {
    name: "switcher-none",
    scenario: "busy",
    variants: [some[0]],
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("xyz");
    },
  },
  { name: "shortcuts", scenario: "busy", variants: some, act: (page) => page.keyboard.press("F1") },
  {
    name: "details",
    scenario: "busy",
    variants: some,
    act: async (page) => {
      await open("Bruno")(page);
      await page.keyboard.press("Control+i");
    },
  },
  {
    name: "waits",
    scenario: "busy",
    variants: some,
    act: async (page, locale) => {
      await page.getByRole("button", { name: say(locale, /esperam? por/, /waits? for/) }).click();
    },
  },
  {
    name: "request",
    scenario: "busy",
    variants: some,
    act: async (page, locale) => {
      await page.getByRole("button", { name: say(locale, "Ler a mensagem", "Read the message") }).click();
    },
  },
  {
    name: "remove",
    scenario: "busy",
    variants: [some[0]],
    act: async (page, locale) => {
      await open("Bruno")(page);
      await page.getByRole("button", { name: say(locale, "Remover contato", "Remove contact") }).click();
    },
  },
  {
    name: "long-draft",
    scenario: "busy",
    variants: some,
    act: async (page, locale) => {
      await open("Bruno")(page);
      await page
        .getByRole("textbox", { name: say(locale, "Mensagem", "Message") })
        .evaluate(type, "palavra\n".repeat(8_193));
    },
  },
];
