import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import App from "../renderer/App.svelte";
import { AppState } from "../renderer/app-state.svelte.ts";
import type { DrillReport } from "../wire/drill.ts";
import { FakeBridge } from "./renderer-harness/fake-bridge.ts";
import { world } from "./renderer-harness/world.ts";

afterEach(() => cleanup());

const report: DrillReport = {
  done: [
    { step: "cut-connections", written: 41 },
    { step: "kill-relay", written: 103 },
  ],
  ...{ written: 681, shown: 681, lost: 0, doubled: 0, disordered: 0, otherwise: 0, findings: [], tookMs: 28_000 },
};

async function open() {
  const bridge = new FakeBridge(world());
  const app = new AppState({ bridge, locale: "pt-BR", now: () => Date.now() });
  render(App, { app });
  await expect.poll(() => app.ready).toBe(true);
  bridge.tell({ kind: "window:command", command: "drill" });
  const dialog = await screen.findByRole("dialog", { name: "Alguma coisa se perde?" });
  const button = (name: string) => within(dialog).findByRole("button", { name });
  const asked = (name: string) => bridge.calls.filter((call) => call.name === name).length;
  return { bridge, dialog, button, asked };
}

describe("the drill in a window", () => {
  it("[D3] says what will happen and does nothing before the click", async () => {
    const { dialog, asked } = await open();
    within(dialog).getByText(/não toca nas suas contas/);
    expect(asked("drill:start")).toBe(0);
  });

  it("[D2] shows each step as it happens, reads it aloud inside the dialog, and keeps the focus there", async () => {
    const { bridge, dialog, button } = await open();
    await fireEvent.click(await button("Começar"));
    await expect.poll(() => document.activeElement?.textContent).toBe("Parar");
    const done = report.done.slice(0, 1);
    bridge.tell({ kind: "drill:changed", drill: { kind: "running", done, now: "kill-relay" } });
    await expect.poll(() => within(dialog).getByRole("status").textContent).toMatch(/^3 de 10: O relay é derrubado/);
    const current = within(dialog)
      .getAllByRole("listitem")
      .filter((item) => item.getAttribute("aria-current") === "step");
    expect(current.map(({ textContent }) => textContent.trim())).toEqual([
      "O relay é derrubado, como numa queda de luz, e volta.",
    ]);
    within(dialog).getByText("41 mensagens enquanto isso.");
    expect(within(dialog).getByRole<HTMLProgressElement>("progressbar").value).toBe(2);
  });

  it("[D2] ends with the three numbers, which can be copied with what was done", async () => {
    const copied = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    const { bridge, dialog, button } = await open();
    bridge.tell({ kind: "drill:changed", drill: { kind: "ended", report } });
    await within(dialog).findByText("perdidas 0, duplicadas 0, fora de ordem 0");
    await fireEvent.click(await button("Copiar o relatório"));
    await within(dialog).findByText("O relatório foi copiado.");
    expect(copied.mock.calls[0]?.[0]).toMatch(
      /2\. O relay é derrubado, .+ 103 mensagens[^]*perdidas 0, duplicadas 0, fora de ordem 0$/,
    );
    copied.mockRestore();
  });

  it("[D2] says what was lost, and asks to report it", async () => {
    const { bridge, dialog } = await open();
    const found = "[G1] ana/ana/bia/7 was accepted and is not shown on bia";
    const bad = { ...report, shown: 679, lost: 2, findings: [found] };
    bridge.tell({ kind: "drill:changed", drill: { kind: "ended", report: bad } });
    await within(dialog).findByText("perdidas 2, duplicadas 0, fora de ordem 0");
    within(dialog).getByText("Algo não saiu como devia.");
    within(dialog).getByText(found);
    within(dialog).getByText(/mande o relatório inteiro/);
  });

  it("[D3] can be stopped, and closing it stops it too", async () => {
    const { bridge, dialog, button, asked } = await open();
    await fireEvent.click(await button("Começar"));
    await fireEvent.click(await button("Parar"));
    await expect.poll(() => asked("drill:stop")).toBe(1);
    await within(dialog).findByText("Parado. Não ficou nada para trás.");
    await fireEvent.click(await button("Começar"));
    await button("Parar");
    expect(bridge.world.drill?.kind).toBe("running");
    (dialog as HTMLDialogElement).close();
    await expect.poll(() => asked("drill:stop")).toBe(2);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("[D2] one that could not be done says that nothing is said about messages", async () => {
    const { bridge, dialog } = await open();
    bridge.tell({ kind: "drill:changed", drill: { kind: "failed", reason: "The relay ended with 1: no room" } });
    await within(dialog).findByText(/não diz nada sobre as suas mensagens/, { selector: ".problem" });
    within(dialog).getByText("The relay ended with 1: no room");
  });
});
