import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { befriend, AppDesk, bodies, online, password, statuses, until, wayTo } from "./app-desk.ts";
import { startRelay, type RelayProcess } from "./relay-process.ts";

let relay: RelayProcess;
let desk: AppDesk;
let other: AppDesk;
let counter = 0;
const fresh = (name: string): string => `${name}${++counter}`;

beforeAll(async () => {
  relay = await startRelay({ args: ["--limits", "none"] });
});
afterAll(() => relay.close());
beforeEach(() => {
  desk = new AppDesk();
  other = new AppDesk();
});
afterEach(() => {
  desk.close();
  other.close();
});
const folders = (of: AppDesk) => {
  const folder = path.join(of.folder, "accounts");
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe("signing in", () => {
  it("a wrong password is said and leaves nothing behind", async () => {
    const name = fresh("Ana");
    await desk.signIn(relay.url, name);
    await expect(
      other.accounts.signIn({ relay: relay.url, name, password: "not this one at all", mode: "password" }),
    ).rejects.toMatchObject({ code: "credentials-invalid" });
    expect(folders(other)).toEqual([]);
    expect(other.events).toEqual([]);
  });

  it("a taken name, a name that is none, a relay that is not there", async () => {
    const name = fresh("Ana");
    await desk.signIn(relay.url, name);
    const attempt = (to: string, as: string) =>
      other.accounts.signIn({ relay: to, name: as, password: "another good passphrase 7", mode: "register" });
    await expect(attempt(relay.url, name)).rejects.toMatchObject({ code: "name-taken" });
    await expect(attempt(relay.url, "a b")).rejects.toMatchObject({ code: "name-invalid" });
    await expect(attempt("127.0.0.1:1", fresh("Ana"))).rejects.toMatchObject({ code: "relay-unreachable" });
    await expect(attempt("not an address", fresh("Ana"))).rejects.toMatchObject({ code: "relay-address-invalid" });
    expect(folders(other)).toEqual([]);
  });

  it("the same account is not opened twice in one app", async () => {
    const account = await desk.signIn(relay.url, fresh("Ana"));
    const twice = { relay: relay.url, name: account.facts.name.toUpperCase(), password, mode: "password" } as const;
    await expect(desk.accounts.signIn(twice)).rejects.toMatchObject({ code: "account-open" });
    const name = fresh("Bia");
    const [one, two] = await Promise.allSettled(
      [1, 2].map(() => desk.accounts.signIn({ relay: relay.url, name, password, mode: "register" })),
    );
    expect([one?.status, two?.status].sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("after a restart the token signs in, and the wish to be offline is still there", async () => {
    const account = await desk.signIn(relay.url, fresh("Ana"));
    account.setWish("offline");
    await until(() => account.view().connection.kind === "held");
    await desk.restart();
    const again = desk.accounts.get(account.facts.id);
    await until(() => again.view().connection.kind === "held");
    expect(again.view()).toMatchObject({ wish: "offline", remembered: true, name: account.facts.name });
  });

  it("without a key store the token is in memory only: said, and the password is asked for after a restart", async () => {
    const bare = new AppDesk({ ...desk.vault, available: () => false });
    try {
      const account = await bare.signIn(relay.url, fresh("Ana"));
      const { id } = account.facts;
      expect(account.view().remembered).toBe(false);
      await bare.restart();
      const again = bare.accounts.get(id);
      expect(again.view().connection).toEqual({ kind: "ended", reason: "token-invalid" });
      await expect(bare.accounts.resume(id, "wrong wrong wrong")).rejects.toMatchObject({
        code: "credentials-invalid",
      });
      expect(again.view().connection).toEqual({ kind: "ended", reason: "token-invalid" });
      await bare.accounts.resume(id, password);
      await online(again);
    } finally {
      bare.close();
    }
  });

  it("signing out forgets the account here, and its token at the relay", async () => {
    const account = await desk.signIn(relay.url, fresh("Ana"));
    await desk.accounts.signOut(account.facts.id);
    expect(folders(desk)).toEqual([]);
    expect(desk.of("account:removed")).toHaveLength(1);
    expect(() => desk.accounts.get(account.facts.id)).toThrow("account-unknown");
  });
});

describe("staying connected", () => {
  it("[O2] [G3] sockets cut again and again while both write: everything arrives once and in order", async () => {
    const way = await wayTo(relay.url);
    try {
      const ana = await desk.signIn(way.url, fresh("Ana"));
      const bia = await other.signIn(way.url, fresh("Bia"));
      await befriend(ana, bia);
      const sent: string[] = [];
      for (let round = 0; round < 6; round++) {
        for (let i = 0; i < 10; i++) {
          const body = `${round}-${i}`;
          ana.messenger.write(bia.facts.name, body);
          bia.messenger.write(ana.facts.name, body);
          sent.push(body);
        }
        await until(() => bodies(bia, ana.facts.name).length > round * 10);
        way.cut();
        desk.accounts.retryNow();
        other.accounts.retryNow();
      }
      const arrived = (at: typeof ana, from: string) =>
        at.messenger
          .list(from, 500, undefined)
          .messages.filter(({ mine }) => !mine)
          .map(({ body }) => body);
      await until(() => {
        desk.accounts.retryNow();
        other.accounts.retryNow();
        return arrived(bia, ana.facts.name).length === 60 && arrived(ana, bia.facts.name).length === 60;
      }, 40_000);
      expect(arrived(bia, ana.facts.name)).toEqual(sent);
      expect(arrived(ana, bia.facts.name)).toEqual(sent);
    } finally {
      await way.close();
    }
  });

  it("a half-open connection is found out after a wake-up, and replaced", async () => {
    const way = await wayTo(relay.url);
    try {
      const ana = await desk.signIn(way.url, fresh("Ana"));
      way.silence(true);
      ana.retryNow();
      await until(() => ana.view().connection.kind === "unreachable");
      way.silence(false);
      ana.retryNow();
      await online(ana);
    } finally {
      await way.close();
    }
  });

  it("replaced by the same device elsewhere: it ends, does not come back by itself, and a person can resume", async () => {
    const ana = await desk.signIn(relay.url, fresh("Ana"));
    const { id } = ana.facts;
    await ana.signIn({ kind: "password", name: ana.facts.name, password });
    await online(ana);
    const { Connection } = await import("../main/connection.ts");
    const { systemClock } = await import("../main/clock.ts");
    const elsewhere = new Connection(
      { relay: relay.url, device: ana.facts.device, deviceName: "elsewhere", clock: systemClock },
      { kind: "password", name: ana.facts.name, password },
      "online",
      { started: () => undefined, delivered: () => ({ ok: true }), told: () => undefined, ended: () => undefined },
    );
    await until(() => ana.view().connection.kind === "ended");
    expect(ana.view().connection).toEqual({ kind: "ended", reason: "replaced" });
    ana.retryNow();
    expect(ana.view().connection.kind).toBe("ended");
    elsewhere.close();
    await desk.accounts.resume(id, password);
    await online(ana);
  });

  it("[G7] what was shown before two became mutual is reported when they do, also after a restart", async () => {
    const ana = await desk.signIn(relay.url, fresh("Ana"));
    const bia = await other.signIn(relay.url, fresh("Bia"));
    await ana.addContact(bia.facts.name);
    ana.messenger.write(bia.facts.name, "oi, sou a Ana");
    await until(() => bodies(bia, ana.facts.name).length === 1);
    bia.messenger.shown(ana.facts.name, Number.MAX_SAFE_INTEGER);
    expect(statuses(ana, bia.facts.name)).toEqual(["accepted"]);
    await other.restart();
    const again = other.accounts.get(bia.facts.id);
    await online(again);
    await again.addContact(ana.facts.name);
    await until(() => statuses(ana, bia.facts.name)[0] === "read");
  });

  it("[G6] while offline by choice what waits is counted and not fetched; writing waits in the outbox", async () => {
    const ana = await desk.signIn(relay.url, fresh("Ana"));
    const bia = await other.signIn(relay.url, fresh("Bia"));
    await befriend(ana, bia);
    bia.setWish("offline");
    await until(() => bia.view().connection.kind === "held");
    ana.messenger.write(bia.facts.name, "está aí?");
    bia.messenger.write(ana.facts.name, "depois");
    await until(() => statuses(ana, bia.facts.name)[0] === "accepted");
    await until(() => ana.view().contacts[0]?.waiting?.count === 1);
    expect(statuses(bia, ana.facts.name)).toEqual(["pending"]);
    expect(bia.view().pending).toBe(1);
    bia.setWish("online");
    await until(() => bodies(bia, ana.facts.name).includes("está aí?"));
    await until(() => bodies(ana, bia.facts.name).includes("depois"));
    await until(() => ana.view().contacts[0]?.waiting === undefined);
  });

  it("[G1] kill -9 of the relay in mid-conversation: it reconnects and says so, and everything is there once, in order", async () => {
    const own = await startRelay({ args: ["--limits", "none"] });
    try {
      const ana = await desk.signIn(own.url, fresh("Ana"));
      const bia = await other.signIn(own.url, fresh("Bia"));
      await befriend(ana, bia);
      const sent = Array.from({ length: 40 }, (_, i) => `${i}`);
      for (const body of sent.slice(0, 20)) ana.messenger.write(bia.facts.name, body);
      await until(() => bodies(bia, ana.facts.name).length > 0);
      await own.kill();
      await until(() => ana.view().connection.kind === "unreachable");
      for (const body of sent.slice(20)) ana.messenger.write(bia.facts.name, body);
      await own.restart();
      await until(() => bodies(bia, ana.facts.name).length === 40, 40_000);
      expect(bodies(bia, ana.facts.name)).toEqual(sent);
      await until(() => statuses(ana, bia.facts.name).every((status) => status === "delivered"));
      expect(ana.view().pending).toBe(0);
      // ids and codes only: no body, no password, no name, no token
      const logged = JSON.stringify([desk.lines, other.lines]);
      for (const secret of [password, ana.facts.name, bia.facts.name]) expect(logged).not.toContain(secret);
    } finally {
      await own.close();
    }
  });
});
