import type { WireError } from "../wire/contract.ts";
import type { AccountId, Bridge, SearchHit } from "../wire/ipc.ts";

/** About what a window shows: results come with the key that asks for them, and what nobody sees would hold them up. */
const pageSize = 15;

/** The part of a window that can be searched: `within` one conversation, or in all. */
export interface SearchPlace {
  search(within: string | undefined): void;
}

export interface SearchOptions {
  readonly bridge: Bridge;
  readonly account: AccountId;
}

/** A search over one account's history: what was asked, what was found so far, and which result is meant. */
export class Search {
  /** where: the key of a conversation; none: in all */
  within = $state<string>();
  hits = $state.raw<readonly SearchHit[]>([]);
  more = $state(false);
  /** index of the result that Enter chooses */
  active = $state(0);
  /** whether `hits` answers what is asked */
  settled = $state(true);
  refusal = $state.raw<WireError>();
  #query = $state("");

  readonly #options: SearchOptions;
  /** the latest question: what an older one brings is not of interest any more */
  #turn = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  get query(): string {
    return this.#query;
  }

  set query(query: string) {
    this.#query = query;
    void this.#ask();
  }

  /** Looks in one conversation or in all; asks again, because there may be news. */
  look(within: string | undefined): void {
    this.within = within;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const turn = ++this.#turn;
    this.settled = false;
    const found = this.#query.trim() === "" ? undefined : await this.#page(undefined);
    if (turn !== this.#turn) return;
    this.active = 0;
    this.hits = found?.hits ?? [];
    this.more = found?.more ?? false;
    this.settled = true;
  }

  /** The next page, older than what is here. */
  async further(): Promise<void> {
    const last = this.hits.at(-1);
    if (!this.more || !this.settled || !last) return;
    const turn = ++this.#turn;
    this.settled = false;
    const found = await this.#page(last.position);
    if (turn !== this.#turn) return;
    this.hits = [...this.hits, ...(found?.hits ?? [])];
    this.more = found?.more ?? false;
    this.settled = true;
  }

  /** Means another result, and fetches more before the end is reached. */
  step(by: number): void {
    this.active = Math.max(0, Math.min(this.hits.length - 1, this.active + by));
    if (this.active > this.hits.length - 5) void this.further();
  }

  async #page(before: number | undefined): Promise<{ hits: SearchHit[]; more: boolean } | undefined> {
    const reply = await this.#options.bridge.call("message:search", {
      account: this.#options.account,
      query: this.#query.slice(0, 256),
      limit: pageSize,
      ...(this.within !== undefined && { name: this.within }),
      ...(before !== undefined && { before }),
    });
    this.refusal = reply.ok ? undefined : reply.error;
    return reply.ok ? reply.value : undefined;
  }
}

/** A text cut at its marks, for showing. */
export function piecesOf(
  text: string,
  marks: readonly (readonly [number, number])[],
): { text: string; marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = [];
  let done = 0;
  for (const [from, to] of marks) {
    if (from < done || to > text.length) continue;
    if (from > done) pieces.push({ text: text.slice(done, from), marked: false });
    pieces.push({ text: text.slice(from, to), marked: true });
    done = to;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), marked: false });
  return pieces;
}
