import { Account } from "../../main/account.ts";
import { type AppSocket } from "../../main/connection.ts";
import { type Log } from "../../main/log.ts";
import { accountId, type ConnectionState } from "../../wire/ipc.ts";
import { Refusal } from "../../wire/contract.ts";
import { type Handshake } from "../../wire/socket.ts";
import { type DeviceId, deviceId, foldName, type Presence } from "../../wire/model.ts";
import { type AppDisk } from "./disk.ts";
import { type Faults } from "./faults.ts";
import { type LoggedMessage } from "./history.ts";
import { Wire } from "./network.ts";
import { type Chance } from "./random.ts";
import { type SimulatedRelay } from "./relay.ts";
import { Life, type Timeline } from "./time.ts";
import { keysOf, shown, type Witness } from "./witness.ts";

export interface DeviceGround {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly disk: AppDisk;
  readonly witness: Witness;
  readonly faults: Faults;
  readonly relay: SimulatedRelay;
  readonly nextWire: () => number;
}

export const password = "a password";
/** a person whose sign-in did not work tries again */
const signInAgainMs = 3_000;
/** more than any history has in one conversation */
const wholeLog = 500;

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, close: () => undefined };

/** One installation of the app: the real account on a simulated disk and network, and the person in front of it. */
export class SimulatedDevice {
  readonly id: DeviceId;
  #life: Life;
  #account: Account | undefined;
  /** as its window last heard */
  #connection: ConnectionState | undefined;
  #wire: Wire | undefined;
  #token: string | undefined;
  #sending = 0;
  #deafUntil = 0;
  #gone = false;

  constructor(
    readonly name: string,
    private readonly ground: DeviceGround,
  ) {
    this.id = deviceId.parse(ground.chance.uuid());
    this.#life = new Life(ground.timeline);
    this.#life.end();
    ground.disk.newId = ground.chance.uuid;
    ground.disk.store.putFacts({
      id: accountId.parse(ground.chance.uuid()),
      device: this.id,
      relay: "ws://relay",
      name,
      wish: "online",
    });
  }

  /** Signed out: nobody is in front of it any more. */
  get gone(): boolean {
    return this.#gone;
  }

  get connected(): boolean {
    return this.#connection?.kind === "online" || this.#connection?.kind === "held";
  }

  /** Connected, and not only as far as it knows. */
  get reachable(): boolean {
    return this.connected && this.#wire?.sound === true;
  }

  /** the account, while the app runs */
  get account(): Account | undefined {
    return this.#account;
  }

  start(): void {
    if (this.#life.alive || this.#gone) return;
    const { disk, chance, timeline, witness } = this.ground;
    const facts = disk.store.facts();
    if (!facts) throw new Error("a device without an account");
    const life = new Life(timeline);
    this.#life = life;
    this.#account = new Account({
      facts,
      store: disk.store,
      token: () => this.#token,
      keepToken: (token) => {
        this.#token = token;
        return true;
      },
      clock: life,
      random: chance.next,
      newId: chance.uuid,
      deviceName: "simulated",
      log: silent,
      emit: (...events) => {
        for (const event of events) {
          if (!life.alive) return;
          witness.window(this.id, event);
          if (event.kind === "account:changed") this.#connected(event.account.connection, life);
        }
      },
      openSocket: (_relay, auth) => this.#dial(auth),
    });
    if (this.#token === undefined) this.#signIn(life);
    else this.#account.start();
  }

  /** `kill -9`, or the machine's power. */
  crash(withMachine: boolean): void {
    if (!this.#life.alive) return;
    this.#life.end();
    this.#account = undefined;
    this.#connection = undefined;
    this.#deafUntil = 0;
    this.#wire?.appDied(withMachine);
    this.#wire = undefined;
  }

  /**
   * After `replaced` an app does not reconnect by itself, even when what replaced it was an old handshake of its own that
   * had been under way for long: its person sees it and connects again.
   */
  resume(): void {
    if (this.#connection?.kind === "ended" && this.#connection.reason === "replaced") this.#account?.start();
  }

  /** Takes what is delivered and does not answer for so long. */
  goDeaf(ms: number): void {
    this.#deafUntil = this.ground.timeline.now() + ms;
  }

  trouble(...what: Parameters<Wire["trouble"]>): void {
    this.#wire?.trouble(...what);
  }

  diskFull(full: boolean): void {
    this.ground.disk.full = full;
  }

  write(to: string, body: string): void {
    this.#try(() => {
      const view = this.#account?.messenger.write(to, body);
      if (view) this.ground.witness.saw({ kind: "written", device: this.id, to: foldName(to), id: view.id, body });
    });
  }

