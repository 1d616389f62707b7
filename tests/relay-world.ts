import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Device, goodPassword, until, type SignIn } from "./device.ts";
import { startRelay, type RelayOptions, type RelayProcess } from "./relay-process.ts";

/** A relay and the people of one suite. */
export class World {
  readonly #people: Device[] = [];
  #count = 0;

  constructor(readonly relay: RelayProcess) {}

  static async open(options: RelayOptions = {}, limits: "none" | "default" = "none"): Promise<World> {
    return new World(await startRelay({ ...options, args: ["--limits", limits, ...(options.args ?? [])] }));
  }

  /** A name nobody has yet. */
  newName(begin = "ana"): string {
    return `${begin}${(this.#count++).toString(36)}${randomUUID().slice(0, 5)}`;
  }

  /** A device that has not signed in yet. */
  device(name: string, id?: string): Device {
    const device = new Device(this.relay.url, name, id);
    this.#people.push(device);
    return device;
  }

  /** A new account, signed in. */
  async person(begin = "ana", options: SignIn = {}): Promise<Device> {
    const device = this.device(this.newName(begin));
    await device.connect(options);
    return device;
  }

  /** One more device of the same account, signed in. */
  async second(of: Device, options: SignIn = {}): Promise<Device> {
    const device = this.device(of.name);
    device.password = of.password;
    await device.connect({ with: "password", ...options });
    return device;
  }

  /** Two new accounts that are mutual contacts and know it. */
  async friends(): Promise<[Device, Device]> {
    const pair = await Promise.all([this.person("ana"), this.person("bia")] as const);
    await befriend(...pair);
    return [pair[0], pair[1]];
  }

  /** Everybody else goes on: two people exchange messages on a process that never ended. */
  async stillServes(pid: number): Promise<void> {
    const [ana, bia] = await this.friends();
    await ana.send(bia.name, "are you there?");
    await bia.receives(ana.name, "are you there?");
    await bia.send(ana.name, "yes");
    await ana.receives(bia.name, "yes");
    if (this.relay.pid !== pid) throw new Error("It is another process.");
    process.kill(pid, 0);
    ana.drop();
    bia.drop();
  }

  /** What must never be in a log: every password, token and body of this world's people. */
  secrets(): string[] {
    const said = this.#people.flatMap((one) => [one.token, one.password, ...one.bodies()]);
    return [...new Set([...said, goodPassword])].filter((secret) => secret.length >= 8);
  }

  /** After a test: nobody of it is left connected. */
  leave(): void {
    for (const device of this.#people) device.drop();
  }

  async close(): Promise<void> {
    this.leave();
    await this.relay.close();
  }
}

export async function befriend(one: Device, other: Device): Promise<void> {
  await one.code("contact:add", { name: other.name });
  await other.code("contact:add", { name: one.name });
  await until(`${one.name} and ${other.name} are told`, () =>
    [one.notices().includes(`accepted ${other.name}`), other.notices().includes(`requested ${one.name}`)].every(
      Boolean,
    ),
  );
}

/**
 * For "nothing comes": what was going to be said has been said when this resolves. A request's answer is behind
 * everything that was said to the same socket before; the relay's own turns in between are given by asking repeatedly.
 */
export async function quiet(...devices: readonly Device[]): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await Promise.all(devices.map((device) => device.ask("inbox:status", {})));
    await pause(0);
  }
}

/** No password, token or body of anybody in what a relay wrote. */
export function leaks(relay: RelayProcess, secrets: readonly string[]): string[] {
  const written = [...relay.log.map((line) => JSON.stringify(line)), ...relay.complaints].join("\n");
  return secrets.filter((secret) => written.includes(secret));
}
