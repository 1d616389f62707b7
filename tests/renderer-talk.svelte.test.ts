import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import App from "../renderer/App.svelte";
import { AppState } from "../renderer/app-state.svelte.ts";
import { mountedMost } from "../renderer/mounted.svelte.ts";
import { FakeBridge, type World } from "./renderer-harness/fake-bridge.ts";
import { account, ana, busyWorld, contact, message, world } from "./renderer-harness/world.ts";

afterEach(() => cleanup());

async function show(start: World) {
  const bridge = new FakeBridge(start);
  const app = new AppState({ bridge, locale: "pt-BR", now: () => Date.now() });
  render(App, { app });
  await expect.poll(() => app.ready).toBe(true);
  return { app, bridge };
}
const calls = (bridge: FakeBridge, name: string) => bridge.calls.filter((call) => call.name === name);

async function open(name: string) {
  const list = await screen.findByRole("list", { name: "Contatos" });
  await fireEvent.click(within(list).getByRole("button", { name: new RegExp(`^${name}`) }));
  return screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Mensagem" });
}

const log = (count: number) => Array.from({ length: count }, (_, index) => message(index + 1));
const withBruno = (messages: ReturnType<typeof log>, draft?: string): World =>
  world({
    accounts: [account({ contacts: [contact("Bruno", draft === undefined ? {} : { draft })] })],
    shown: ana,
    messages: { bruno: messages },
  });

async function state(start: World) {
  const bridge = new FakeBridge(start);
  const app = new AppState({ bridge, locale: "en", now: () => Date.now() });
  app.start();
  await expect.poll(() => app.ready).toBe(true);
  const shown = app.account;
  if (!shown) throw new Error("the scenario shows no account");
  return { bridge, shown, conversation: shown.conversationWith("bruno") };
}

describe("a place far up in the history", () => {
  it("[W20] is shown with its neighbours, and the way to either end is whole", async () => {
    const { shown, conversation } = await state(withBruno(log(1_000)));
    shown.choose("bruno");
    await expect.poll(() => conversation.phase.kind).toBe("ready");
    shown.showMessage("bruno", 300);
    await expect.poll(() => conversation.aim).toEqual({ at: 300 });
    expect(conversation.marked).toBe(300);
    expect(conversation.mounted.some((one) => one.position === 300)).toBe(true);
    expect(conversation.atNewest).toBe(false);
    for (let page = 0; page < 40; page++) await conversation.newer();
    expect(conversation.atNewest).toBe(true);
    expect(conversation.mounted.at(-1)?.position).toBe(1_000);
    for (let page = 0; page < 40; page++) await conversation.older();
    const held = conversation.messages.map((one) => one.position);
    expect(held).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });

  it("[W20] what comes meanwhile makes no hole, and the end is there on the way back", async () => {
    const { bridge, shown, conversation } = await state(withBruno(log(1_000)));
    shown.showMessage("bruno", 300);
    await expect.poll(() => conversation.marked).toBe(300);
    const fresh = message(1_001, { unread: true });
    bridge.world.messages["bruno"]?.push(fresh);
    bridge.tell({ kind: "messages:stored", account: ana, messages: [fresh] });
    expect(conversation.messages.some((one) => one.position === 1_001)).toBe(false);
    await conversation.toNewest();
    expect(conversation.mounted.at(-1)?.position).toBe(1_001);
  });

  it("[W9] writing from there leads to the end", async () => {
    const { shown, conversation } = await state(withBruno(log(1_000)));
    shown.showMessage("bruno", 300);
    await expect.poll(() => conversation.marked).toBe(300);
    conversation.draft.text = "daqui";
    await conversation.send();
    expect(conversation.atNewest).toBe(true);
    expect(conversation.messages.at(-1)?.body).toBe("daqui");
    expect(conversation.messages.filter((one) => one.body === "daqui")).toHaveLength(1);
  });
});

describe("a draft", () => {
  it("[W9] is there at the start, is kept when the hands rest, and another window's arrives", async () => {
    const { bridge, conversation } = await state(withBruno(log(2), "> antes\nquase"));
    expect([conversation.draft.quote, conversation.draft.text]).toEqual(["antes", "quase"]);
    conversation.draft.text = "quase tudo";
    await expect.poll(() => calls(bridge, "draft:keep")).toHaveLength(1);
    expect(calls(bridge, "draft:keep")[0]?.params).toEqual({
      account: ana,
      name: "bruno",
      draft: "> antes\nquase tudo",
    });
    const elsewhere = contact("Bruno", { draft: "de outra janela" });
    await expect
      .poll(() => {
        bridge.tell({ kind: "contacts:changed", account: ana, contacts: [elsewhere] });
        return conversation.draft.text;
      })
      .toBe("de outra janela");
    conversation.draft.text = "daqui";
    bridge.tell({ kind: "contacts:changed", account: ana, contacts: [elsewhere] });
    expect(conversation.draft.text).toBe("daqui");
  });

  it("[W9] does not come back after it was sent", async () => {
    const { bridge, conversation } = await state(withBruno(log(2)));
    await conversation.open();
    conversation.draft.text = "vai";
    await conversation.send();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(calls(bridge, "draft:keep")).toEqual([]);
    expect(conversation.draft.text).toBe("");
  });
});

