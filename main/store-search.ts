import { z } from "zod";
import { type SearchHit } from "../wire/ipc.ts";
import { type Database, type Query } from "./database.ts";
import { matchOf, parseSearch, snippetOf, type SearchQuery } from "./search-query.ts";

const hitRow = z.object({
  position: z.number(),
  peer: z.string(),
  sender_name: z.string(),
  mine: z.literal([0, 1]),
  sent_at: z.number(),
  body: z.string(),
});
type HitRow = z.infer<typeof hitRow>;

/** how many of the messages that hold a quote's words are compared with it */
const candidates = 50;
/** words of a quote that the index is asked for; the comparison sees all of it */
const quoteWords = 8;

const columns = "m.position, m.peer, m.sender_name, m.mine, m.sent_at, m.body";
// Signs are no words to the index: they are looked for in the texts. The first by itself, because where there are no words
// every text is looked through, and a list for each of them takes twice as long.
const signs = "instr(m.body, ?) > 0 AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE instr(m.body, value) = 0)";

/** Search over all the history of one account: an index of words, newest first. */
export class StoredSearch {
  readonly #everywhere: Query<HitRow>;
  readonly #within: Query<HitRow>;
  readonly #signsEverywhere: Query<HitRow>;
  readonly #signsWithin: Query<HitRow>;

  constructor(database: Database) {
    const indexed = `SELECT ${columns} FROM search s JOIN messages m ON m.position = s.rowid
      WHERE search MATCH ? AND s.rowid < ?`;
    const scanned = `SELECT ${columns} FROM messages m WHERE m.stone = 0 AND m.position < ?`;
    this.#everywhere = database.query(hitRow, `${indexed} AND ${signs} ORDER BY s.rowid DESC LIMIT ?`);
    this.#within = database.query(hitRow, `${indexed} AND m.peer = ? AND ${signs} ORDER BY s.rowid DESC LIMIT ?`);
    this.#signsEverywhere = database.query(hitRow, `${scanned} AND ${signs} ORDER BY m.position DESC LIMIT ?`);
    this.#signsWithin = database.query(
      hitRow,
      `${scanned} AND m.peer = ? AND ${signs} ORDER BY m.position DESC LIMIT ?`,
    );
  }

  /**
   * What holds everything that was typed, newest first.
   * @param peer only this conversation
   * @param before the position from which to go on
   */
  find(
    typed: string,
    limit: number,
    peer?: string,
    before = Number.MAX_SAFE_INTEGER,
  ): { hits: SearchHit[]; more: boolean } {
    const query = parseSearch(typed);
    const rows = this.#rows(query, limit + 1, peer, before);
    return { hits: rows.slice(0, limit).map((row) => hitOf(row, query)), more: rows.length > limit };
  }

  /** The newest message before `before` that says what is quoted. */
  quoted(quoted: string, peer: string, before: number): number | undefined {
    const wanted = simplify(quoted).replace(/ ?…$/, "");
    if (wanted === "") return undefined;
    const query = parseSearch(wanted.split(" ").slice(0, quoteWords).join(" "));
    return this.#rows(query, candidates, peer, before).find(({ body }) => simplify(body).includes(wanted))?.position;
  }

  #rows({ words, signs: marks }: SearchQuery, limit: number, peer: string | undefined, before: number): HitRow[] {
    const [first = "", ...others] = marks;
    const wanted = [first, JSON.stringify(others)];
    if (words.length > 0) {
      const match = matchOf(words, peer);
      return peer === undefined
        ? this.#everywhere.all(match, before, ...wanted, limit)
        : this.#within.all(match, before, peer, ...wanted, limit);
    }
    if (marks.length === 0) return [];
    return peer === undefined
      ? this.#signsEverywhere.all(before, ...wanted, limit)
      : this.#signsWithin.all(before, peer, ...wanted, limit);
  }
}

/** A text as quotes are compared: what it quotes itself left out, on one line, however it is spaced. */
function simplify(body: string): string {
  return body
    .replace(/^(?:> ?.*\n)+/, "")
    .replace(/\s+/g, " ")
    .trim();
}

function hitOf(row: HitRow, query: SearchQuery): SearchHit {
  return {
    position: row.position,
    with: row.peer,
    from: row.sender_name,
    mine: row.mine === 1,
    sentAt: row.sent_at,
    ...snippetOf(row.body, query),
  };
}
