import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { handOver } from "./e2e-app.ts";
import { launch, type Desktop } from "./e2e-electron.ts";
import { Person } from "./e2e-person.ts";

const soon = { timeout: 20_000 };

/** The processes of a running drill, by what they are. */
const processesOf = ({ app }: Desktop): Promise<{ pid: number; name: string }[]> =>
  app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .map(({ pid, name }) => ({ pid, name: name ?? "" }))
      .filter(({ name }) => name.startsWith("Recado drill")),
  );

test("[D1] [D2] [D3] the drill in the help menu kills real processes, finds every message, and leaves nothing behind", async () => {
  const temp = await mkdtemp(path.join(tmpdir(), "recado-e2e-drill-"));
  handOver(temp);
  const desk = await launch({ env: { TMPDIR: temp } });
  const written = async () => (await readdir(temp)).filter((name) => name.startsWith("recado-drill-"));
  try {
    await new Person(desk.window, "Ana").speak();
    await desk.app.evaluate(({ Menu }) => {
      Menu.getApplicationMenu()?.getMenuItemById("drill")?.click();
    });
    const dialog = desk.window.getByRole("dialog", { name: "Does anything get lost?" });
    await dialog.getByRole("button", { name: "Start" }).click();
    await dialog.getByRole("progressbar").waitFor();

    const outcome = dialog.getByText("lost 0, doubled 0, out of order 0", { exact: true });
    const [relays, apps] = [new Set<number>(), new Set<number>()];
    await expect
      .poll(
        async () => {
          for (const { pid, name } of await processesOf(desk)) (name.endsWith("relay") ? relays : apps).add(pid);
          return dialog.getByRole("button", { name: "Once more" }).isVisible();
        },
        { timeout: 170_000, interval: 250 },
      )
      .toBe(true);
    expect(await outcome.isVisible(), await dialog.innerText()).toBe(true);
    // two kills and a planned restart; the drill's own process, two apps, and two kills of each
    expect(relays.size).toBeGreaterThanOrEqual(4);
    expect(apps.size).toBeGreaterThanOrEqual(7);
    await new Person(desk.window, "Ana").picture("drill-en");
    await dialog.getByRole("button", { name: "Copy the report" }).click();
    await dialog.getByText("The report is copied.").waitFor();
    expect(await desk.app.evaluate(({ clipboard }) => clipboard.readText())).toMatch(
      /8\. The relay and both apps are killed at once\.[^]*lost 0, doubled 0, out of order 0$/,
    );
    await expect.poll(() => processesOf(desk), soon).toEqual([]);
    await expect.poll(written, soon).toEqual([]);

    await dialog.getByRole("button", { name: "Once more" }).click();
    await expect.poll(async () => (await processesOf(desk)).length, soon).toBeGreaterThanOrEqual(2);
    expect(await written()).toHaveLength(1);
    await dialog.getByRole("button", { name: "Stop" }).click();
    await dialog.getByText("Stopped. Nothing of it is left.").waitFor();
    await expect.poll(() => processesOf(desk), soon).toEqual([]);
    await expect.poll(written, soon).toEqual([]);
    expect(existsSync(path.join(desk.userDataDir, "accounts"))).toBe(true);
    expect(await readdir(path.join(desk.userDataDir, "accounts"))).toEqual([]);
  } finally {
    await desk.close();
    await rm(temp, { recursive: true, force: true, maxRetries: 3 });
  }
});
