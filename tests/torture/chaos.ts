import { setTimeout as pause } from "node:timers/promises";
import { type Direction, type FaultProxy } from "../../drill/fault-proxy.ts";
import { untilQueueSurvives } from "../broker.ts";
import { type Chance } from "./chance.ts";
import { type Ground, type Seat } from "./ground.ts";
import { type Tallies } from "./tallies.ts";

/** What may be done to the ground. */
export interface Plan {
  readonly relayKills: boolean;
  readonly rolling: boolean;
  readonly appKills: boolean;
  readonly network: boolean;
  /** one end of a connection is gone and the other does not know: found out by silence, which takes up to a minute */
  readonly halfOpen: boolean;
  readonly wishes: boolean;
  readonly broker: boolean;
}

export const everything: Plan = {
  relayKills: true,
  rolling: true,
  appKills: true,
  network: true,
  halfOpen: true,
  wishes: true,
  broker: true,
};

const pointLimitMs = 600;

/** What a kill waits for on a connection. Pings are none of them. */
const points = {
  // what was promised a moment ago must be on the disk already (G1)
  "an acceptance": (direction, chunk) => direction === "to-app" && chunk.includes('"acceptedAt"'),
  "a delivery": (direction, chunk) => direction === "to-app" && chunk.includes('"inbox:deliver"'),
  "a packet to-app": (direction, chunk) => direction === "to-app" && chunk.length >= 60,
  "a packet to-relay": (direction, chunk) => direction === "to-relay" && chunk.length >= 60,
} as const satisfies Record<string, (direction: Direction, chunk: Buffer) => boolean>;
const pointNames = ["an acceptance", "a delivery", "a packet to-app", "a packet to-relay"] as const;

/** Breaks things until the signal; each kind at its own pace, from its own chance. */
export class Chaos {
  constructor(
    private readonly ground: Ground,
    private readonly tallies: Tallies,
    private readonly chance: Chance,
    private readonly plan: Plan,
  ) {}

