import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, vi } from "vitest";
import { type Account } from "../main/account.ts";
import { Accounts } from "../main/accounts.ts";
import { systemClock } from "../main/clock.ts";
import { type Facts, type Log } from "../main/log.ts";
import { Secrets, type Vault } from "../main/secrets.ts";
import { type AppEvent } from "../wire/ipc.ts";

export const password = "correct horse battery 9!";

/** a key store that a test can look into */
export const openVault: Vault = {
  available: () => true,
  encrypt: (text) => Buffer.from(text.split("").reverse().join("")),
  decrypt: (sealed) => sealed.toString().split("").reverse().join(""),
};

export interface Line {
  readonly level: string;
  readonly msg: string;
  readonly facts: Facts;
}

/** The main process without Electron: accounts in a folder of their own, and everything that windows would hear. */
export class AppDesk {
  readonly folder = mkdtempSync(path.join(tmpdir(), "recado-desk-"));
  readonly events: AppEvent[] = [];
  readonly lines: Line[] = [];
  accounts: Accounts;

  constructor(readonly vault: Vault = openVault) {
    this.accounts = this.#build();
  }

  /** Registers (or signs in) and waits until it takes delivery. */
  async signIn(relay: string, name: string, mode: "register" | "password" = "register"): Promise<Account> {
    const account = this.accounts.get(await this.accounts.signIn({ relay, name, password, mode }));
    await online(account);
    return account;
  }

  /** Ends the app and starts it again on the same folder. */
  async restart(): Promise<void> {
    this.accounts.close();
    this.accounts = this.#build();
    await this.accounts.open();
  }

  of<Kind extends AppEvent["kind"]>(kind: Kind): Extract<AppEvent, { kind: Kind }>[] {
    return this.events.filter((event): event is Extract<AppEvent, { kind: Kind }> => event.kind === kind);
  }

  close(): void {
    this.accounts.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #build(): Accounts {
    const write =
      (level: string) =>
      (msg: string, facts: Facts = {}): void =>
        void this.lines.push({ level, msg, facts });
    const log: Log = { info: write("info"), warn: write("warn"), error: write("error"), close: () => undefined };
    return new Accounts({
      folder: path.join(this.folder, "accounts"),
      secrets: new Secrets(this.vault, (account) => path.join(this.folder, "accounts", account, "token")),
      clock: systemClock,
      random: Math.random,
      newId: randomUUID,
      deviceName: "desk",
      log,
      emit: (...events) => this.events.push(...events),
    });
  }
}

/** Waits for a condition; a test never sleeps for luck. */
export const until = (condition: () => unknown, timeout = 15_000): Promise<void> =>
  vi.waitFor(
    () => {
      expect(condition()).toBeTruthy();
    },
    { timeout, interval: 20 },
  );

export const online = (account: Account): Promise<void> => until(() => account.view().connection.kind === "online");

export async function befriend(one: Account, other: Account): Promise<void> {
  await one.addContact(other.facts.name);
  await other.addContact(one.facts.name);
  await until(() => one.view().contacts.some(({ state }) => state === "mutual"));
}

export const bodies = (account: Account, name: string): string[] =>
  account.messenger.list(name, 500, undefined).messages.map(({ body }) => body);
export const statuses = (account: Account, name: string): string[] =>
  account.messenger.list(name, 500, undefined).messages.map(({ status }) => status);

/** A way to a relay that can be cut (RST) or made silent (a half-open connection). */
export interface Way {
  readonly url: string;
  cut(): void;
  /** while silent nothing passes in either direction, and nobody is told */
  silence(silent: boolean): void;
  close(): Promise<void>;
}

export async function wayTo(relay: string): Promise<Way> {
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(new URL(relay).port), "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        if (!silent) to.write(chunk);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    silence: (value) => {
      silent = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
