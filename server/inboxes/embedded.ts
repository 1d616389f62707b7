import path from "node:path";
import { type FoldedName } from "../../wire/model.ts";
import { type Clock, systemClock } from "../clock.ts";
import {
  type Appetite,
  type Consumption,
  InboxError,
  type Inboxes,
  inboxId,
  type InboxId,
  type InboxLimits,
  type Kept,
  type Park,
  type PutOptions,
  type Stored,
  type Waiting,
} from "../inbox.ts";
import { CommandGroups } from "./embedded/group.ts";
import { reserveBytesOn } from "./embedded/reserve.ts";
import { LocalInbox, type LocalItem } from "./embedded/local.ts";
import { type Found, type Row } from "./embedded/table.ts";
import { type Executor, openInboxThread } from "./embedded/thread.ts";
import { InboxUsage, weigh } from "./usage.ts";

export interface EmbeddedParts {
  readonly limits: InboxLimits;
  readonly park: Park;
  /** told once when the storage is gone for good: puts are refused from then on, a restart is due */
  readonly failed: (error: Error) => void;
  /** the machine's own unless a simulator is its master */
  readonly clock?: Clock;
}

export interface EmbeddedPlace {
  /** the database; `-wal` and `.reserve` lie beside it */
  readonly file: string;
  /** the built inbox-worker.ts */
  readonly worker: URL;
  /** disk space kept for settling on a full disk (G5), in bytes; an eighth of the disk, 8 MiB at most, unless a test says otherwise */
  readonly reserveBytes?: number;
}

/** How often a full disk is asked whether there is room again, and a settle that found none is tried again. */
const retryMs = 500;

/**
 * The inboxes in one SQLite file, in a thread of its own.
 * @throws SqliteOpenError when the file cannot be read, is damaged, or another relay has it
 */
export async function openEmbeddedInboxes(place: EmbeddedPlace, parts: EmbeddedParts): Promise<Inboxes> {
  const { executor, found } = await openInboxThread(place.worker, {
    file: place.file,
    reserveBytes: place.reserveBytes ?? reserveBytesOn(path.dirname(place.file)),
  });
  return new EmbeddedInboxes(executor, found, parts);
}

