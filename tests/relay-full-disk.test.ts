import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codes, type Device, message, until } from "./device.ts";
import { befriend, World } from "./relay-world.ts";

// A file system of 2 MB needs root to be mounted; elsewhere tests/inbox-rules.ts has the same on SQLite's own page limit.
const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.runIf(canMount)("a relay whose disk has 2 MB", () => {
  const disk = mkdtempSync(path.join(tmpdir(), "recado-tiny-"));
  const filler = path.join(disk, "filler");
  let world: World;
  let ana: Device;
  let bia: Device;
  let caio: Device;
  const accepted = new Map<string, string[]>();

  beforeAll(async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
    world = await World.open({ data: path.join(disk, "data") });
    [ana, bia, caio] = [await world.person("ana"), await world.person("bia"), await world.person("caio")];
    await befriend(ana, bia);
    await befriend(ana, caio);
  });
  afterAll(async () => {
    await world.close();
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  /** One batch. @returns the code of the first that was refused */
  async function send(to: Device, bodies: readonly string[]): Promise<string> {
    const said = codes(await ana.sendAll(bodies.map((body) => message(to.name, body))));
    const kept = accepted.get(to.name) ?? [];
    accepted.set(to.name, kept);
    for (const [at, code] of said.entries()) if (code === "ok") kept.push(bodies[at] ?? "");
    return said.find((code) => code !== "ok") ?? "ok";
  }
  async function fill(to: Device, size: number): Promise<string> {
    for (let round = 0; round < 2_000; round++) {
      const bodies = Array.from({ length: 8 }, (_, at) => `${round}.${at} ${"x".repeat(size)}`);
      const code = await send(to, bodies);
      if (code !== "ok") return code;
    }
    throw new Error("It was never full.");
  }
  /** Somebody else's file takes what is left, to the last block. */
  function takeTheRest(): void {
    for (;;) {
      try {
        appendFileSync(filler, Buffer.alloc(4_096, 1));
      } catch {
        return;
      }
    }
  }
  const ready = async (): Promise<boolean> => (await fetch(`${world.relay.url}/readyz`)).ok;

  test("[G1] it takes messages, and refuses with unavailable when it is full", async () => {
    expect(await ready()).toBe(true);
    expect(await send(bia, ["olá"])).toBe("ok");
    await bia.receives(ana.name, "olá");
    await caio.ask("presence:set", { presence: "offline" });
    expect(await fill(caio, 2_000)).toBe("unavailable");
    expect(await ready()).toBe(false);
    expect(accepted.get(caio.name)?.length).toBeGreaterThan(100);
  });

  test("[G5] kill -9 while it is full: it starts again, and what was accepted is there", async () => {
    await world.relay.kill();
    await world.relay.restart();
    await ana.connect();
    await caio.connect({ presence: "offline" });
    expect(await caio.waiting()).toBe(accepted.get(caio.name)?.length);
  });

  test("[G5] deliveries and settling go on, each once and in order, and then there is room by itself", async () => {
    await caio.ask("presence:set", { presence: "online" });
    await until("everything accepted is there", () => caio.bodies(ana.name).length === accepted.get(caio.name)?.length);
    expect(caio.bodies(ana.name)).toEqual(accepted.get(caio.name));
    expect(caio.duplicates).toBe(0);
    await until("it is settled", async () => (await caio.waiting()) === 0);
    await until("it takes messages again", async () => (await send(caio, ["de novo"])) === "ok");
    await caio.receives(ana.name, "de novo");
  });

  test("[G1] filled up by somebody else: refused, and taken again when there is room; nothing accepted is lost", async () => {
    takeTheRest();
    await caio.ask("presence:set", { presence: "offline" });
    expect(await fill(caio, 2_000)).toBe("unavailable");
    rmSync(filler);
    await until("it takes messages again", async () => (await send(caio, ["ainda"])) === "ok");
    await caio.ask("presence:set", { presence: "online" });
    await until("everything accepted is there", () => caio.bodies(ana.name).length === accepted.get(caio.name)?.length);
    expect(caio.bodies(ana.name)).toEqual(accepted.get(caio.name));
  });

  test("[R8] SIGTERM on a full disk is a clean stop all the same", async () => {
    await caio.ask("presence:set", { presence: "offline" });
    await fill(caio, 2_000);
    takeTheRest();
    expect(await world.relay.stop()).toBe(0);
    await world.relay.restart();
    await caio.connect();
    await until("everything accepted is there", () => caio.bodies(ana.name).length === accepted.get(caio.name)?.length);
    expect(caio.bodies(ana.name)).toEqual(accepted.get(caio.name));
  });
});
