import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "amqplib";
import { EmbeddedInboxes, openEmbeddedInboxes } from "../server/inboxes/embedded.ts";
import { type KeptUsage, openRabbitInboxes } from "../server/inboxes/rabbitmq.ts";
import { openInboxTable } from "../server/inboxes/embedded/table.ts";
import { inlineExecutor } from "../server/inboxes/embedded/thread.ts";
import { limitsFor } from "../server/inboxes/usage.ts";
import { type Inboxes, type InboxId, type InboxLimits, type Park } from "../server/inbox.ts";
import { openSqlite, pragma, type Sqlite } from "../server/sqlite.ts";
import { type Broker, untilQueueSurvives } from "./broker.ts";
import { bundle } from "./inbox-bundle.ts";
import type { ChildTask } from "./inbox-child.ts";

export interface OpenOptions {
  readonly limits?: InboxLimits;
  readonly park?: Park;
}

/** Somewhere durable where inboxes can be opened, crashed, starved and opened again. */
export interface Place {
  readonly engine: "embedded" | "rabbitmq";
  /** Opens them; what was open before is closed cleanly. */
  open(options?: OpenOptions): Promise<Inboxes>;
  newInbox(): InboxId;
  /** aborted by `close`: a rule that failed may have left a batch in flight, which is given up then */
  readonly ending: AbortSignal;
  /** What another process, which puts 0, 1, 2, … was told is stored when it was ended with SIGKILL. Nothing is open afterwards. */
  putUntilKilled(inbox: InboxId, atLeast: number): Promise<number[]>;
  /** The storage itself crashes and comes back, as far as it is a process of its own. */
  crash(): Promise<void>;
  /** Stores something unreadable behind what is there. Nothing is open afterwards. */
  spoil(inbox: InboxId, raw: string): Promise<void>;
  /** Makes storing impossible. @returns what ends that */
  starve(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const acceptAll: Park = () => Promise.resolve();
const newInbox = (): InboxId => `bea.${randomUUID()}` as InboxId;

abstract class OpenedPlace {
  #open: Inboxes | undefined;
  readonly #ending = new AbortController();
  readonly newInbox = newInbox;
  readonly ending = this.#ending.signal;

  protected abstract make(options: Required<OpenOptions>): Promise<Inboxes>;

  async open(options: OpenOptions = {}): Promise<Inboxes> {
    await this.shut();
    this.#open = await this.make({ limits: limitsFor(10_000), park: acceptAll, ...options });
    return this.#open;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.shut();
  }

  protected async shut(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}

async function killWhilePutting(task: ChildTask, atLeast: number): Promise<number[]> {
  const script = await bundle("tests/inbox-child.ts");
  const child = spawn(process.execPath, [fileURLToPath(script), JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const stored: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    stored.push(Number(line));
    if (stored.length === atLeast) child.kill("SIGKILL");
  }
  await exited;
  if (stored.length < atLeast) throw new Error(`The child ended after ${stored.length} puts.`);
  return stored;
}

/** How the disk of an embedded place is made full. */
export type Fullness = "tmpfs" | "page limit" | "never";

/** A 4 MiB file system of our own when we may mount one (root), else SQLite's own page limit. */
export function possibleFullness(): Exclude<Fullness, "never"> {
  return process.platform === "linux" && process.getuid?.() === 0 ? "tmpfs" : "page limit";
}

/** @param worker the bundled server/inboxes/embedded/worker.ts */
export function embeddedPlace(worker: URL, fullness: Fullness = "never", fault?: ChildTask["fault"]): Place {
  return new EmbeddedPlace(worker, fullness, fault);
}

class EmbeddedPlace extends OpenedPlace implements Place {
  readonly engine = "embedded";
  readonly #folder = mkdtempSync(path.join(tmpdir(), "recado-inbox-"));
  readonly #file = path.join(this.#folder, "inboxes.db");
  #limited: Sqlite | undefined;

  constructor(
    private readonly worker: URL,
    private readonly fullness: Fullness,
    private readonly fault: ChildTask["fault"],
  ) {
    super();
    if (fullness === "tmpfs") execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", this.#folder]);
  }

  protected async make(options: Required<OpenOptions>): Promise<Inboxes> {
    const failed = (error: Error) => {
      throw error;
    };
    const reserveBytes = 524_288;
    if (this.fullness !== "page limit") {
      return openEmbeddedInboxes({ file: this.#file, worker: this.worker, reserveBytes }, { ...options, failed });
    }
    const table = await openInboxTable({ file: this.#file, reserveBytes }, (sqlite) => (this.#limited = sqlite));
    return new EmbeddedInboxes(inlineExecutor(table), table.found(), { ...options, failed });
  }

  async putUntilKilled(inbox: InboxId, atLeast: number): Promise<number[]> {
    await this.shut();
    const task = { engine: "embedded", file: this.#file, worker: this.worker.href, inbox } as const;
    return killWhilePutting({ ...task, ...(this.fault && { fault: this.fault }) }, atLeast);
  }

  async crash(): Promise<void> {
    // SQLite is no process of its own: putUntilKilled is its crash
  }

  async spoil(inbox: InboxId, raw: string): Promise<void> {
    await this.shut();
    const sqlite = openSqlite(this.#file);
    sqlite
      .prepare(
        `INSERT INTO envelope (inbox, seq, origin, bytes, message_at, json)
         SELECT id, (SELECT coalesce(max(seq), 0) + 1 FROM envelope), 'ana', ?, 1, ? FROM inbox WHERE name = ?`,
      )
      .run(raw.length, raw, inbox);
    sqlite.close();
  }

  async starve(): Promise<() => Promise<void>> {
    const { fullness } = this;
    switch (fullness) {
      case "never":
        throw new Error("This place was not made to be filled.");
      case "page limit": {
        const sqlite = this.#limited;
        if (!sqlite) throw new Error("Open it first.");
        sqlite.exec(`PRAGMA max_page_count = ${String(pragma(sqlite, "page_count"))}`);
        return async () => sqlite.exec("PRAGMA max_page_count = 1000000");
      }
      case "tmpfs": {
        const filler = path.join(this.#folder, "filler");
        const { bavail, bsize } = statfsSync(this.#folder);
        writeFileSync(filler, Buffer.alloc(bavail * bsize, 1));
        return async () => rmSync(filler);
      }
    }
  }

  override async close(): Promise<void> {
    await super.close();
    if (this.fullness === "tmpfs") execFileSync("umount", [this.#folder]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function rabbitPlace(broker: Broker): Place {
  return new RabbitPlace(broker);
}

class RabbitPlace extends OpenedPlace implements Place {
  readonly engine = "rabbitmq";
  #kept: readonly KeptUsage[] = [];
  readonly #began = Date.now();

  constructor(private readonly broker: Broker) {
    super();
  }

  protected make(options: Required<OpenOptions>): Promise<Inboxes> {
    return openRabbitInboxes(this.broker.url, {
      ...options,
      keeper: {
        take: async () => {
          const kept = this.#kept;
          this.#kept = [];
          return kept;
        },
        keep: async (all) => {
          this.#kept = all;
        },
      },
    });
  }

  async putUntilKilled(inbox: InboxId, atLeast: number): Promise<number[]> {
    await this.shut();
    return killWhilePutting({ engine: "rabbitmq", url: this.broker.url, inbox }, atLeast);
  }

  async crash(): Promise<void> {
    await pause(untilQueueSurvives(this.#began));
    await this.broker.kill();
    await this.broker.restart();
  }

  async spoil(inbox: InboxId, raw: string): Promise<void> {
    await this.shut();
    const connection = await connect(this.broker.url);
    const channel = await connection.createConfirmChannel();
    channel.sendToQueue(`inbox.${inbox}`, Buffer.from(raw), { persistent: true });
    await channel.waitForConfirms();
    await connection.close();
  }

  async starve(): Promise<() => Promise<void>> {
    await this.broker.ctl("set_disk_free_limit", "1000000GB");
    return async () => {
      await this.broker.ctl("set_disk_free_limit", "1MB");
    };
  }
}
