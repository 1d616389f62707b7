import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import App from "../renderer/App.svelte";
import { AppState } from "../renderer/app-state.svelte.ts";
import { type OpenedLink } from "../wire/ipc.ts";
import { type UpdateState } from "../wire/update.ts";
import { link } from "../wire/link.ts";
import { FakeBridge, type World } from "./renderer-harness/fake-bridge.ts";
import { busyWorld, world } from "./renderer-harness/world.ts";

afterEach(() => cleanup());

async function show(start: World) {
  const bridge = new FakeBridge(start);
  const app = new AppState({ bridge, locale: "pt-BR", now: () => Date.now() });
  render(App, { app });
  await expect.poll(() => app.ready).toBe(true);
  return { app, bridge };
}
const calls = (bridge: FakeBridge, name: string) => bridge.calls.filter((call) => call.name === name);
const button = (name: string) => screen.findByRole("button", { name });

describe("the bar of updates", () => {
  it("[U1] says nothing when there is nothing to say", async () => {
    await show(world());
    expect(screen.getByRole("region", { name: "Atualizações" }).textContent.trim()).toBe("");
  });

  it.each([
    [{ kind: "available", version: "1.2.3", way: "restart" }, "O Recado 1.2.3 chegou.", "Baixar", "update:download"],
    [
      { kind: "available", version: "1.2.3", way: "by-hand" },
      /não consegue se substituir/,
      "Abrir a página de download",
      "update:open-page",
    ],
    [
      { kind: "ready", version: "1.2.3", way: "password" },
      /senha de um administrador/,
      "Reiniciar e atualizar",
      "update:apply",
    ],
    [{ kind: "failed", reason: "damaged" }, /recusada e apagada/, "Tentar de novo", "update:check"],
    [{ kind: "off", reason: "administrator" }, /desligadas neste computador/, "Entendi", "update:dismiss"],
  ] satisfies [UpdateState, string | RegExp, string, string][])(
    "[U1] [U4] %j",
    async (update, sentence, press, call) => {
      const { bridge } = await show({ ...world(), update });
      const focus = document.activeElement;
      await screen.findByText(sentence);
      expect(document.activeElement).toBe(focus);
      await fireEvent.click(await button(press));
      expect(calls(bridge, call)).toHaveLength(1);
    },
  );

  it("[U1] shows progress as it comes", async () => {
    const { bridge } = await show(world());
    bridge.tell({ kind: "update:changed", update: { kind: "downloading", version: "1.2.3", percent: 41.7 } });
    await screen.findByText("Baixando o Recado 1.2.3: 41 %");
    expect(screen.getByRole<HTMLProgressElement>("progressbar").value).toBe(41.7);
  });
});

describe("the question of a link", () => {
  const asked = (said: unknown): OpenedLink => link.parse(said);
  const dialog = () => screen.findByRole("dialog");

  it("[L2] put away, nothing was done", async () => {
    const { bridge } = await show({
      ...busyWorld(),
      link: asked({ kind: "add", relay: "http://127.0.0.1:4567", name: "Zoe" }),
    });
    await fireEvent.click(within(await dialog()).getByRole("button", { name: "Cancelar" }));
    expect(calls(bridge, "contact:add")).toEqual([]);
    await expect.poll(() => calls(bridge, "link:answered")).toHaveLength(1);
  });

  it("[L2] an invite fills in the sign-in screen, and registers nobody", async () => {
    const { bridge } = await show({
      ...world(),
      link: asked({ kind: "join", relay: "https://recado.example.org", invite: "abc-DEF_1" }),
    });
    await fireEvent.click(within(await dialog()).getByRole("button", { name: "Continuar" }));
    await expect.poll(() => screen.queryByLabelText<HTMLInputElement>("Código de convite")?.value).toBe("abc-DEF_1");
    expect(screen.getByLabelText<HTMLInputElement>("Relay").value).toBe("https://recado.example.org");
    expect(calls(bridge, "account:sign-in")).toEqual([]);
  });

  it("[L2] who has no account on the relay is told so first", async () => {
    await show({ ...busyWorld(), link: asked({ kind: "add", relay: "http://relay.example:80", name: "Zoe" }) });
    await within(await dialog()).findByText(/ainda não tem conta/);
    await within(await dialog()).findByText(/não são cifradas/);
  });

  it("[L1] one that is none has nothing to press but the end", async () => {
    await show({ ...world(), link: { kind: "unknown" } });
    expect(
      within(await dialog())
        .getAllByRole("button")
        .map(({ textContent }) => textContent),
    ).toEqual(["Entendi"]);
  });
});
