import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFlags } from "../main/flags.ts";
import { factsOf, openLog } from "../main/log.ts";
import { Secrets, vaultOf } from "../main/secrets.ts";
import { accountId } from "../wire/ipc.ts";
import { openVault } from "./app-desk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "recado-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("secrets", () => {
  const account = accountId.parse(randomUUID());
  const file = () => path.join(folder, "token");

  it("are sealed in a file of their owner's, and there after a restart", () => {
    expect(new Secrets(openVault, file).keep(account, "abc-token")).toBe(true);
    expect(readFileSync(file(), "utf8")).not.toContain("abc-token");
    expect(statSync(file()).mode & 0o077).toBe(0);
    const again = new Secrets(openVault, file);
    expect(again.recall(account)).toBe("abc-token");
    again.forget(account);
    expect(new Secrets(openVault, file).recall(account)).toBeUndefined();
  });

  it("stay in memory where the key store protects nothing, and no file is written", () => {
    const secrets = new Secrets({ ...openVault, available: () => false }, file);
    expect(secrets.keep(account, "abc-token")).toBe(false);
    expect(secrets.recall(account)).toBe("abc-token");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("sealed by another key store are as good as none", () => {
    writeFileSync(file(), "??");
    const broken = {
      ...openVault,
      decrypt: (): string => {
        throw new Error("Error while decrypting the ciphertext");
      },
    };
    expect(new Secrets(broken, file).recall(account)).toBeUndefined();
  });

  it.each([
    ["linux", "basic_text", false],
    ["linux", "unknown", false],
    ["linux", "gnome_libsecret", true],
    ["win32", undefined, true],
    ["darwin", undefined, true],
  ] as const)("on %s with backend %s encryption counts: %s", (platform, backend, counts) => {
    const storage = {
      isEncryptionAvailable: () => true,
      ...(backend && { getSelectedStorageBackend: () => backend }),
      encryptString: (text: string) => Buffer.from(text),
      decryptString: (sealed: Buffer) => sealed.toString(),
    };
    expect(vaultOf(storage, platform).available()).toBe(counts);
    expect(vaultOf({ ...storage, isEncryptionAvailable: () => false }, platform).available()).toBe(false);
  });
});

describe("the log", () => {
  it("is JSON lines, and moves on when it is full, keeping three old ones", () => {
    const log = openLog(folder, () => 0);
    for (let i = 0; i < 6_000; i++) log.info("line", { i, filling: "x".repeat(1_000) });
    log.close();
    log.info("after the end");
    expect(readdirSync(folder).sort()).toEqual(["recado.1.log", "recado.2.log", "recado.3.log", "recado.log"]);
    const last = readFileSync(path.join(folder, "recado.log"), "utf8").trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ level: "info", msg: "line", i: 5_999 });
    for (const name of readdirSync(folder))
      expect(statSync(path.join(folder, name)).size).toBeLessThanOrEqual(1_048_576);
  });

  it("that cannot be written stops nothing", () => {
    writeFileSync(path.join(folder, "occupied"), "");
    const log = openLog(path.join(folder, "occupied"), () => 0);
    expect(() => log.error("x")).not.toThrow();
    log.close();
  });

  it("knows an error by its kind and place, not by its text", () => {
    expect(JSON.stringify(factsOf(new TypeError("segredo")))).not.toContain("segredo");
    expect(factsOf(new TypeError("segredo"))).toMatchObject({ error: "TypeError" });
    expect(factsOf("segredo")).toEqual({ error: "string" });
  });
});

describe("flags", () => {
  it.each([
    [[], {}],
    [["/app", "--no-sandbox"], {}],
    [["--profile", "bia"], { profile: "bia" }],
    [["--inspect=0", "--profile=João", "."], { profile: "João" }],
  ])("%j", (argv, flags) => {
    expect(parseFlags(argv)).toEqual(flags);
  });
  it.each([[["--profile"]], [["--profile", ""]], [["--profile=../x"]], [["--profile", "a/b"]], [["--profile", ".."]]])(
    "%j is explained",
    (argv) => {
      expect(parseFlags(argv)).toHaveProperty("problem");
    },
  );
});
