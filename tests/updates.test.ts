import { describe, expect, it } from "vitest";
import { signed } from "../scripts/sign-update.mjs";
import { type Log } from "../main/log.ts";
import { isSigned } from "../main/update-signature.ts";
import { policyFile, updateSource, updateWay, type Surroundings, type UpdatesOn } from "../main/update-source.ts";
import { UpdateFailed, Updates, type Updater } from "../main/updates.ts";
import { type UpdateState } from "../wire/update.ts";
import { ManualClock } from "./manual-clock.ts";
import { updateKeys } from "./update-feed.ts";

const sha512 = `${"A".repeat(86)}==`;
const other = `${"B".repeat(86)}==`;
const announced = { version: "1.2.3", files: [{ url: "recado.deb", sha512 }] };

describe("whose announcement it is", () => {
  const { privateKey, publicKey } = updateKeys();

  it("[U2] one signed with Recado's key is believed", () => {
    expect(isSigned(signed(announced, privateKey), publicKey)).toBe(true);
  });

  it.each([
    ["no signature", announced],
    ["another's key", signed(announced, updateKeys().privateKey)],
    ["another version", { ...signed(announced, privateKey), version: "1.2.4" }],
    ["another file", { ...signed(announced, privateKey), files: [{ url: "recado.deb", sha512: other }] }],
    [
      "a file more",
      { ...signed(announced, privateKey), files: [...announced.files, { url: "recado.AppImage", sha512: other }] },
    ],
    ["no files", { ...signed(announced, privateKey), files: [] }],
    ["no signature at all in it", { ...announced, signatures: { "recado.deb": "" } }],
    ["nothing", undefined],
    ["words", "latest"],
  ])("[U2] one with %s is not", (_what, said) => {
    expect(isSigned(said, publicKey)).toBe(false);
  });

  it("[U2] with a key that is none, nothing is believed", () => {
    expect(isSigned(signed(announced, privateKey), "no key")).toBe(false);
  });
});

