import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type AccountId } from "../wire/ipc.ts";
import App from "../renderer/App.svelte";
import { AppState } from "../renderer/app-state.svelte.ts";
import { FakeBridge, factsOf, type World } from "./renderer-harness/fake-bridge.ts";
import { account, ana, busyWorld, contact, message, usual, world } from "./renderer-harness/world.ts";

afterEach(() => cleanup());

async function show(start: World) {
  const bridge = new FakeBridge(start);
  const app = new AppState({ bridge, locale: "pt-BR", now: () => Date.now() });
  render(App, { app });
  await expect.poll(() => app.ready).toBe(true);
  return { app, bridge };
}
const calls = (bridge: FakeBridge, name: string) => bridge.calls.filter((call) => call.name === name);
const button = (name: string | RegExp) => screen.findByRole<HTMLButtonElement>("button", { name });

async function open(name: string) {
  const list = await screen.findByRole("list", { name: "Contatos" });
  await fireEvent.click(within(list).getByRole("button", { name: new RegExp(`^${name}`) }));
  return screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Mensagem" });
}

describe("signing out", () => {
  it("[W1] with a conversation open the sign-in screen comes, and after it an account again", async () => {
    const start = busyWorld();
    const { bridge, app } = await show(start);
    await open("Bruno");
    bridge.tell({ kind: "account:removed", account: ana });
    await screen.findByLabelText("Nome de usuário");
    const again = start.accounts[0];
    if (!again) throw new Error("there is an account in the busy world");
    bridge.tell({ kind: "account:added", account: again });
    bridge.tell({ kind: "window:shown", view: { kind: "account", account: ana } });
    await open("Bruno");
    expect(app.account?.id).toBe(ana);
    expect(screen.queryByLabelText("Nome de usuário")).toBeNull();
  });
});

describe("signing in", () => {
  const fill = async () => {
    await fireEvent.input(await screen.findByLabelText("Nome de usuário"), { target: { value: " Ana " } });
    await fireEvent.input(screen.getByLabelText("Senha"), { target: { value: "uma frase longa" } });
  };

  it.each([
    { there: "an account here, with its relay", accounts: [account()], act: "Entrar", mode: "password" },
    { there: "none, with the default relay", accounts: [], act: "Criar conta", mode: "register" },
  ])("[W4] the fields go to the main process as typed; with $there", async ({ accounts, act, mode }) => {
    const { bridge } = await show(world({ accounts }));
    await fill();
    await fireEvent.click(await button(act));
    await expect.poll(() => calls(bridge, "account:sign-in")).toHaveLength(1);
    expect(calls(bridge, "account:sign-in")[0]?.params).toEqual({
      relay: accounts[0]?.relay ?? "http://127.0.0.1:4567",
      name: "Ana",
      password: "uma frase longa",
      mode,
    });
  });

  it("[W4] a refusal is a sentence at its field, and the focus goes there", async () => {
    await show(world({ accounts: [account()], refuse: { "account:sign-in": "credentials-invalid" } }));
    await fill();
    await fireEvent.click(await button("Entrar"));
    await screen.findByText(/O nome ou a senha não conferem/);
    await expect.poll(() => document.activeElement).toBe(screen.getByLabelText("Senha"));
    expect(screen.getByLabelText("Senha").getAttribute("aria-invalid")).toBe("true");
  });

  it("[L2] a link pasted into any field asks its question instead; anything else is pasted", async () => {
    const { bridge } = await show(world({ accounts: [] }));
    const paste = async (text: string) => {
      const data = { getData: () => text };
      return await fireEvent.paste(screen.getByLabelText("Relay"), { clipboardData: data });
    };
    const link = "recado://join?relay=https%3A%2F%2Frecado.example.org&invite=Ab3";
    expect(await paste(` ${link}\n`)).toBe(false);
    await expect.poll(() => calls(bridge, "link:paste")).toHaveLength(1);
    expect(calls(bridge, "link:paste")[0]?.params).toEqual({ text: link });
    expect(await paste("recado.example.org")).toBe(true);
    expect(calls(bridge, "link:paste")).toHaveLength(1);
  });

  it("[W4] a relay that wants an invite makes the field appear", async () => {
    await show(world({ accounts: [account()], refuse: { "account:sign-in": "invite-needed" } }));
    await fireEvent.click(await button("Criar conta"));
    await fill();
    expect(screen.queryByLabelText("Código de convite")).toBeNull();
    await fireEvent.click(await button("Criar conta"));
    const invite = await screen.findByLabelText("Código de convite");
    await expect.poll(() => document.activeElement).toBe(invite);
    screen.getByText(/só aceita contas novas com um convite/);
    await fireEvent.input(invite, { target: { value: "abc" } });
    await fireEvent.click(await button("Criar conta"));
    await screen.findByText(/Este código não abre este relay/);
  });

  it("[W4] a short password is refused before anything is sent, when an account is made", async () => {
    const { bridge } = await show(world({ accounts: [account()] }));
    await fireEvent.click(await button("Criar conta"));
    await fill();
    await fireEvent.input(screen.getByLabelText("Senha"), { target: { value: "1234567" } });
    await fireEvent.click(await button("Criar conta"));
    await screen.findByText("A senha precisa de pelo menos 8 caracteres.");
    expect(calls(bridge, "account:sign-in")).toEqual([]);
  });

  it("[W4] on a computer without accounts it begins with making one", async () => {
    const { bridge } = await show(world());
    await fill();
    await fireEvent.click(await button("Criar conta"));
    await expect.poll(() => calls(bridge, "account:sign-in")).toHaveLength(1);
    expect(calls(bridge, "account:sign-in")[0]?.params).toMatchObject({ mode: "register" });
  });

  it("[W4] pressed twice, it is asked once", async () => {
    const { bridge } = await show(world({ accounts: [account()], silent: ["account:sign-in"] }));
    await fill();
    await fireEvent.click(await button("Entrar"));
    await fireEvent.click(await button("Entrando…"));
    expect(calls(bridge, "account:sign-in")).toHaveLength(1);
  });
});