/** The engine over any executor; a simulator passes one without a thread. */
export class EmbeddedInboxes implements Inboxes {
  readonly engine = "embedded";
  readonly #usage: InboxUsage;
  readonly #groups: CommandGroups;
  readonly #inboxes = new Map<InboxId, LocalInbox>();
  readonly #opening = new Map<InboxId, Promise<void>>();
  #nextInbox: number;
  #nextSeq: number;
  #state: State;
  #cancelRetry: (() => void) | undefined;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly executor: Executor,
    found: Found,
    private readonly parts: EmbeddedParts,
  ) {
    this.#clock = parts.clock ?? systemClock;
    this.#usage = new InboxUsage(parts.limits);
    this.#nextInbox = found.nextInbox;
    this.#nextSeq = found.nextSeq;
    this.#state = "open";
    this.#groups = new CommandGroups(
      executor,
      {
        full: (full) => this.#fullness(full),
        failed: (error) => this.#fail(error),
      },
      this.#clock,
    );
    for (const { inbox, name, shares, times } of found.inboxes) {
      const id = inboxId(name);
      this.#inboxes.set(id, this.#local(id, inbox, shares.length > 0));
      this.#usage.restore(id, shares, times);
    }
    this.#fullness(found.full);
  }

  async open(inbox: InboxId): Promise<void> {
    if (this.#inboxes.has(inbox)) return;
    const opening = this.#opening.get(inbox) ?? this.#create(inbox);
    this.#opening.set(inbox, opening);
    try {
      await opening;
    } finally {
      this.#opening.delete(inbox);
    }
  }

  room(inbox: InboxId, origin: FoldedName): Appetite {
    return this.#usage.room(inbox, origin);
  }

  async put(to: readonly InboxId[], batch: readonly Stored[], options: PutOptions = {}): Promise<void> {
    if (this.#state !== "open") throw new InboxError("unavailable", to[0], unavailable[this.#state]);
    const inboxes = to.map((id) => this.#known(id));
    const seq = this.#nextSeq;
    const { rows, items, weights } = arrange(batch, seq);
    this.#usage.reserve(to, weights, options.origin);
    this.#nextSeq += batch.length;
    const keys = inboxes.map((inbox) => inbox.key);
    await new Promise<void>((resolve, reject) => {
      this.#groups.add({ kind: "put", inboxes: keys, seq, rows }, (result) => {
        if (result.kind === "refused") {
          for (const id of to) this.#usage.subtract(id, weights);
          reject(new InboxError("unavailable", to[0], result.reason));
          return;
        }
        for (const inbox of inboxes) inbox.committed(items);
        resolve();
      });
    });
  }

  async consume(
    inbox: InboxId,
    consumer: (batch: readonly Kept[]) => Promise<void>,
    appetite: () => Appetite,
  ): Promise<Consumption> {
    if (isOver(this.#state)) throw new InboxError("unavailable", inbox, unavailable[this.#state]);
    return this.#known(inbox).attach(consumer, appetite);
  }

  waiting(inbox: InboxId): Waiting {
    return this.#usage.waiting(inbox);
  }

  async remove(inbox: InboxId): Promise<void> {
    const local = this.#inboxes.get(inbox);
    if (!local) return;
    this.#inboxes.delete(inbox);
    this.#usage.forget(inbox);
    local.detach("removed");
    const result = await this.#groups.ask({ kind: "remove", inbox: local.key });
    if (result.kind === "refused") throw new InboxError("unavailable", inbox, result.reason);
  }

  ready(): boolean {
    return this.#state === "open";
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // a settle that finds no room is not waited for any longer: what it was for stays, and comes again (I5)
    if (this.#state !== "failed") this.#state = "closing";
    await Promise.all(Array.from(this.#inboxes.values(), (inbox) => inbox.stop()));
    await this.#groups.idle();
    this.#state = "closed";
    this.#cancelRetry?.();
    await this.executor.close();
  }

  async #create(inbox: InboxId): Promise<void> {
    const key = this.#nextInbox++;
    const result = await this.#groups.ask({ kind: "open", inbox: key, name: inbox });
    if (result.kind === "refused") throw new InboxError("unavailable", inbox, result.reason);
    this.#inboxes.set(inbox, this.#local(inbox, key, false));
  }

  /** @param holds whether the storage has something for it */
  #local(id: InboxId, key: number, holds: boolean): LocalInbox {
    const parts = {
      groups: this.#groups,
      usage: this.#usage,
      park: this.parts.park,
      retryMs,
      clock: this.#clock,
      gone: () => isOver(this.#state) || this.#inboxes.get(id)?.key !== key,
    };
    return new LocalInbox(id, key, parts, holds);
  }

  #known(id: InboxId): LocalInbox {
    const inbox = this.#inboxes.get(id);
    if (!inbox) throw new InboxError("no-inbox", id, `there is no inbox ${id}`);
    return inbox;
  }

  #fullness(full: boolean): void {
    if (isOver(this.#state)) return;
    this.#state = full ? "full" : "open";
    if (!full) return;
    this.#cancelRetry ??= this.#clock.after(retryMs, () => {
      this.#cancelRetry = undefined;
      this.#groups.add({ kind: "restore" }, () => undefined);
    });
  }

  #fail(error: Error): void {
    if (isOver(this.#state)) return;
    this.#state = "failed";
    for (const inbox of this.#inboxes.values()) inbox.detach("unavailable");
    this.parts.failed(error);
  }
}

/** A batch as rows to be stored, and as items for whoever consumes the inbox now. */
function arrange(batch: readonly Stored[], seq: number) {
  const texts = batch.map((stored) => JSON.stringify(stored));
  const weights = batch.map((stored, i) => weigh(stored, Buffer.byteLength(texts[i] ?? "")));
  const items: LocalItem[] = [];
  const rows: Row[] = [];
  let bytes = 0;
  let first = 0;
  for (const [i, stored] of batch.entries()) {
    const weight = weights[i];
    const json = texts[i];
    if (!weight || json === undefined) continue;
    bytes += weight.bytes;
    const next = weights[i + 1];
    const last = next?.origin !== weight.origin || next.messageAt !== weight.messageAt;
    items.push({ stored, json, bytes: weight.bytes, seq: seq + i, weight, last });
    if (!last) continue;
    const { origin, messageAt = null } = weight;
    rows.push({ origin, count: i + 1 - first, bytes, messageAt, json: texts.slice(first, i + 1).join("\n") });
    first = i + 1;
    bytes = 0;
  }
  return { rows, items, weights };
}

type State = "open" | "full" | "closing" | "failed" | "closed";

const isOver = (state: State): state is "closing" | "failed" | "closed" => state !== "open" && state !== "full";

const unavailable = {
  full: "the disk is full",
  closing: "the inboxes are being closed",
  failed: "the inbox storage has failed",
  closed: "the inboxes are closed",
} as const;
