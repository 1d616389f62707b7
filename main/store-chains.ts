import { z } from "zod";
import { type Change, type Database, type Query } from "./database.ts";

export interface ChainState {
  /** the first number seen; before it, this reader was not there */
  readonly first: number;
  /** nothing is missing from `first` to here */
  readonly through: number;
  /** the highest number seen; above `through` there is a gap */
  readonly highest: number;
}

/**
 * A stream as its reader knows it after one more number (O9). `holds` says whether a number beyond a gap is here already.
 */
export function follow(state: ChainState | undefined, number: number, holds: (number: number) => boolean): ChainState {
  if (!state) return { first: number, through: number, highest: number };
  let through = state.through;
  if (number === through + 1) {
    through = number;
    while (through < state.highest && holds(through + 1)) through++;
  }
  return { first: state.first, through, highest: Math.max(state.highest, number) };
}

const chainRow = z.object({ first: z.number(), through: z.number(), highest: z.number() });

/** What this device knows of the streams of others. */
export class StoredChains {
  readonly #find: Query<ChainState>;
  readonly #put: Change;
  readonly #holds: Query<{ one: number }>;
  readonly #missing: Query<{ streams: number; missing: number | null }>;
  readonly #forget: Change;

  constructor(database: Database) {
    this.#find = database.query(chainRow, "SELECT first, through, highest FROM chains WHERE sender = ? AND chain = ?");
    this.#put = database.change(
      `INSERT INTO chains (sender, chain, first, through, highest) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (sender, chain) DO UPDATE SET through = excluded.through, highest = excluded.highest`,
    );
    this.#holds = database.query(
      z.object({ one: z.number() }),
      "SELECT 1 AS one FROM messages WHERE chain = ? AND sender = ? AND number = ?",
    );
    // only streams with a gap are counted through, and there are nearly never any
    this.#missing = database.query(
      z.object({ streams: z.number(), missing: z.number().nullable() }),
      `SELECT count(*) AS streams, sum(CASE WHEN through < highest THEN highest - first + 1 - (
         SELECT count(*) FROM messages m WHERE m.chain = c.chain AND m.sender = c.sender AND m.number >= c.first
       ) ELSE 0 END) AS missing FROM chains c WHERE sender = ?`,
    );
    this.#forget = database.change("DELETE FROM chains WHERE sender = ?");
  }

  /** How many of somebody's messages never came; `undefined` while nothing of theirs was numbered. */
  missing(sender: string): number | undefined {
    const row = this.#missing.get(sender);
    return row && row.streams > 0 ? (row.missing ?? 0) : undefined;
  }

  /** The proof begins anew: what one blocks or declines is discarded on purpose, and no gap (O9). */
  restart(sender: string): void {
    this.#forget.run(sender);
  }

  find(sender: string, chain: string): ChainState | undefined {
    return this.#find.get(sender, chain);
  }

  /**
   * Notes a number that was stored just now, in the same transaction.
   * @returns how many right before it never came
   */
  note(sender: string, chain: string, number: number): number {
    const before = this.find(sender, chain);
    const holds = (other: number): boolean => this.#holds.get(chain, sender, other) !== undefined;
    const next = follow(before, number, holds);
    this.#put.run(sender, chain, next.first, next.through, next.highest);
    return before ? Math.max(0, number - 1 - before.highest) : 0;
  }
}