describe("writing", () => {
  it("[W9] Enter sends; Shift+Enter and an Enter of an input method do not", async () => {
    const { bridge } = await show(busyWorld());
    const field = await open("Bruno");
    await fireEvent.input(field, { target: { value: "olá" } });
    await fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
    await fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    expect(calls(bridge, "message:write")).toEqual([]);
    await fireEvent.keyDown(field, { key: "Enter" });
    await expect.poll(() => calls(bridge, "message:write")).toHaveLength(1);
    expect(calls(bridge, "message:write")[0]?.params).toEqual({ account: ana, name: "bruno", body: "olá" });
    await expect.poll(() => field.value).toBe("");
    const log = screen.getByRole("log", { name: "Conversa com Bruno" });
    await within(log).findByText("olá");
  });

  it("[W3] the slip stands in the log while something waits, and goes with it", async () => {
    const { bridge } = await show(busyWorld());
    await open("Bruno");
    const log = screen.getByRole("log");
    await within(log).findByText("3 mensagens guardadas para Bruno desde 14:02");
    const bruno = bridge.world.accounts[0]?.contacts.find((one) => one.key === "bruno");
    if (!bruno) throw new Error("no Bruno");
    const { waiting, ...delivered } = bruno;
    expect(waiting?.count).toBe(3);
    bridge.tell({ kind: "contacts:changed", account: ana, contacts: [delivered] });
    await expect.poll(() => within(log).queryByText(/guardadas para Bruno/)).toBeNull();
  });

  it("[W3] every message has its sender, text, time and status as its name", async () => {
    await show(busyWorld());
    await open("Bruno");
    const article = await screen.findByRole("article", { name: /^Você: Mando sim\./ });
    expect(article.getAttribute("aria-label")).toMatch(/13:59, lida$/);
  });

  it("[W9] a refused message says why and can be sent again", async () => {
    const error = { code: "unknown-name", message: "", retryable: false } as const;
    const refused = message(1, { mine: true, body: "ei", status: "refused", refusal: error });
    const { bridge } = await show(busyWorld({ messages: { bruno: [refused] } }));
    await open("Bruno");
    await screen.findByText(/recusada\. Ninguém se chama Bruno/);
    await fireEvent.click(await button("Reenviar"));
    expect(calls(bridge, "message:resend")[0]?.params).toEqual({ account: ana, id: refused.id });
  });
});

