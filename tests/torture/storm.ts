import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import { nodeLaunch } from "../../drill/node-launch.ts";
import { password } from "../../drill/orders.ts";
import { RelayKeeper } from "../../drill/relay-keeper.ts";
import { until } from "../../drill/until.ts";
import { atRest, step, type ConnectionEvent, type Machine } from "../../main/connection-state.ts";
import { refusal } from "../../wire/contract.ts";
import { relayFile } from "../relay-process.ts";

export interface StormReport {
  readonly devices: number;
  /** from the relay listening again to the last device being back */
  readonly allBackMs: number;
  /** tries over all devices until then; close to one each is no stampede */
  readonly tries: number;
}

export interface StormNeeds {
  readonly devices: number;
  readonly how: "kill" | "stop";
}

/** A device that reconnects exactly as the app does: the app's own state machine, a bare socket. */
class StormDevice {
  tries = 0;
  #machine: Machine = atRest;
  #socket: Socket | undefined;
  #token: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #device = randomUUID();

  constructor(
    private readonly url: string,
    private readonly name: string,
  ) {}

  get online(): boolean {
    return this.#machine.state.kind === "online";
  }

  connect(): void {
    this.#enter(step(atRest, { kind: "started" }, moment()));
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #do(event: ConnectionEvent): void {
    if (this.#closed) return;
    const next = step(this.#machine, event, moment());
    if (next === this.#machine) return;
    this.#enter(next);
    if (next.state.kind === "connecting") this.#open();
    if (next.state.kind !== "unreachable") return;
    this.#drop();
    this.#timer = setTimeout(() => this.#do({ kind: "retry" }), Math.max(0, next.state.retryAt - Date.now()));
  }

  #enter(machine: Machine): void {
    this.#machine = machine;
  }

  #drop(): void {
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = undefined;
  }

  #open(): void {
    this.#drop();
    this.tries++;
    const credentials =
      this.#token === undefined
        ? { kind: "register", name: this.name, password }
        : { kind: "token", token: this.#token };
    const socket = io(this.url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      timeout: 15_000,
      auth: { protocol: 1, device: this.#device, credentials },
    });
    this.#socket = socket;
    socket.on("inbox:deliver", (_: unknown, answer: (reply: unknown) => void) => answer({ ok: true }));
    socket.on("session:started", (said: unknown) => {
      this.#token = z.object({ token: z.string() }).parse(said).token;
      this.#do({ kind: "session-started", held: false, waiting: 0 });
    });
    socket.on("session:ended", () => this.#do({ kind: "session-ended", code: "relay-stopping" }));
    const lost = (): void => this.#do({ kind: "failed", error: refusal("relay-unreachable", "lost") });
    socket.on("connect_error", lost);
    socket.on("disconnect", lost);
  }
}

const moment = () => ({ now: Date.now(), random: Math.random });

/** Everybody loses one relay at the same moment and comes back to it. */
export async function storm({ devices: count, how }: StormNeeds): Promise<StormReport> {
  const folder = await mkdtemp(path.join(tmpdir(), "recado-storm-"));
  const devices: StormDevice[] = [];
  let relay: RelayKeeper | undefined;
  try {
    relay = await RelayKeeper.open({ launch: nodeLaunch, script: relayFile, data: folder, args: [] });
    const { url } = relay;
    for (let index = 0; index < count; index++) devices.push(new StormDevice(url, `device${index}`));
    // passwords are made slow to guess on purpose: not all of them at once
    for (let index = 0; index < count; index += 20) {
      const some = devices.slice(index, index + 20);
      for (const device of some) device.connect();
      await until("a score of devices is registered", () => some.every(({ online }) => online), 60_000);
    }
    for (const device of devices) device.tries = 0;
    if (how === "kill") await relay.crash();
    else await relay.roll();
    const begin = performance.now();
    await until("everybody is back", () => devices.every(({ online }) => online), 60_000);
    const allBackMs = Math.round(performance.now() - begin);
    return { devices: count, allBackMs, tries: devices.reduce((sum, { tries }) => sum + tries, 0) };
  } finally {
    for (const device of devices) device.close();
    await relay?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
