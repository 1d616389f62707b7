import { z } from "zod";
import { foldName } from "../../wire/model.ts";
import { Refusal } from "../../wire/contract.ts";
import { SimulatedDevice, password } from "./device.ts";
import { AppDisk, RelayDisk, type Schemas } from "./disk.ts";
import { type Faults, noFaults } from "./faults.ts";
import { type Ending, type History } from "./history.ts";
import { type Plan, type Step } from "./plan.ts";
import { Chance } from "./random.ts";
import { SimulatedRelay } from "./relay.ts";
import { InboxError } from "../../server/inbox.ts";
import { sqliteCode, sqliteFull } from "../../server/sqlite.ts";
import { Timeline } from "./time.ts";
import { Witness } from "./witness.ts";

/** how long a healed world may go on before it counts as stuck */
const patienceMs = 600_000;
/** quiet for so long is at rest: longer than anything waits to be tried again, except what has a reason to */
const restMs = 4_000;

const inboxRow = z.object({ id: z.string(), device_id: z.string().nullable(), leaving: z.number() });

/** What histories are played on; opened once, because opening is what costs. */
export class Stage {
  readonly #relay: RelayDisk;
  readonly #apps: AppDisk[] = [];

  constructor(private readonly schemas: Schemas) {
    this.#relay = new RelayDisk(schemas);
  }

  /** Plays one history to its end. @throws what a process would have died of */
  async play(plan: Plan, faults: Faults = noFaults): Promise<History> {
    this.#relay.wipe();
    const world = new World(plan, faults, this.#relay, (at) => this.#app(at));
    return world.run();
  }

  close(): void {
    this.#relay.close();
    for (const app of this.#apps) app.close();
  }

  #app(at: number): AppDisk {
    const app = this.#apps[at] ?? new AppDisk(this.schemas);
    this.#apps[at] = app;
    app.wipe();
    return app;
  }
}

class World {
  readonly #timeline = new Timeline();
  readonly #witness = new Witness();
  readonly #relay: SimulatedRelay;
  readonly #devices: SimulatedDevice[] = [];
  readonly #faulty: unknown[] = [];
  #wires = 0;
  #written = 0;
  #healed = false;