describe("what was seen", () => {
  it("[W8] nothing is told as shown while the window is not looked at", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const { bridge } = await show(busyWorld());
    await open("Clara");
    await screen.findByText("Novas mensagens");
    expect(calls(bridge, "message:shown")).toEqual([]);
    focus.mockReturnValue(true);
    await fireEvent.focus(window);
    await expect.poll(() => calls(bridge, "message:shown").length).toBeGreaterThan(0);
    focus.mockRestore();
  });
});

describe("people", () => {
  it("[W6] contacts are buttons named by name, presence and unread, and are found by typing", async () => {
    const { app } = await show(busyWorld());
    const list = await screen.findByRole("list", { name: "Contatos" });
    within(list).getByRole("button", { name: "Clara, online, 66 mensagens não lidas" });
    await fireEvent.click(await button("Buscar contato"));
    const field = await screen.findByRole("combobox", { name: "Nome da pessoa" });
    await fireEvent.input(field, { target: { value: "joao" } });
    await expect.poll(() => screen.getAllByRole("option").length).toBe(1);
    await fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByRole("heading", { name: "João" });
    expect(app.overlay).toBe("none");
  });

  it("[W6] Ctrl+K leads to a conversation of any account, unread first, by keys alone", async () => {
    const other = account({
      account: "6f1c1f0e-8d55-4a0e-9d3a-1d2d6c1b7a02" as AccountId,
      name: "Ana-trabalho",
      contacts: [contact("Chefe", { unread: 1 })],
    });
    const { app } = await show(busyWorld({ accounts: [...busyWorld().accounts, other] }));
    await open("Bruno");
    await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
    const field = await screen.findByRole("combobox");
    const options = () => screen.getAllByRole("option").map((option) => option.getAttribute("aria-label") ?? "");
    expect(options()[0]).toMatch(/^Clara, online, 66/);
    expect(options()[1]).toMatch(/^Chefe, .*Ana-trabalho/);
    expect(options().at(-1)).toMatch(/^Bruno/);
    await fireEvent.keyDown(field, { key: "ArrowDown" });
    expect(field.getAttribute("aria-activedescendant")).toBe(screen.getAllByRole("option")[1]?.id);
    await fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByRole("heading", { name: "Chefe" });
    expect(app.account?.facts.name).toBe("Ana-trabalho");
  });

  it("[W6] of two with one name the one of the open account comes first, whoever wrote last", async () => {
    const other = account({
      account: "6f1c1f0e-8d55-4a0e-9d3a-1d2d6c1b7a02" as AccountId,
      name: "Ana-trabalho",
      contacts: [contact("Bruno", { last: { body: "oi", mine: false, at: Date.now(), status: "accepted" } })],
    });
    await show(busyWorld({ accounts: [...busyWorld().accounts, other] }));
    await screen.findByRole("list", { name: "Contatos" });
    await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
    await fireEvent.input(await screen.findByRole("combobox"), { target: { value: "bruno" } });
    const options = screen.getAllByRole("option").map((option) => option.getAttribute("aria-label") ?? "");
    expect(options).toHaveLength(2);
    expect(options[0]).not.toMatch(/Ana-trabalho/);
  });

  it("[W11] each key of the sheet does what the sheet says", async () => {
    const { app, bridge } = await show(busyWorld());
    await open("Bruno");
    const press = (key: string, modifiers = {}) => fireEvent.keyDown(window, { key, ...modifiers });
    const chosen = () => app.account?.chosen?.name;
    await press("ArrowDown", { altKey: true, shiftKey: true });
    expect(chosen()).toBe("Clara");
    await press("ArrowDown", { altKey: true });
    expect(chosen()).toBe("Elis");
    await press("ArrowUp", { altKey: true });
    expect(chosen()).toBe("Clara");
    await press("i", { ctrlKey: true });
    await screen.findByRole("dialog", { name: "Detalhes de Clara" });
    await fireEvent.click(await button("Fechar"));
    await press("F1");
    const sheet = within(await screen.findByRole("dialog", { name: "Atalhos do teclado" }));
    sheet.getByText("Próxima não lida");
    await fireEvent.click(await button("Fechar"));
    await press("O", { ctrlKey: true, shiftKey: true });
    await expect.poll(() => calls(bridge, "presence:set")).toHaveLength(1);
    await press("n", { ctrlKey: true });
    expect(calls(bridge, "window:open")).toHaveLength(1);
  });

  it("[W10] a contact is renamed, muted and marked in its details; the name itself stays in sight", async () => {
    const { bridge } = await show(busyWorld());
    await open("João");
    await fireEvent.keyDown(window, { key: "i", ctrlKey: true });
    const dialog = within(await screen.findByRole("dialog", { name: "Detalhes de João" }));
    await fireEvent.input(dialog.getByLabelText("Apelido"), { target: { value: "Seu João" } });
    await fireEvent.click(dialog.getByRole("button", { name: "Salvar" }));
    await screen.findByRole("dialog", { name: "Detalhes de Seu João" });
    await fireEvent.click(dialog.getByRole("switch", { name: /^Silenciar/ }));
    expect(calls(bridge, "contact:note").map((call) => call.params)).toEqual([
      { account: ana, name: "joão", alias: "Seu João" },
      { account: ana, name: "joão", muted: true },
    ]);
    dialog.getByText("João em casa.local:4567");
    await fireEvent.click(dialog.getByRole("button", { name: "Fechar" }));
    const list = within(screen.getByRole("list", { name: "Contatos" }));
    list.getByRole("button", { name: "Seu João, offline, nome de usuário João, silenciado" });
  });

  it("[W3] what waits for whom is in one place, with who has waited longest first", async () => {
    await show(busyWorld());
    await fireEvent.click(await button("3 mensagens esperam por 1 pessoa"));
    const dialog = within(await screen.findByRole("dialog", { name: "O que espera" }));
    dialog.getByText("3 mensagens guardadas no relay desde 14:02, até a pessoa voltar");
    await fireEvent.click(dialog.getByRole("button", { name: /^Bruno/ }));
    await screen.findByRole("heading", { name: "Bruno" });
  });

  it("[W6] a new request and a refusal are read aloud once", async () => {
    const { app, bridge } = await show(busyWorld());
    const davi = { ...contact("Eva"), state: "requested", presence: "offline" } as const;
    bridge.tell({ kind: "contacts:changed", account: ana, contacts: [davi] });
    expect(app.announcer.lines.join("")).toBe("Eva quer ser seu contato");
    bridge.tell({ kind: "contacts:changed", account: ana, contacts: [{ ...davi, unread: 1 }] });
    expect(app.announcer.lines.join("")).toBe("Eva quer ser seu contato");
    const refusal = { code: "unknown-name", message: "", retryable: false } as const;
    const refused = message(9, { mine: true, status: "refused", refusal });
    bridge.tell({ kind: "messages:changed", account: ana, messages: [refused] });
    expect(app.announcer.lines.join("")).toMatch(/^recusada\. Ninguém se chama Bruno/);
  });

  it("[W6] a request is accepted, declined, or blocked after a question", async () => {
    const { bridge } = await show(busyWorld());
    const request = within(await screen.findByRole("group", { name: "Davi quer ser seu contato" }));
    await fireEvent.click(request.getByRole("button", { name: "Bloquear" }));
    expect(calls(bridge, "contact:block")).toEqual([]);
    const question = within(await screen.findByRole("dialog", { name: "Bloquear Davi?" }));
    await fireEvent.click(question.getByRole("button", { name: "Cancelar" }));
    await fireEvent.click(request.getByRole("button", { name: "Aceitar" }));
    expect(calls(bridge, "contact:add")[0]?.params).toEqual({ account: ana, name: "Davi" });
    await expect.poll(() => screen.queryByText("Davi quer ser seu contato")).toBeNull();
  });

  it("[W6] a contact is added by name; a refusal is said in the dialog", async () => {
    const { bridge } = await show(busyWorld({ refuse: { "contact:add": "unknown-name" } }));
    await fireEvent.click(await button("Adicionar contato"));
    const dialog = within(await screen.findByRole("dialog", { name: "Adicionar contato" }));
    await fireEvent.input(dialog.getByLabelText("Nome do contato"), { target: { value: "Ninguem" } });
    await fireEvent.click(dialog.getByRole("button", { name: "Adicionar" }));
    await dialog.findByText(/Ninguém se chama Ninguem/);
    bridge.world.refuse = {};
    await fireEvent.click(dialog.getByRole("button", { name: "Adicionar" }));
    await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
    await screen.findByRole("heading", { name: "Ninguem" });
  });

  it("[W6] removing asks first, and only the chosen contact can be removed", async () => {
    const { bridge } = await show(busyWorld());
    expect((await button("Remover contato")).disabled).toBe(true);
    await open("Bruno");
    await fireEvent.click(await button("Remover contato"));
    const dialog = within(await screen.findByRole("dialog", { name: "Remover Bruno dos contatos?" }));
    expect(calls(bridge, "contact:remove")).toEqual([]);
    await fireEvent.click(dialog.getByRole("button", { name: "Remover" }));
    await screen.findByText(/Bruno não está mais nos seus contatos/);
    expect(screen.queryByRole("textbox", { name: "Mensagem" })).toBeNull();
  });
});