describe("where updates come from", () => {
  const around: Surroundings = {
    platform: "linux",
    env: {},
    argv: [],
    policy: undefined,
    built: { updateKey: "key", codeSigned: false },
    feedFile: "app-update.yml",
    packageType: "deb",
  };
  const way = (change: Partial<Surroundings>) => {
    const source = updateSource({ ...around, ...change });
    return source.kind === "on" ? updateWay(source.installer) : source.reason;
  };

  it.each([
    [{}, "password"],
    [{ packageType: "rpm" }, "password"],
    [{ packageType: undefined }, "by-hand"],
    [{ env: { APPIMAGE: "/home/ana/Recado.AppImage" } }, "restart"],
    [{ platform: "win32", built: { updateKey: "key", codeSigned: true } }, "restart"],
    [{ platform: "win32" }, "by-hand"],
    [
      {
        platform: "win32",
        built: { updateKey: "key", codeSigned: true },
        env: { PORTABLE_EXECUTABLE_DIR: "C:\\" },
      },
      "by-hand",
    ],
    [{ platform: "darwin", built: { updateKey: "key", codeSigned: true } }, "restart"],
    [{ platform: "darwin" }, "by-hand"],
    [{ built: undefined }, "development"],
    [{ built: { codeSigned: true } }, "no-source"],
    [{ feedFile: undefined }, "no-source"],
  ] satisfies [Partial<Surroundings>, string][])("[U1] %j: %s", (change, expected) => {
    expect(way(change)).toBe(expected);
  });

  it.each([
    [{ policy: '{ "updates": "off" }' }, "administrator"],
    [{ policy: "{ updates: off }" }, "administrator"],
    [{ policy: '{ "updates": "sometimes" }' }, "administrator"],
    [{ policy: '{ "updates": "on" }' }, "password"],
    [{ policy: "{}" }, "password"],
    [{ env: { RECADO_UPDATES: "off" } }, "administrator"],
    [{ argv: ["recado", "--no-updates"] }, "administrator"],
  ] satisfies [Partial<Surroundings>, string][])("[U4] %j: %s", (change, expected) => {
    expect(way(change)).toBe(expected);
  });

  it("[U4] the policy lies where only an administrator writes", () => {
    expect(policyFile("linux", {})).toBe("/etc/recado/policy.json");
    expect(policyFile("win32", { ProgramData: "D:\\Data" })).toContain("D:\\Data");
    expect(policyFile("darwin", {})).toMatch(/^\/Library\//);
  });
});

describe("the course of an update", () => {
  const on: UpdatesOn = {
    kind: "on",
    installer: "appimage",
    key: "key",
    feedFile: "app-update.yml",
    downloadPage: "https://recado.example.org/",
  };
  const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, close: () => undefined };
  const course = (updater: Partial<Updater>, source: Updates["state"] | UpdatesOn = on) => {
    const states: UpdateState[] = [];
    const clock = new ManualClock();
    const pages: string[] = [];
    const updates = new Updates({
      source: source.kind === "on" ? source : { kind: "off", reason: "administrator" },
      updater: async () => ({
        check: () => Promise.resolve("1.2.3"),
        download: async (progress) => progress(50),
        apply: () => Promise.resolve(),
        ...updater,
      }),
      clock,
      random: () => 0.5,
      log,
      changed: (state) => states.push(state),
      openPage: (address) => pages.push(address),
    });
    return { updates, states, clock, pages };
  };

  it("[U1] by itself it looks a while after the start and tells; it does nothing more", async () => {
    let downloads = 0;
    const { updates, states, clock } = course({
      download: async () => {
        downloads++;
      },
    });
    updates.start();
    await clock.pass(10_000);
    expect(states).toEqual([]);
    await clock.pass(10_000);
    expect(states).toEqual([{ kind: "available", version: "1.2.3", way: "restart" }]);
    await clock.pass(48 * 3_600_000);
    expect(downloads).toBe(0);
    updates.close();
  });

  it("[U1] by itself it looks again for days, and what nobody asked for fails in silence", async () => {
    let checks = 0;
    const { updates, states, clock } = course({
      check: () => Promise.reject(new UpdateFailed((checks++, "unreachable"))),
    });
    updates.start();
    await clock.pass(24 * 3_600_000);
    expect(checks).toBeGreaterThanOrEqual(4);
    expect(states).toEqual([]);
    updates.close();
    await clock.pass(24 * 3_600_000);
    expect(clock.nextMs).toBeUndefined();
  });

  it("[U2] an announcement that is not signed is told of, whoever asked", async () => {
    const { updates, states, clock } = course({ check: () => Promise.reject(new UpdateFailed("untrusted")) });
    updates.start();
    await clock.pass(20_000);
    expect(states).toEqual([{ kind: "failed", reason: "untrusted" }]);
    updates.close();
  });

  it("[U1] [U3] asked, told, downloaded, ready, and applied only then", async () => {
    let applied = 0;
    const { updates, states } = course({
      apply: async () => {
        applied++;
      },
    });
    await updates.apply();
    await updates.download();
    expect([states, applied]).toEqual([[], 0]); // nothing of it before its time
    await updates.check();
    await updates.download();
    await updates.apply();
    expect(states.map(({ kind }) => kind)).toEqual(["checking", "available", "downloading", "downloading", "ready"]);
    expect(applied).toBe(1);
  });

  it("[U1] put off, the same version is not told of again, until somebody asks", async () => {
    const { updates, states, clock } = course({});
    updates.start();
    await clock.pass(20_000);
    updates.dismiss();
    await clock.pass(24 * 3_600_000);
    expect(states.map(({ kind }) => kind)).toEqual(["available", "quiet"]);
    await updates.check();
    expect(updates.state).toMatchObject({ kind: "available" });
    updates.close();
  });

  it("[U2] what could not be installed is said, and the app goes on", async () => {
    const { updates } = course({ apply: () => Promise.reject(new UpdateFailed("not-applied")) });
    await updates.check();
    await updates.download();
    await updates.apply();
    expect(updates.state).toEqual({ kind: "failed", reason: "not-applied" });
  });

  it("[U1] a copy that cannot replace itself downloads nothing and opens the page", async () => {
    const { updates, pages, states } = course({}, { ...on, installer: "none" });
    await updates.check();
    expect(updates.state).toEqual({ kind: "available", version: "1.2.3", way: "by-hand" });
    await updates.download();
    expect(states.at(-1)?.kind).toBe("available");
    updates.openPage();
    expect(pages).toEqual(["https://recado.example.org/"]);
  });

  it("[U4] turned off, it never looks, and who asks is told", async () => {
    const { updates, states, clock } = course({}, { kind: "quiet" });
    updates.start();
    await clock.pass(24 * 3_600_000);
    expect(states).toEqual([]);
    await updates.check();
    expect(states).toEqual([{ kind: "off", reason: "administrator" }]);
  });
});