  constructor(
    private readonly plan: Plan,
    faults: Faults,
    private readonly disk: RelayDisk,
    app: (at: number) => AppDisk,
  ) {
    const chance = new Chance(plan.seed ^ 0x5f3759df);
    const ground = { timeline: this.#timeline, chance, witness: this.#witness, faults };
    this.#relay = new SimulatedRelay({ ...ground, disk, failed: (error) => this.#failed(error) });
    this.#furnish();
    for (const [at, { name }] of plan.devices.entries()) {
      this.#devices.push(
        new SimulatedDevice(name, { ...ground, disk: app(at), relay: this.#relay, nextWire: () => ++this.#wires }),
      );
    }
  }

  async run(): Promise<History> {
    const { plan } = this;
    const timeline = this.#timeline;
    timeline.after(0, () => void this.#relay.start());
    // the first devices sign in before anything goes wrong; everything else is counted from there
    const beginMs = 1_000;
    for (const [at, { joinsAt }] of plan.devices.entries()) {
      timeline.after(joinsAt === 0 ? 50 + at : beginMs + joinsAt, () => this.#devices[at]?.start());
    }
    for (const step of plan.steps) timeline.after(beginMs + step.at, () => this.#do(step));
    const end = beginMs + Math.max(0, ...plan.steps.map(({ at }) => at), ...plan.devices.map(({ joinsAt }) => joinsAt));
    while (await timeline.step(timeline.now() - timeline.age + end));
    const quiet = await this.#heal();
    if (this.#faulty.length > 0) throw this.#faulty[0];
    return { facts: this.#witness.facts, ending: this.#ending(quiet) };
  }

  /** The relay's database as earlier, calmer days have left it: accounts, and who is whose contact. */
  #furnish(): void {
    const { sqlite } = this.disk.database;
    const account = sqlite.prepare(
      "INSERT INTO account (id, name, folded, password_hash, created_at) VALUES (?, ?, ?, ?, 0)",
    );
    const ask = sqlite.prepare("INSERT INTO ask (from_id, to_id, asked_at) VALUES (?, ?, 0)");
    const { people, strangers } = this.plan;
    // an account always has an inbox; until its first device signs in, it waits for one (G11)
    const inbox = sqlite.prepare("INSERT INTO inbox (id, account_id, device_id) VALUES (?, ?, NULL)");
    const queue = this.disk.inboxes.sqlite.prepare("INSERT INTO inbox (id, name) VALUES (?, ?)");
    people.forEach((name, i) => {
      const folded = foldName(name);
      account.run(i + 1, name, folded, password);
      inbox.run(`${folded}.first`, i + 1);
      queue.run(i + 1, `${folded}.first`);
    });
    people.forEach((one, i) => {
      people.forEach((other, j) => {
        if (i === j || strangers.some((pair) => pair.includes(one) && pair.includes(other))) return;
        ask.run(i + 1, j + 1);
        if (i < j) this.#witness.saw({ kind: "befriended", one: foldName(one), other: foldName(other) });
      });
    });
  }

  #do(step: Step): void {
    const device = "device" in step ? this.#devices[step.device] : undefined;
    switch (step.kind) {
      case "write":
        for (let i = 0; i < step.count; i++) device?.write(step.to, `text ${++this.#written}`);
        break;
      case "wish":
        device?.wish(step.presence);
        break;
      case "network":
        device?.trouble(step.trouble, step.ms);
        break;
      case "deaf":
        device?.goDeaf(step.ms);
        break;
      case "app-crash":
        device?.crash(step.withMachine);
        this.#timeline.after(step.downMs, () => device?.start());
        break;
      case "app-disk-full":
        device?.diskFull(true);
        this.#timeline.after(step.ms, () => device?.diskFull(false));
        break;
      case "relay-crash":
        this.#relay.crash();
        this.#timeline.after(step.downMs, () => void this.#relay.start());
        break;
      case "relay-disk-full":
        if (this.#healed) break;
        this.disk.full = true;
        this.#witness.saw({ kind: "relay-disk-full" });
        this.#timeline.after(step.ms, () => (this.disk.full = false));
        break;
      case "look":
        device?.look(this.plan.people);
        break;
      case "erase":
        device?.erase(step.with, step.which);
        break;
      case "sign-out":
        void device?.signOut();
        break;
      case "revoke": {
        const other = this.#devices[step.other];
        if (other && other.name === device?.name && other !== device)
          this.#relay.revoke(other.name, other.id).catch((error: unknown) => this.#failed(error));
        break;
      }
      case "contact":
        void this.#contact(step);
        break;
    }
  }

  /** Facts before the request and after its answer bound the time in which the relay may have done it. */
  async #contact({ device: at, change, name: typed }: Step & { kind: "contact" }): Promise<void> {
    const device = this.#devices[at];
    if (!device?.account || !device.connected) return;
    const [by, against] = [foldName(device.name), foldName(typed)];
    try {
      switch (change) {
        case "block":
        case "remove":
          this.#witness.saw({ kind: "shut", by, against });
          this.#witness.saw({ kind: "estranged", one: by, other: against });
          await (change === "block" ? device.account.blockContact(typed) : device.account.removeContact(typed));
          break;
        case "unblock":
          await device.account.unblockContact(typed);
          this.#witness.saw({ kind: "opened", by, against });
          break;
        case "add":
          await device.account.addContact(typed);
          this.#witness.saw({ kind: "opened", by, against });
          break;
      }
    } catch (error) {
      if (!(error instanceof Refusal)) this.#failed(error);
    }
  }

  /** Everything works again, everybody is there, and the world runs until nothing moves. @returns whether it came to rest */
  async #heal(): Promise<boolean> {
    this.#healed = true;
    this.disk.full = false;
    void this.#relay.start();
    for (const device of this.#devices) {
      device.diskFull(false);
      device.goDeaf(0);
      device.start();
      device.wish("online");
    }
    const timeline = this.#timeline;
    const end = timeline.now() + patienceMs;
    let quietSince: number | undefined;
    let asked = timeline.now();
    // somebody looks at it now and then, also when nothing else is due
    const look = (): void => void timeline.after(2_000, look);
    look();
    while (await timeline.step(end)) {
      if (timeline.now() - asked < 2_000) continue;
      asked = timeline.now();
      for (const device of this.#devices) device.resume();
      if (!this.#isQuiet()) quietSince = undefined;
      else if (quietSince === undefined) quietSince = asked;
      else if (asked - quietSince >= restMs) return true;
    }
    return this.#isQuiet();
  }

  #isQuiet(): boolean {
    if (!this.#relay.up) return false;
    return (
      this.#devices.every((device) => device.gone || (device.reachable && device.isAtRest(this.plan.people))) &&
      this.#inboxes().every(({ read, envelopes }) => !read || envelopes === 0)
    );
  }

  #inboxes(): Ending["inboxes"] {
    const rows = z.array(inboxRow).parse(this.disk.database.sqlite.prepare("SELECT * FROM inbox").all());
    const gone = new Set<string>(this.#devices.filter((device) => device.gone).map(({ id }) => id));
    return rows.map(({ id, device_id, leaving }) => ({
      inbox: id,
      read: leaving === 1 || (device_id !== null && !gone.has(device_id)),
      envelopes: this.#relay.envelopesIn(id),
    }));
  }

  #ending(quiet: boolean): Ending {
    return {
      quiet,
      inboxes: this.#inboxes(),
      devices: this.#devices
        .filter((device) => !device.gone)
        .map((device) => ({
          device: device.id,
          account: foldName(device.name),
          log: device.log(this.plan.people),
          outbox: device.outbox,
        })),
    };
  }

  /** A relay that reports a full disk does what it should; any other fault of its own is one. */
  #failed(error: unknown): void {
    const expected = sqliteCode(error) === sqliteFull || (error instanceof InboxError && error.code === "unavailable");
    if (!expected) this.#faulty.push(error);
  }
}