  /** Resolves when everything that was ended is running again; nothing is healed otherwise. */
  async run(signal: AbortSignal): Promise<void> {
    const { plan, ground } = this;
    const loops: Promise<void>[] = [];
    const loop = (least: number, most: number, act: (chance: Chance) => Promise<void>): void => {
      const chance = this.chance.fork();
      loops.push(
        (async () => {
          for (;;) {
            await pause(chance.between(least, most));
            if (signal.aborted) return;
            await act(chance);
          }
        })(),
      );
    };
    loop(20, 120, (chance) => this.#write(chance));
    // planned restarts alone need no time to be surprised in
    if (plan.relayKills || plan.rolling) loop(0, plan.relayKills ? 500 : 200, (chance) => this.#hurtRelay(chance));
    if (plan.appKills) loop(200, 1_200, (chance) => this.#killApp(chance));
    if (plan.network) loop(300, 1_500, (chance) => this.#hurtNetwork(chance));
    if (plan.wishes) loop(700, 2_500, (chance) => this.#toggle(chance));
    if (plan.broker && ground.broker) loop(1_000, 4_000, (chance) => this.#hurtBroker(chance));
    await Promise.all(loops);
  }

  /** A burst by one device to one or several people. */
  async #write(chance: Chance): Promise<void> {
    const { app } = chance.pick(this.ground.seats);
    const { journal } = this.ground;
    for (let count = chance.between(1, 6); count > 0; count--) {
      if (!app.ready) return;
      const to = chance.pick(this.ground.contactsOf(app.account));
      const { token } = journal.attempt(app.account, app.label, to);
      const body = `${token}|${"x".repeat(chance.chance(0.02) ? 20_000 : chance.between(0, 80))}`;
      // an attempt whose answer a kill has swallowed may have happened or not: its writer's database knows
      app.ask({ do: "write", to, body }).then(
        (id) => {
          if (id !== undefined) journal.answered(token, id);
        },
        () => this.tallies.add("writes without an answer"),
      );
    }
  }

  async #hurtRelay(chance: Chance): Promise<void> {
    const { relay } = this.ground;
    if (this.plan.rolling && (!this.plan.relayKills || chance.chance(0.12))) {
      await relay.roll();
      this.tallies.add("relay: rolling restart");
      return;
    }
    if (chance.chance(0.5)) {
      const { way } = chance.pick(this.ground.seats);
      await this.#atPoint("relay", way, chance, () => relay.killNow());
    } else this.tallies.add("relay: kill -9 at random");
    await relay.crash();
  }

  async #killApp(chance: Chance): Promise<void> {
    const { app, way } = chance.pick(this.ground.seats);
    if (chance.chance(0.6)) await this.#atPoint("app", way, chance, () => app.killNow());
    else this.tallies.add("app: kill -9 at random");
    await app.crash(() => pause(chance.between(0, 400)));
  }

  /** Kills when something passes: just before it arrives, just behind it, or in its place. */
  async #atPoint(who: "relay" | "app", way: FaultProxy, chance: Chance, kill: () => void): Promise<void> {
    const point = chance.pick(pointNames);
    const when = chance.pick(["before", "instead of", "after"] as const);
    const reached = await new Promise<boolean>((resolve) => {
      const tooLate = setTimeout(() => done(false), pointLimitMs);
      const unwatch = way.watch((direction, chunk) => {
        if (!points[point](direction, chunk)) return true;
        if (when === "after") setImmediate(kill);
        else kill();
        done(true);
        return when !== "instead of";
      });
      const done = (found: boolean): void => {
        clearTimeout(tooLate);
        unwatch();
        resolve(found);
      };
    });
    this.tallies.add(`${who}: kill -9 ${reached ? `${when} ${point}` : "at random"}`);
  }

  async #hurtNetwork(chance: Chance): Promise<void> {
    const ways = [...this.ground.seats.map((seat: Seat) => seat.way), this.ground.witnessWay];
    const way = chance.pick(ways);
    const fault = chance.pick([
      ...(["reset", "reset", "black hole", "slow", "cut", "cut"] as const),
      ...(this.plan.halfOpen ? (["half-open app", "half-open relay"] as const) : []),
    ]);
    this.tallies.add(`network: ${fault}`);
    switch (fault) {
      case "reset":
        way.reset();
        return;
      case "black hole":
        way.hold();
        await pause(chance.between(200, 2_000));
        way.heal();
        return;
      case "half-open app":
        way.strand("app");
        return;
      case "half-open relay":
        way.strand("relay");
        return;
      case "slow":
        way.slow(chance.between(20, 150));
        await pause(chance.between(500, 2_000));
        way.heal();
        return;
      case "cut":
        way.cutAfter(chance.between(1, 6_000));
        return;
    }
  }

  /** G6: offline by choice, and back. */
  async #toggle(chance: Chance): Promise<void> {
    const { app } = chance.pick(this.ground.seats);
    this.tallies.add("reader offline and back");
    await app.ask({ do: "wish", presence: "offline" }).catch(() => undefined);
    await pause(chance.between(300, 2_000));
    await app.ask({ do: "wish", presence: "online" }).catch(() => undefined);
  }

  async #hurtBroker(chance: Chance): Promise<void> {
    const { broker, brokerWay, declaredAt } = this.ground;
    if (!broker || !brokerWay) return;
    const dice = chance.next();
    if (dice < 0.72 && untilQueueSurvives(declaredAt) === 0) {
      await broker.restart(); // SIGKILL, then start
      this.tallies.add("broker: kill -9");
    } else if (dice < 0.84) {
      await broker.ctl("set_disk_free_limit", "1000000GB");
      await pause(chance.between(1_000, 3_000));
      await broker.ctl("set_disk_free_limit", "1MB");
      this.tallies.add("broker: disk alarm");
    } else if (dice < 0.92) {
      brokerWay.reset();
      this.tallies.add("broker: connections reset");
    } else {
      brokerWay.hold();
      await pause(chance.between(500, 3_000));
      brokerWay.heal();
      this.tallies.add("broker: black hole");
    }
  }
}