describe("searching", () => {
  it("[W20] by keyboard alone: opened, walked through, chosen; the message is in its place with the focus on it", async () => {
    const { bridge } = await show(busyWorld());
    await open("Bruno");
    await fireEvent.keyDown(window, { key: "f", ctrlKey: true, shiftKey: true });
    const field = await screen.findByRole("combobox", { name: "Buscar por" });
    await expect.poll(() => document.activeElement).toBe(field);
    await fireEvent.input(field, { target: { value: "número 7" } });
    const found = within(await screen.findByRole("listbox", { name: "Mensagens encontradas" }));
    await expect.poll(() => found.queryAllByRole("option").length).toBeGreaterThan(2);
    expect(screen.getAllByText("número 7")[0]?.tagName).toBe("MARK");
    await fireEvent.keyDown(field, { key: "ArrowDown" });
    const chosen = found.getAllByRole("option")[1];
    expect(chosen?.getAttribute("aria-selected")).toBe("true");
    expect(field.getAttribute("aria-activedescendant")).toBe(chosen?.id);
    await fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByRole("log", { name: "Conversa com Clara" });
    await expect.poll(() => document.activeElement?.getAttribute("data-position")).toBe("798");
    expect(screen.queryByRole("search")).toBeNull();
    expect(calls(bridge, "message:search").at(-1)?.params).toEqual({ account: ana, query: "número 7", limit: 15 });
  });

  it("[W20] in one conversation; nothing found is said; Escape gives the field back", async () => {
    const { bridge } = await show(busyWorld());
    const composer = await open("Bruno");
    await fireEvent.click(screen.getByRole("button", { name: "Buscar nesta conversa" }));
    const field = await screen.findByRole("combobox", { name: "Buscar por" });
    await fireEvent.input(field, { target: { value: "inexistente" } });
    await screen.findByText("Nenhuma mensagem com “inexistente”.");
    expect(calls(bridge, "message:search").at(-1)?.params).toMatchObject({ name: "bruno" });
    await fireEvent.keyDown(field, { key: "Escape" });
    await expect.poll(() => screen.queryByRole("search")).toBeNull();
    await expect.poll(() => document.activeElement).toBe(composer);
  });
});

describe("a message's actions", () => {
  it("[W21] are reached by keyboard, and replying quotes", async () => {
    const { bridge } = await show(busyWorld());
    const field = await open("Bruno");
    const article = await screen.findByRole("article", { name: /lista de material/ });
    article.focus();
    await fireEvent.focusIn(article);
    await fireEvent.keyDown(article, { key: "Enter" });
    const toolbar = within(await screen.findByRole("toolbar", { name: "Ações da mensagem" }));
    const reply = toolbar.getByRole("button", { name: "Responder" });
    expect(document.activeElement === reply || article.contains(document.activeElement)).toBe(true);
    toolbar.getByRole("button", { name: "Copiar" });
    await fireEvent.click(reply);
    await screen.findByText("Respondendo a:");
    await expect.poll(() => document.activeElement).toBe(field);
    await fireEvent.input(field, { target: { value: "mando" } });
    await fireEvent.keyDown(field, { key: "Enter" });
    await expect.poll(() => calls(bridge, "message:write")).toHaveLength(1);
    expect(calls(bridge, "message:write")[0]?.params).toMatchObject({
      body: "> Consegue me mandar a lista de material até as três?\nmando",
    });
    await screen.findByRole("article", { name: /Você: respondendo a “Consegue .*”: mando/ });
    await fireEvent.click(await screen.findByRole("button", { name: /^Citação, Bruno: Consegue/ }));
    await expect.poll(() => document.activeElement?.getAttribute("data-position")).toBe("3");
  });

  it("[W21] deleting asks, says that it is for here only, and the message goes", async () => {
    const { bridge } = await show(busyWorld());
    await open("Bruno");
    const article = await screen.findByRole("article", { name: /Mando sim/ });
    await fireEvent.keyDown(article, { key: "Delete" });
    const dialog = within(await screen.findByRole("dialog", { name: "Apagar esta mensagem daqui?" }));
    dialog.getByText(/só neste computador/);
    expect(calls(bridge, "message:delete")).toEqual([]);
    await fireEvent.click(dialog.getByRole("button", { name: "Apagar daqui" }));
    await expect.poll(() => calls(bridge, "message:delete")).toHaveLength(1);
    await expect.poll(() => screen.queryByRole("article", { name: /Mando sim/ })).toBeNull();
  });

  it.each([
    ["reply", () => screen.findByText("Respondendo a:")],
    ["remove", () => screen.findByRole("dialog", { name: "Apagar esta mensagem daqui?" })],
  ] as const)("[W21] the right button offers the same: %s", async (chosen, seen) => {
    const { bridge } = await show(busyWorld({ chosen }));
    await open("Bruno");
    const article = await screen.findByRole("article", { name: /Mando sim/ });
    expect(await fireEvent.contextMenu(article)).toBe(false);
    await seen();
    expect(calls(bridge, "message:menu").map(({ params }) => params)).toEqual([{ answerable: true }]);
  });

  it("[W22] a link is handed to the main process, and the page stays", async () => {
    const body = "veja https://recado.example.org/um";
    const { bridge } = await show(busyWorld({ messages: { bruno: [message(1, { body })] } }));
    await open("Bruno");
    const link = await screen.findByRole("link", { name: "https://recado.example.org/um" });
    const went = await fireEvent.click(link);
    expect(went).toBe(false);
    expect(calls(bridge, "link:open")[0]?.params).toEqual({ url: "https://recado.example.org/um" });
  });
});

