import { readdir, readFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { launch } from "./e2e-electron.ts";
import { password, Person } from "./e2e-person.ts";
import { startKeyring } from "./keyring.ts";
import { startRelay } from "./relay-process.ts";

test("[G4] where the system has a key store, who signed in once stays signed in, and the folder holds no readable token", async () => {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), "recado-kept-"));
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const keyring = await startKeyring();
    opened.push(() => keyring.close());
    const relay = await startRelay({ args: ["--limits", "none"] });
    opened.push(() => relay.close());
    const options = { userDataDir: folder, env: keyring.env, args: ["--password-store=gnome-libsecret"] };

    const first = await launch(options);
    opened.push(() => first.quit());
    const ana = new Person(first.window, "Ana");
    await ana.register(relay.url);
    expect(await first.window.getByText(/no key store/).count()).toBe(0);
    await first.quit();

    const second = await launch(options);
    opened.push(() => second.quit());
    await new Person(second.window, "Ana").isOnline(); // nothing was asked

    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const entry of files) {
      const content = await readFile(path.join(entry.parentPath, entry.name));
      expect(content.includes(password), entry.name).toBe(false);
    }
    expect(files.some((entry) => entry.name === "token")).toBe(true);
  } finally {
    for (const close of opened.reverse()) await close();
  }
});
