import { type Plan } from "../plan.ts";
import { amqp } from "./amqp.ts";
import { bare } from "./bare.ts";
import { Ledger } from "./ledger.ts";
import { inTime, pairOf, type Peer, type Protocol, type Who } from "./peer.ts";
import { recado } from "./recado.ts";
import { ReaderStore } from "./store.ts";
import { xmpp } from "./xmpp.ts";

const spoken = { recado, xmpp, bare, amqp } satisfies Record<Plan["protocol"], Protocol>;

/** Milliseconds without any news after which a run is over, whatever is missing. */
const patienceMs = 5_000;
/** How many handshakes are under way when a crowd signs in. */
const atOnce = 64;

/** Pairs of users on one server, and the ledger of what they said to each other. */
export class Crowd {
  readonly #writers = new Map<number, Peer>();
  readonly #peers: Peer[] = [];
  /** told after a pair's writer may send `count` more */
  freed: (pair: number, count: number) => void = () => undefined;
  #news = performance.now();

  private constructor(
    readonly plan: Plan,
    private readonly store: ReaderStore | undefined,
    readonly ledger: Ledger,
  ) {}

  static async gather(plan: Plan): Promise<Crowd> {
    return new Crowd(plan, plan.store === undefined ? undefined : await ReaderStore.open(plan.store), new Ledger());
  }

  /** Another crowd beside this one, which stores where this one does. */
  beside(firstPair: number, pairs: number, offset: number): Crowd {
    return new Crowd({ ...this.plan, firstPair, pairs, offset }, this.store, new Ledger());
  }

  /** The same people, with the same ledger, at a server that was started again. */
  at(port: number): Crowd {
    return new Crowd({ ...this.plan, port }, this.store, this.ledger);
  }

  /** The same people, with the same ledger, who go on when the server has answered. */
  answeredByServer(): Crowd {
    return new Crowd({ ...this.plan, ack: "server" }, this.store, this.ledger);
  }

  /** When something was last heard, on the clock of `performance.now`. */
  get lastNews(): number {
    return this.#news;
  }

  /** Signs one more user in who will do nothing. */
  async join(user: number): Promise<void> {
    this.#peers.push(await this.#connect({ role: "reader", device: 0, user, to: user ^ 1 }));
  }

  /** Signs in the first `pairs` writers, or their readers on all their devices. */
  async enter(role: Who["role"], devices = 1): Promise<void> {
    const waiting: Who[] = [];
    const { firstPair, pairs } = this.plan;
    for (let pair = firstPair; pair < firstPair + pairs; pair++)
      for (let device = 0; device < devices; device++)
        waiting.push({
          role,
          device,
          user: 2 * pair + (role === "reader" ? 1 : 0),
          to: 2 * pair + (role === "reader" ? 0 : 1),
        });
    await inParallel(atOnce, waiting, async (who) => {
      const peer = await this.#connect(who);
      if (role === "writer") this.#writers.set(pairOf(who.user), peer);
      this.#peers.push(peer);
    });
  }

  /** Sends so many from every writer, `window` under way at a time. @returns when all are answered, or nothing comes any more */
  async sendAll(each: number, window: number, until: number = Infinity): Promise<() => void> {
    const next = new Map<number, number>();
    let going = true;
    this.freed = (pair, count) => {
      const first = next.get(pair) ?? 0;
      const more = Math.min(count, each - first);
      if (!going || more <= 0) return;
      next.set(pair, first + more);
      this.send(pair, first, more);
    };
    const { firstPair, pairs } = this.plan;
    for (let pair = firstPair; pair < firstPair + pairs; pair++) this.freed(pair, window);
    const mark = Math.min(until, each * pairs);
    await this.quiet(() => this.ledger.accepted + this.ledger.refused >= mark);
    return () => (going = false);
  }

  send(pair: number, first: number, count: number): void {
    this.ledger.sent(pair, first, count);
    this.#writers.get(pair)?.send(this.plan.offset + first, count);
  }

  /** Until nothing that was accepted is missing any more, or nothing has come for a while. */
  async settled(): Promise<void> {
    await this.quiet(() => this.ledger.received >= this.ledger.accepted && this.ledger.lost === 0);
  }

  async quiet(done: () => boolean): Promise<void> {
    this.#news = performance.now();
    while (!done() && performance.now() - this.#news < patienceMs) await pause(5);
  }

  leave(): void {
    for (const peer of this.#peers) peer.close();
  }

  async #connect(who: Who): Promise<Peer> {
    const pair = pairOf(who.user);
    const { offset, ack } = this.plan;
    const own = (numbers: readonly number[]) => numbers.map((number) => number - offset).filter((n) => n >= 0);
    const counts = who.device === 0;
    const work = spoken[this.plan.protocol].connect(
      who,
      {
        accepted: (numbers) => {
          this.#news = performance.now();
          this.ledger.accept(pair, own(numbers));
          if (ack === "server") this.freed(pair, numbers.length);
        },
        refused: (numbers, why) => {
          this.ledger.refuse(numbers, why);
          this.freed(pair, numbers.length);
        },
        receipted: (numbers) => {
          if (ack === "receiver") this.freed(pair, own(numbers).length);
        },
        received: (bodies, answer) => {
          this.#news = performance.now();
          if (this.store) this.store.keep(bodies, answer);
          else answer();
          if (counts) this.ledger.receive(bodies, offset);
        },
      },
      this.plan,
    );
    return inTime(`user ${who.user} signs in`, work, 60_000);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `work` for each, so many at a time. */
export async function inParallel<T>(lanes: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let one = all[next++]; one !== undefined; one = all[next++]) await work(one);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
