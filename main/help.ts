import { app, dialog, shell } from "electron";
import { type Accounts } from "./accounts.ts";
import { sayDeliveryFacts } from "./delivery-facts.ts";
import { type MenuActions } from "./menu.ts";
import { type Words } from "./text.ts";

export interface HelpNeeds {
  readonly accounts: Accounts;
  readonly words: () => Words;
  readonly logs: string;
}

/** The help menu's windows. They are the system's: they work also when a page does not. */
export function helpOf({
  accounts,
  words,
  logs,
}: HelpNeeds): Pick<MenuActions, "deliveryFacts" | "openLogs" | "about"> {
  async function deliveryFacts(): Promise<void> {
    const { facts, ok } = words();
    const shown = accounts.all().map((account) => account.deliveryFacts());
    await dialog.showMessageBox({
      title: "Recado",
      message: facts.title,
      detail: sayDeliveryFacts(facts, shown),
      buttons: [ok],
      defaultId: 0,
      cancelId: 0,
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
