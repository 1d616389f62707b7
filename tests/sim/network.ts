import { type AppSocket } from "../../main/connection.ts";
import { type WireError } from "../../wire/contract.ts";
import { type SocketEnd } from "../../server/socket-link.ts";
import { type Chance } from "./random.ts";
import { type Timeline } from "./time.ts";

/** engine.io notices a silent peer after its ping interval and time-out, as the relay sets them */
const silence = { least: 15_000, most: 35_000 };

export type Trouble = "reset" | "half-open" | "deaf-up" | "deaf-down" | "stall";

/** What arrives at the relay's end of a connection. */
export interface RelaySide {
  handshake(auth: unknown): void;
  request(event: string, params: unknown, reply: (said: unknown) => void): void;
  disconnected(): void;
}

/** One direction of a connection: in order like TCP, with delays; what is on its way when it breaks is lost. */
class Pipe {
  #lastAt = 0;
  #broken = false;

  get broken(): boolean {
    return this.#broken;
  }

  constructor(
    private readonly timeline: Timeline,
    private readonly chance: Chance,
  ) {}

  send(arrive: () => void): void {
    if (this.#broken) return;
    const now = this.timeline.now();
    const latency = this.chance.happens(0.05) ? this.chance.between(100, 3_000) : this.chance.between(1, 40);
    this.#lastAt = Math.max(this.#lastAt, now + latency);
    this.timeline.after(this.#lastAt - now, () => {
      if (!this.#broken) arrive();
    });
  }

  stall(ms: number): void {
    this.#lastAt = Math.max(this.#lastAt, this.timeline.now() + ms);
  }

  break(): void {
    this.#broken = true;
  }
}

const copied = (payload: unknown): unknown =>
  payload === undefined ? undefined : (JSON.parse(JSON.stringify(payload)) as unknown);

type Listener = (...said: never[]) => void;
type Ack = (said: unknown) => void;

const isAck = (value: unknown): value is Ack => typeof value === "function";

/** One connection between an app and the relay: socket.io's promises, and TCP's, and no more. */
export class Wire {
  readonly app: AppSocket;
  readonly relay: SocketEnd & { refuse(error: WireError): void; welcome(): void };
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #listeners = new Map<string, Listener>();
  #appOpen = true;
  #connected = false;
  #relayOpen = false;

  constructor(
    readonly number: number,
    auth: unknown,
    private readonly timeline: Timeline,
    private readonly chance: Chance,
    /** who listens at the other end now; nobody: the connection is refused */
    private readonly dial: (wire: Wire) => RelaySide | undefined,
    /** a reader that takes and never answers */
    private readonly isDeaf: () => boolean,
  ) {
    this.#up = new Pipe(timeline, chance);
    this.#down = new Pipe(timeline, chance);
    this.app = this.#appEnd(auth);
    this.relay = this.#relayEnd();
  }

  /** Whether both ends believe in it, and are right. */
  get sound(): boolean {
    return this.#appOpen && this.#relayOpen && !this.#up.broken && !this.#down.broken;
  }

  #side: RelaySide | undefined;

  trouble(kind: Trouble, ms: number): void {
    switch (kind) {
      case "reset":
        this.#up.break();
        this.#down.break();
        this.#notice(1, 500);
        break;
      case "half-open":
        this.#up.break();
        this.#down.break();
        this.#notice(silence.least, silence.most);
        break;
      case "deaf-up":
        this.#up.break();
        this.#notice(silence.least, silence.most);
        break;
      case "deaf-down":
        this.#down.break();
        this.#notice(silence.least, silence.most);
        break;
      case "stall":
        this.#up.stall(ms);
        this.#down.stall(ms);
        break;
    }
  }

  /** The app's process has died. What it had written to the kernel still goes; its machine may have died with it. */
  appDied(withMachine: boolean): void {
    this.#appOpen = false;
    this.#connected = false;
    if (withMachine) {
      this.#up.break();
      this.timeline.after(this.chance.between(silence.least, silence.most), () => this.#closeRelay());
    } else this.#up.send(() => this.#closeRelay());
  }

  /** The relay's process has died: its kernel says so, after what was written before. */
  relayDied(): void {
    this.#relayOpen = false;
    this.#side = undefined;
    this.#down.send(() => this.#closeApp("transport close"));
    // a packet that is lost just then leaves the app to find out by itself
    this.timeline.after(silence.most, () => this.#closeApp("ping timeout"));
  }

  #notice(least: number, most: number): void {
    this.timeline.after(this.chance.between(least, most), () => this.#closeApp("ping timeout"));
    this.timeline.after(this.chance.between(least, most), () => this.#closeRelay());
  }

  #closeApp(reason: string): void {
    if (!this.#appOpen) return;
    const connected = this.#connected;
    this.#connected = false;
    if (connected) this.#hear("disconnect", reason);
    else this.#hear("connect_error", new Error("websocket error"));
    this.#appOpen = false;
  }

  #closeRelay(): void {
    if (!this.#relayOpen) return;
    this.#relayOpen = false;
    this.#side?.disconnected();
  }

  #hear(event: string, ...said: unknown[]): void {
    // socket.io cannot know either what a listener expects; the app's end parses what it is told
    if (this.#appOpen) this.#listeners.get(event)?.(...(said as never[]));
  }

  #appEnd(auth: unknown): AppSocket {
    const isConnected = (): boolean => this.#connected;
    return {
      get connected() {
        return isConnected();
      },
      on: (event, listener) => this.#listeners.set(event, listener),
      removeAllListeners: () => this.#listeners.clear(),
      connect: () => {
        this.#up.send(() => {
          this.#side = this.dial(this);
          if (this.#side) {
            this.#relayOpen = true;
            this.#side.handshake(copied(auth));
          } else this.#down.send(() => this.#closeApp("transport error"));
        });
      },
      disconnect: () => {
        if (!this.#appOpen) return;
        this.#appOpen = false;
        this.#connected = false;
        this.#up.send(() => this.#closeRelay());
      },
      emit: (event, ...payload) => {
        if (!this.#connected) return;
        const params = copied(payload[0]);
        const ack = payload.at(-1);
        this.#up.send(() => {
          if (!this.#relayOpen) return;
          this.#side?.request(event, params, (said) => {
            if (!this.#relayOpen) return;
            const reply = copied(said);
            this.#down.send(() => {
              if (this.#connected && isAck(ack)) ack(reply);
            });
          });
        });
      },
    };
  }

  #relayEnd(): SocketEnd & { refuse(error: WireError): void; welcome(): void } {
    return {
      conn: { transport: undefined },
      welcome: () => {
        this.#down.send(() => (this.#connected = this.#appOpen));
      },
      refuse: (error) => {
        if (!this.#relayOpen) return;
        this.#relayOpen = false;
        const data = copied(error);
        this.#down.send(() => {
          this.#hear("connect_error", Object.assign(new Error("refused"), { data }));
          this.#appOpen = false;
        });
      },
      disconnect: () => {
        if (!this.#relayOpen) return;
        this.#down.send(() => this.#closeApp("io server disconnect"));
        this.#closeRelay();
      },
      emit: (event, ...payload) => {
        if (!this.#relayOpen) return;
        const said = copied(payload[0]);
        const ack = payload[1];
        this.#down.send(() => {
          if (!this.#connected || (event === "inbox:deliver" && this.isDeaf())) return;
          this.#hear(event, said, (answer: unknown) => {
            const reply = copied(answer);
            this.#up.send(() => {
              if (this.#relayOpen && isAck(ack)) ack(reply);
            });
          });
        });
      },
    };
  }
}