describe("connection and preferences", () => {
  it("[W5] going offline is one button, and the bar says so", async () => {
    const { bridge } = await show(busyWorld());
    await fireEvent.click(await button("Ficar offline"));
    const bar = within(await screen.findByRole("region", { name: "Conexão" }));
    await bar.findByText("Você está offline.");
    await fireEvent.click(await button("Ficar online"));
    await expect.poll(() => bar.queryByText("Você está offline.")).toBeNull();
    expect(calls(bridge, "presence:set").map((call) => call.params)).toEqual([
      { account: ana, presence: "offline" },
      { account: ana, presence: "online" },
    ]);
  });

  it("[W5] a revoked session asks for the password and says a refusal", async () => {
    const ended = account({ connection: { kind: "ended", reason: "revoked" } });
    const { bridge } = await show(
      world({ accounts: [ended], shown: ana, refuse: { "account:resume": "credentials-invalid" } }),
    );
    await fireEvent.input(await screen.findByLabelText("Senha"), { target: { value: "segredo" } });
    await fireEvent.click(await button("Entrar de novo"));
    await screen.findByText(/não conferem/);
    expect(calls(bridge, "account:resume")[0]?.params).toEqual({ account: ana, password: "segredo" });
    bridge.tell({ kind: "account:changed", account: factsOf(account()) });
    await expect.poll(() => screen.queryByLabelText("Senha")).toBeNull();
  });

  it("[W4] the language changes live, and the page says which one it is in", async () => {
    const { bridge } = await show(busyWorld());
    await open("Bruno");
    bridge.tell({ kind: "preferences:changed", preferences: { ...usual, locale: "en", theme: "dark" } });
    await screen.findByRole("textbox", { name: "Message" });
    await button("Go offline");
    expect(document.documentElement.lang).toBe("en");
    expect(document.documentElement.dataset["theme"]).toBe("dark");
  });
});