  /** The person looks at everything. */
  look(people: readonly string[]): void {
    this.#try(() => {
      for (const name of people) {
        const { messages } = this.#account?.messenger.list(name, wholeLog, undefined) ?? { messages: [] };
        const newest = messages.at(-1);
        if (!newest) continue;
        const ids = messages.filter(({ mine }) => !mine).map(({ id }) => id);
        this.ground.witness.saw({ kind: "looked", device: this.id, ids });
        this.#account?.messenger.shown(name, newest.position);
      }
    });
  }

  /** Deletes one message here: the `which`-th of a conversation. */
  erase(name: string, which: number): void {
    this.#try(() => {
      const { messages } = this.#account?.messenger.list(name, wholeLog, undefined) ?? { messages: [] };
      const message = messages[which % Math.max(1, messages.length)];
      if (!message) return;
      this.#account?.messenger.delete(message.from, message.id);
      this.ground.witness.saw({ kind: "deleted", device: this.id, from: foldName(message.from), id: message.id });
    });
  }

  wish(presence: Presence): void {
    this.#try(() => this.#account?.setWish(presence));
  }

  /** Signs out, if the relay hears of it; the person leaves when it says so. */
  async signOut(): Promise<void> {
    if (!this.connected) return;
    await this.#account?.signOut();
    if (this.ground.witness.isRemoved(this.id)) this.#leave();
  }

  /** What a person reads on the screen, at the end. */
  log(people: readonly string[]): LoggedMessage[] {
    return people.flatMap((name) =>
      (this.#account?.messenger.list(name, wholeLog, undefined).messages ?? []).map((view) => ({
        ...shown(view),
        status: view.status,
        waitsFor: view.status === "pending" ? view.refusal?.code : undefined,
      })),
    );
  }

  get outbox(): number {
    return this.ground.disk.store.outbox.count();
  }

  /** Nothing left to send or to report, but what waits until somebody accepts a request (G8). */
  isAtRest(people: readonly string[]): boolean {
    const { contacts, messages } = this.ground.disk.store;
    if (messages.owedPeers().some((peer) => contacts.find(foldName(peer))?.state === "mutual")) return false;
    return (
      this.outbox === 0 || this.outbox === this.log(people).filter(({ waitsFor }) => waitsFor === "inbox-full").length
    );
  }

  /** A person is told why something does not work and leaves it at that; anything but a refusal is a fault. */
  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  #signIn(life: Life): void {
    this.#account?.signIn({ kind: "password", name: this.name, password }).catch(() => {
      life.after(signInAgainMs, () => {
        if (this.#token === undefined) this.#signIn(life);
      });
    });
  }

  /** The window shows another state of the connection; one of them says that the relay does not know this device any more. */
  #connected(state: ConnectionState, life: Life): void {
    this.#connection = state;
    if (state.kind !== "ended" || (state.reason !== "revoked" && state.reason !== "token-invalid")) return;
    if (this.#token === undefined) return;
    life.after(0, () => {
      this.ground.witness.removed(this.id);
      this.#leave();
    });
  }

  #leave(): void {
    this.#gone = true;
    this.crash(false);
  }

  #dial(auth: Handshake): AppSocket {
    const { timeline, chance, relay, nextWire, faults, disk } = this.ground;
    const wire = new Wire(nextWire(), auth, timeline, chance, relay.accept, () => timeline.now() < this.#deafUntil);
    this.#wire = wire;
    this.#sending = 0;
    return this.#tapped(wire.app, () => {
      if (this.#sending > 0) faults.lostReply?.(disk.sqlite);
    });
  }

  /** The app's socket, with a tap: what it answers for, and whether a send was unanswered when it went. */
  #tapped(socket: AppSocket, closed: () => void): AppSocket {
    return {
      get connected() {
        return socket.connected;
      },
      connect: () => socket.connect(),
      removeAllListeners: () => socket.removeAllListeners(),
      disconnect: () => {
        closed();
        this.#sending = 0;
        socket.disconnect();
      },
      on: (event, listener) => socket.on(event, event === "inbox:deliver" ? this.#witnessed(listener) : listener),
      emit: (event, ...payload) => {
        const answered = payload[1];
        if (event !== "message:send" || typeof answered !== "function") return socket.emit(event, ...payload);
        this.#sending++;
        return socket.emit(event, payload[0], (said: unknown) => {
          this.#sending--;
          Reflect.apply(answered, undefined, [said]);
        });
      },
    };
  }

  #witnessed(listener: (...said: never[]) => void): (...said: never[]) => void {
    return (said: unknown, reply: unknown) => {
      const answer = (answer: unknown): void => {
        if (typeof answer === "object" && answer !== null && "ok" in answer && answer.ok === true) {
          this.ground.witness.saw({ kind: "answered", device: this.id, messages: keysOf(said) });
        }
        if (typeof reply === "function") Reflect.apply(reply, undefined, [answer]);
      };
      Reflect.apply(listener, undefined, [said, answer]);
    };
  }
}
