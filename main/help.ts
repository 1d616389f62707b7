import { app, dialog, shell } from "electron";
import { type Accounts } from "./accounts.ts";
import { sayDeliveryFacts } from "./delivery-facts.ts";
import { type MenuActions } from "./menu.ts";
import { type Words } from "./text.ts";

export interface HelpNeeds {
  readonly accounts: Accounts;
  readonly words: () => Words;
  readonly logs: string;
  /** only where the sources are here: breaks a private relay and says what was lost */
  readonly drill: (() => Promise<string | undefined>) | undefined;
}

/** The help menu's windows. They are the system's: they work also when a page does not. */
export function helpOf({
  accounts,
  words,
  logs,
  drill,
}: HelpNeeds): Pick<MenuActions, "deliveryFacts" | "openLogs" | "about"> {
  async function deliveryFacts(): Promise<void> {
    const { facts, ok, runDrill, drillRunning, drillFailed } = words();
    const shown = accounts.all().map((account) => account.deliveryFacts());
    const { response } = await dialog.showMessageBox({
      title: "Recado",
      message: facts.title,
      detail: sayDeliveryFacts(facts, shown),
      buttons: drill ? [ok, runDrill] : [ok],
      defaultId: 0,
      cancelId: 0,
    });
    if (response !== 1 || !drill) return;
    const running = drill();
    await dialog.showMessageBox({ title: "Recado", message: runDrill, detail: drillRunning, buttons: [ok] });
    const said = await running;
    await dialog.showMessageBox({
      type: said === undefined ? "warning" : "info",
      title: "Recado",
      message: runDrill,
      detail: said ?? drillFailed,
      buttons: [ok],
    });
  }
  return {
    deliveryFacts: () => void deliveryFacts(),
    openLogs: () => void shell.openPath(logs),
    about: () => {
      const runtime = `Electron ${process.versions.electron} · Chromium ${process.versions.chrome}`;
      void dialog.showMessageBox({
        title: "Recado",
        message: "Recado",
        detail: words().aboutText(app.getVersion(), runtime),
        buttons: [words().ok],
      });
    },
  };
}
