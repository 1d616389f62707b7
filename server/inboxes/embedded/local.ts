import { type Clock, pause } from "../../clock.ts";
import { type Appetite, type Consumption, InboxError, type InboxId, type Kept, type Park } from "../../inbox.ts";
import { type CommandGroups } from "./group.ts";
import { type End, type Item, Handout } from "../handout.ts";
import { readStored } from "../stored.ts";
import { linesOf, type Result } from "./table.ts";
import { foldName } from "../../../wire/model.ts";
import { type InboxUsage, weigh, type Weight } from "../usage.ts";

export interface LocalItem extends Item {
  readonly seq: number;
  readonly weight: Weight;
  /** whether its row ends with it */
  readonly last: boolean;
}

export interface LocalParts {
  readonly groups: CommandGroups;
  readonly usage: InboxUsage;
  readonly park: Park;
  readonly retryMs: number;
  readonly clock: Clock;
  /** this inbox was removed, or its storage is gone: trying again is pointless */
  readonly gone: () => boolean;
}

/** How much of an attached inbox is kept in memory; the rest waits on disk and is read in pages. */
const window = { envelopes: 256, bytes: 1_048_576 } as const;

interface Attached {
  readonly pump: Handout<LocalItem>;
  /** the newest that was put into the window */
  last: number;
  /** whether the disk may hold something newer than `last`; while it does, nothing goes past it (I3) */
  behind: boolean;
  reading: boolean;
}

/** One embedded inbox: where its consumer stands, and what is ahead of it in memory. */
export class LocalInbox {
  #attached: Attached | undefined;
  /** Both by number, and only ever too careful: while the newest is not settled, the disk is asked what it holds. */
  #newest: number;
  #settled = 0;

  constructor(
    readonly id: InboxId,
    readonly key: number,
    private readonly parts: LocalParts,
    /** what the storage held when it was opened is not known by number */
    holds: boolean,
  ) {
    this.#newest = holds ? Infinity : 0;
  }

  /** @throws InboxError `inbox-busy` */
  attach(consumer: (batch: readonly Kept[]) => Promise<void>, appetite: () => Appetite): Consumption {
    if (this.#attached) throw new InboxError("inbox-busy", this.id, `inbox ${this.id} has a consumer`);
    const pump = new Handout<LocalItem>({
      consumer,
      appetite,
      settle: (items) => this.#settle(items),
      clock: this.parts.clock,
      hungry: () => this.#refill(),
      release: () => {
        this.#attached = undefined;
        return Promise.resolve();
      },
    });
    // most who come back find nothing: a sign-in that asks the disk for that would cost a fifth more
    this.#attached = { pump, last: 0, behind: this.#newest > this.#settled, reading: false };
    return pump;
  }

  /** Freshly durable envelopes: to the consumer from memory, unless something older still waits on disk. */
  committed(items: readonly LocalItem[]): void {
    this.#newest = Math.max(this.#newest, items.at(-1)?.seq ?? 0);
    const attached = this.#attached;
    if (!attached || attached.behind) return;
    if (attached.pump.size + items.length > window.envelopes || attached.pump.bytes > window.bytes) {
      attached.behind = true;
      return;
    }
    attached.last = items.at(-1)?.seq ?? attached.last;
    attached.pump.push(items);
  }

  detach(reason: End): void {
    this.#attached?.pump.end(reason);
  }

  async stop(): Promise<void> {
    await this.#attached?.pump.stop();
  }

  /** The next page from disk, when the window is half empty and the disk holds more. */
  #refill(): void {
    const attached = this.#attached;
    if (!attached?.behind || attached.reading || attached.pump.hasEnded()) return;
    if (attached.pump.size > window.envelopes / 2 || attached.pump.bytes > window.bytes / 2) return;
    attached.reading = true;
    const { groups } = this.parts;
    const command = { kind: "read", inbox: this.key, after: attached.last, ...window } as const;
    groups.add(command, (result) => void this.#page(attached, result));
  }

  /**
   * Runs to its end without waiting when all is readable: what was committed after this page was read
   * arrives in the same turn, and must find `behind` as this page leaves it.
   */
  async #page(attached: Attached, result: Result): Promise<void> {
    if (attached.pump.hasEnded()) return;
    if (result.kind !== "page") {
      await pause(this.parts.clock, this.parts.retryMs);
      attached.reading = false;
      if (!this.parts.gone()) this.#refill();
      return;
    }
    const items: LocalItem[] = [];
    let last = attached.last;
    for (const row of result.rows) {
      const lines = linesOf(row);
      for (const [i, line] of lines.entries()) {
        const seq = row.seq + i;
        const bytes = lines.length === 1 ? row.bytes : Buffer.byteLength(line);
        const reading = readStored(line);
        if (reading.kind === "stored") {
          const weight = weigh(reading.stored, bytes);
          items.push({ stored: reading.stored, json: line, bytes, seq, weight, last: i === lines.length - 1 });
          continue;
        }
        // From here on time passes: what is committed meanwhile is left for the next page.
        const origin: Weight["origin"] = row.origin === "" ? "" : foldName(row.origin);
        const weight = { origin, bytes, messageAt: row.messageAt ?? undefined };
        if (!(await this.#park(seq, line, reading.reason, weight))) return;
        this.#deliver(attached, items, seq, false);
        return;
      }
      last = row.seq + lines.length - 1;
    }
    this.#deliver(attached, items, last, result.last);
  }

  #deliver(attached: Attached, items: readonly LocalItem[], last: number, caughtUp: boolean): void {
    attached.last = last;
    attached.behind = !caughtUp;
    // all that was there has passed by: from here on it is known by number (puts that are not durable yet come behind it)
    if (caughtUp && this.#newest === Infinity) this.#newest = last;
    attached.reading = false;
    attached.pump.push(items);
    if (attached.behind) this.#refill();
  }

  /** Keeps an unreadable envelope aside and takes it out of the inbox (I12). @returns false when the inbox went away meanwhile */
  async #park(seq: number, raw: string, reason: string, weight: Weight): Promise<boolean> {
    for (;;) {
      try {
        await this.parts.park(this.id, raw, reason);
        break;
      } catch {
        if (this.parts.gone() || !this.#attached || this.#attached.pump.hasEnded()) return false;
        await pause(this.parts.clock, this.parts.retryMs);
      }
    }
    await this.#insist({ kind: "drop", inbox: this.key, seq });
    this.parts.usage.subtract(this.id, [weight]);
    return true;
  }

  async #settle(items: readonly LocalItem[]): Promise<void> {
    const newest = items.at(-1);
    if (!newest) return;
    await this.#insist({ kind: "settle", inbox: this.key, upTo: newest.seq, partly: !newest.last });
    this.#settled = Math.max(this.#settled, newest.seq);
    if (!this.parts.gone()) {
      this.parts.usage.subtract(
        this.id,
        items.map((item) => item.weight),
      );
    }
  }

  /** Until it is durable: what was handed over must not come again because a disk was full for a while (G5). */
  async #insist(command: Parameters<CommandGroups["ask"]>[0]): Promise<void> {
    for (;;) {
      const result = await this.parts.groups.ask(command);
      if (result.kind !== "refused") return;
      if (this.parts.gone()) throw new InboxError("unavailable", this.id, result.reason);
      await pause(this.parts.clock, this.parts.retryMs);
    }
  }
}