describe("a long run", () => {
  it("[W2] rows stay the same ones while the oldest leave the page", async () => {
    const { bridge } = await show(busyWorld());
    await open("Bruno");
    const log = screen.getByRole("log");
    const tell = (from: number, to: number) =>
      bridge.tell({
        kind: "messages:stored",
        account: ana,
        messages: Array.from({ length: to - from }, (_, at) => message(from + at, { body: `n${from + at}` })),
      });
    tell(1_000, 1_000 + mountedMost);
    await within(log).findByText(`n${1_000 + mountedMost - 1}`);
    const rows = new Set(within(log).getAllByRole("article"));
    tell(2_000, 2_005);
    await within(log).findByText("n2004");
    const fresh = within(log)
      .getAllByRole("article")
      .filter((row) => !rows.has(row));
    expect(within(log).queryByText("n1000")).toBeNull();
    expect(fresh.map((row) => row.dataset["position"])).toEqual(["2000", "2001", "2002", "2003", "2004"]);
  });
});

describe("the field", () => {
  it("an emoji is found by its name and put where the caret is", async () => {
    await show(busyWorld());
    const field = await open("Bruno");
    await fireEvent.input(field, { target: { value: "ab" } });
    field.setSelectionRange(1, 1);
    await fireEvent.click(screen.getByRole("button", { name: "Inserir emoji" }));
    const find = await screen.findByRole("searchbox", { name: "Buscar emoji" });
    await fireEvent.input(find, { target: { value: "luva de boxe" } });
    const cell = await screen.findByRole("button", { name: "luva de boxe" }, { timeout: 10_000 });
    await fireEvent.click(cell);
    await expect.poll(() => field.value).toBe("a🥊b");
    expect(screen.queryByRole("dialog", { name: "Emoji" })).toBeNull();
  });

  it("the typing sign is there while somebody types, and goes with their message", async () => {
    const { bridge } = await show(busyWorld());
    await open("Bruno");
    bridge.tell({ kind: "typing:told", account: ana, key: "bruno" });
    await screen.findByText("Bruno está escrevendo…");
    bridge.tell({ kind: "messages:stored", account: ana, messages: [message(99, { body: "pronto" })] });
    await expect.poll(() => screen.queryByText("Bruno está escrevendo…")).toBeNull();
  });

  it("[G6] who is offline by choice is shown nobody typing", async () => {
    const busy = busyWorld();
    const { bridge } = await show({
      ...busy,
      accounts: busy.accounts.map((one) => ({ ...one, wish: "offline" })),
    });
    await open("Bruno");
    bridge.tell({ kind: "typing:told", account: ana, key: "bruno" });
    bridge.tell({ kind: "messages:stored", account: ana, messages: [message(99, { body: "pronto", mine: true })] });
    await screen.findByText("pronto");
    expect(screen.queryByText("Bruno está escrevendo…")).toBeNull();
  });

  it("[G6] the sign goes with who goes offline", async () => {
    const { app, bridge } = await show(busyWorld());
    await open("Bruno");
    bridge.tell({ kind: "typing:told", account: ana, key: "bruno" });
    await screen.findByText("Bruno está escrevendo…");
    const facts = app.account?.facts;
    if (!facts) throw new Error("no account is shown");
    bridge.tell({ kind: "account:changed", account: { ...facts, wish: "offline" } });
    await expect.poll(() => screen.queryByText("Bruno está escrevendo…")).toBeNull();
  });
});
