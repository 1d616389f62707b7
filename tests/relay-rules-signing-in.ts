import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { device as deviceShape } from "../wire/socket.ts";
import { Device, refusalOf, until } from "./device.ts";
import { quiet } from "./relay-world.ts";
import { type Ground } from "./relay-ground.ts";

const devices = z.object({ devices: z.array(deviceShape) });

/** Handshake, tokens, names, devices: who comes in, and as whom. */
export function signingIn(ground: Ground): void {
  describe.concurrent("signing in", () => {
    test("[R1] registering gives the name as spelled, a token, the limits and no contacts", async () => {
      const { world } = ground;
      const ana = world.device(world.newName("João"));
      const started = await ana.connect();
      expect(started).toMatchObject({ name: ana.name, contacts: [], waiting: 0 });
      expect(started.limits).toEqual({ bodyBytes: 65_536, batch: 64, requestBytes: 1_048_576 });
      expect(started.limits.batch).toBeGreaterThanOrEqual(64);
      expect(Math.abs(started.serverTime - Date.now())).toBeLessThan(60_000);
      expect(ana.order[0]).toBe("session:started");
    });

    test.each([
      ["another protocol version", { protocol: 2 }, "protocol-unsupported"],
      ["version 0", { protocol: 0 }, "protocol-unsupported"],
      ["no version", { protocol: undefined }, "invalid"],
      ["a version that is no number", { protocol: "1" }, "invalid"],
      ["a device that is no uuid", { device: "laptop" }, "invalid"],
      ["no device", { device: null }, "invalid"],
      ["a presence that is none", { presence: "away" }, "invalid"],
      ["a device name that is too long", { deviceName: "x".repeat(129) }, "invalid"],
      ["no credentials", { credentials: undefined }, "invalid"],
      ["credentials of no kind", { credentials: { kind: "magic" } }, "invalid"],
      ["a password that is a list", { credentials: { kind: "password", name: "ana", password: ["x"] } }, "invalid"],
      [
        "a password that never ends",
        { credentials: { kind: "password", name: "ana", password: "x".repeat(1_025) } },
        "invalid",
      ],
      ["a made-up token", { credentials: { kind: "token", token: "x".repeat(43) } }, "token-invalid"],
      ["an empty token", { credentials: { kind: "token", token: "" } }, "token-invalid"],
    ])("[R1] %s is refused", async (_, auth, code) => {
      const { world } = ground;
      expect(await refusalOf(world.device(world.newName()).connect({ auth }))).toBe(code);
    });

    test.each([
      "",
      " ",
      "a b",
      "../x",
      "a".repeat(33),
      "аna",
      "inbox.*",
      "#",
      "a\u0000b",
      ".ana",
      "-ana",
      "ana\u200d",
      "a\ud800",
      "名前",
    ])("[R1] the name %j is refused", async (name) => {
      expect(await refusalOf(ground.world.device(name).connect())).toBe("name-invalid");
    });

    test("[R1] a name is one account in whatever case or width it is typed", async () => {
      const { world } = ground;
      const ana = await world.person("Straße");
      for (const twin of [
        ana.name.toUpperCase(),
        ana.name.toLowerCase(),
        ana.name.replace("ß", "ẞ"),
        ana.name.replace("S", "Ｓ"),
      ])
        expect(await refusalOf(world.device(twin).connect()), twin).toBe("name-taken");
      const again = world.device(ana.name.toUpperCase());
      expect((await again.connect({ with: "password" })).name).toBe(ana.name);
    });

    test("[R1] of many who register one name at once, one gets it", async () => {
      const { world } = ground;
      const name = world.newName();
      const tries = await Promise.all(Array.from({ length: 5 }, () => refusalOf(world.device(name).connect())));
      expect(tries.sort()).toEqual(["in", "name-taken", "name-taken", "name-taken", "name-taken"]);
    });

    test.each(["123", "password", "aaaaaaaaaaaa", "x".repeat(129)])(
      "[R1] the password %j is too weak",
      async (weak) => {
        const { world } = ground;
        const ana = new Device(world.relay.url, world.newName(), randomUUID(), weak);
        expect(await refusalOf(ana.connect())).toBe("password-weak");
      },
    );

    test("[R1] a password that grows when it is normalised still signs in", async () => {
      const { world } = ground;
      const ana = world.device(world.newName());
      ana.password = "ﷺ-correct horse-".repeat(8).slice(0, 60) + "ﷺ".repeat(66);
      await ana.connect();
      expect(await refusalOf(ana.connect({ with: "password" }))).toBe("in");
    });

    test("[R1] a wrong password and an unknown name get the same answer", async () => {
      const { world } = ground;
      const ana = await world.person();
      const wrong = world.device(ana.name);
      wrong.password = "not the password 1";
      const refused = [wrong, world.device(world.newName()), world.device("not a name")].map((one) =>
        one.connect({ with: "password" }).then(
          () => "in",
          (error: unknown) => String(error),
        ),
      );
      const [known, unknown, impossible] = await Promise.all(refused);
      expect(known).toContain("credentials-invalid");
      expect(unknown).toBe(known);
      expect(impossible).toBe(known);
    });

    test("[R1] registering again from the same device with the same password is a sign-in, with another it is name-taken", async () => {
      const { world } = ground;
      const ana = await world.person();
      const first = ana.token;
      ana.drop();
      expect((await ana.connect({ with: "register" })).name).toBe(ana.name);
      expect(ana.token).not.toBe(first);
      ana.password = "another good phrase 7";
      expect(await refusalOf(ana.connect({ with: "register" }))).toBe("name-taken");
    });

    test("[R1] a token signs its own device in, gives itself again, and ends when a newer one is issued", async () => {
      const { world } = ground;
      const ana = await world.person();
      const first = ana.token;
      await ana.connect({ with: "again" });
      expect(ana.token).toBe(first);
      await ana.connect({ with: "password" });
      expect(ana.token).not.toBe(first);
      const credentials = { kind: "token", token: first };
      expect(await refusalOf(ana.connect({ auth: { credentials } }))).toBe("token-invalid");
      const thief = world.device(ana.name);
      expect(await refusalOf(thief.connect({ auth: { credentials: { kind: "token", token: ana.token } } }))).toBe(
        "token-invalid",
      );
    });

    test("[R2] a new session of a device replaces the one before, which hears why", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const twin = world.device(ana.name, ana.device);
      await twin.connect({ with: "password" });
      await until("the first is told", () => ana.heard["session:ended"].some(({ code }) => code === "replaced"));
      await until("the first is closed", () => !ana.connected);
      await bia.send(ana.name, "for the second");
      await twin.receives(bia.name, "for the second");
      expect(ana.bodies()).toEqual([]);
      // the account never left, so nobody was told that it did
      expect(bia.heard["presence:changed"].filter(({ presence }) => presence === "offline")).toEqual([]);
    });

    test("[R2] of many sessions of one device at once one stays, and it takes delivery", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      const token = ana.token;
      const twins = Array.from({ length: 6 }, () => world.device(ana.name, ana.device));
      await Promise.allSettled(twins.map((twin) => twin.connect({ auth: { credentials: { kind: "token", token } } })));
      await until("one is left", () => twins.filter((twin) => twin.connected).length === 1);
      await bia.send(ana.name, "to whoever is left");
      await until("it arrives", () => twins.some((twin) => twin.connected && twin.bodies().length === 1));
      expect(twins.filter((twin) => twin.bodies().length > 0)).toHaveLength(1);
    });

    test("[G4] a device list names one's own devices, and a revoked one hears it and cannot come back", async () => {
      const { world } = ground;
      const ana = await world.person();
      const phone = await world.second(ana, { auth: { deviceName: "phone" } });
      const list = (await ana.value("device:list", {}, devices)).devices;
      expect(list.map(({ name, current }) => [name, current])).toEqual([
        ["a test", true],
        ["phone", false],
      ]);
      expect(await ana.code("device:revoke", { device: phone.device })).toBe("ok");
      await until("the phone hears it", () => phone.heard["session:ended"].some(({ code }) => code === "revoked"));
      expect(await refusalOf(phone.connect())).toBe("token-invalid");
      expect(await ana.code("device:revoke", { device: phone.device })).toBe("invalid");
      expect((await ana.value("device:list", {}, devices)).devices).toHaveLength(1);
    });

    test("[G4] nobody revokes a device of somebody else", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      expect(await ana.code("device:revoke", { device: bia.device })).toBe("invalid");
      expect(await refusalOf(bia.connect())).toBe("in");
    });

    test("[R3] a device that revokes itself is answered, and told", async () => {
      const ana = await ground.world.person();
      expect(await ana.code("device:revoke", { device: ana.device })).toBe("ok");
      await until("it ends", () => !ana.connected);
      expect(ana.heard["session:ended"]).toEqual([{ code: "revoked" }]);
      expect(await refusalOf(ana.connect())).toBe("token-invalid");
    });

    test("[R1] signing out is answered, ends the session and the token", async () => {
      const ana = await ground.world.person();
      expect(await ana.code("session:end")).toBe("ok");
      await until("it ends", () => !ana.connected);
      expect(await refusalOf(ana.connect())).toBe("token-invalid");
    });

    test("[R1] session:started is the first thing a session hears, whatever its contacts do meanwhile", async () => {
      const { world } = ground;
      const [ana, bia] = await world.friends();
      for (let round = 0; round < 10; round++) {
        ana.drop();
        ana.order.length = 0;
        const busy = Promise.all(
          [0, 1, 2, 3].map((n) => bia.ask("presence:set", { presence: n % 2 ? "online" : "offline" })),
        );
        await ana.connect();
        await busy;
        await quiet(ana);
        expect(ana.order[0]).toBe("session:started");
      }
    });
  });
}
