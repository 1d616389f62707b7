import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { marksIn, parseSearch, snippetOf } from "../main/search-query.ts";
import { type Store } from "../main/store.ts";
import { foldName } from "../wire/model.ts";
import { ana, bia, newId, storePlace, write, type StorePlace } from "./store-place.ts";

let place: StorePlace;
let store: Store;

beforeEach(async () => {
  place = storePlace();
  store = await place.open();
});
afterEach(() => {
  store.close();
  place.remove();
});

const hear = (from: string, body: string) => {
  const row = store.messages.add({
    peer: foldName(from),
    sender: foldName(from),
    senderName: from,
    id: newId(),
    mine: false,
    body,
    sentAt: 2,
    acceptedAt: 2,
    status: "accepted",
    unread: true,
  });
  if (!row) throw new Error("not new");
  return row;
};
const found = (typed: string, peer?: string) => store.search.find(typed, 50, peer).hits.map(({ snippet }) => snippet);

describe("searching the history", () => {
  it("[W20] words are found by their beginnings, in any order, case and accents aside", () => {
    hear("Bia", "Faltou ÁGUA na geladeira");
    hear("Bia", "agua-viva na praia");
    hear("Bia", "vinho");
    expect(found("agua")).toEqual(["agua-viva na praia", "Faltou ÁGUA na geladeira"]);
    expect(found("água gela")).toEqual(["Faltou ÁGUA na geladeira"]);
    expect(found("GELADEIRA falt")).toEqual(["Faltou ÁGUA na geladeira"]);
    // as a Mac composes it
    expect(found("a\u0301gua")).toHaveLength(2);
    expect(found("gua")).toEqual([]);
  });

  it("[W20] in one conversation or in all, newest first, and paged without repeats or gaps", () => {
    for (let i = 0; i < 25; i++) hear(i % 2 === 0 ? "Bia" : "bia.b", `recado ${i}`);
    expect(found("recado", bia)).toHaveLength(13);
    expect(found("recado", foldName("bia.b"))).toHaveLength(12);
    const seen: number[] = [];
    let before: number | undefined;
    for (let more = true; more;) {
      const page = store.search.find("recado", 4, undefined, before);
      seen.push(...page.hits.map(({ position }) => position));
      before = seen.at(-1);
      more = page.more;
    }
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
    expect(new Set(seen).size).toBe(25);
  });

  it("[W20] signs that are no words are found as they stand", () => {
    hear("Bia", "pedi mais 🧤 hoje");
    hear("Bia", "pedi mais luvas");
    expect(found("🧤")).toEqual(["pedi mais 🧤 hoje"]);
    expect(found("pedi 🧤")).toEqual(["pedi mais 🧤 hoje"]);
    expect(found("")).toEqual([]);
    expect(found("  \n ")).toEqual([]);
  });

  it("[W20] what is deleted is not found any more, and what waits to be sent is", () => {
    const id = write(store, "Bia", "segredo guardado");
    const { id: theirs } = hear("Bia", "segredo deles");
    expect(found("segredo")).toHaveLength(2);
    store.transact(() => store.messages.bury(ana, id));
    store.transact(() => store.messages.bury(bia, theirs));
    expect(found("segredo")).toEqual([]);
  });

  it("[W20] a query is only text, whatever is in it", () => {
    hear("Bia", `NEAR("a" b) OR body : * ^ x" -- ; DROP TABLE messages`);
    const hostile = [
      '"',
      '""',
      "*",
      "NEAR(",
      'a" OR "b',
      "body : x",
      "peer:bia",
      "^a",
      "-a",
      "{a b} : c",
      "a AND",
      "\0",
      "'",
    ];
    for (const typed of hostile) expect(() => found(typed)).not.toThrow();
    expect(found("near( drop")).toHaveLength(1);
    expect(found("peer:ana")).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (typed) => {
        store.search.find(typed, 5);
        store.search.find(typed, 5, bia);
      }),
      { numRuns: 300 },
    );
  });

  it("[W20] any word of any message finds it again", () => {
    const word = fc.stringMatching(/^[a-zA-ZáÁçãÕü0-9]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const { position } = hear("Bia", words.join(" "));
        for (const one of words) {
          expect(store.search.find(one.toLowerCase(), 1).hits[0]?.position).toBe(position);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("what a result shows", () => {
  it("[W20] marks what matched as offsets, accents and all", () => {
    const query = parseSearch("agua");
    const marked = marksIn("A ÁGUAS e a\u0301gua", query).map(([from, to]) => "A ÁGUAS e a\u0301gua".slice(from, to));
    expect(marked).toEqual(["ÁGUA", "a\u0301gua"]);
    expect(marksIn("d'água", parseSearch("d'ag"))).toEqual([
      [0, 1],
      [2, 4],
    ]);
  });

  it("[W20] a snippet is one line around the first match, and never half a character", () => {
    const far = `${"começo longo ".repeat(30)}\n\nagulha ${"e palha ".repeat(60)}`;
    const { snippet, marks } = snippetOf(far, parseSearch("agulha"));
    expect(snippet.length).toBeLessThan(170);
    expect(snippet).not.toContain("\n");
    const [mark] = marks;
    expect(mark && snippet.slice(...mark)).toBe("agulha");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), fc.string({ maxLength: 4 }), (body, typed) => {
        const made = snippetOf(body, parseSearch(typed));
        expect(made.snippet.isWellFormed()).toBe(true);
        for (const [from, to] of made.marks) expect(from < to && to <= made.snippet.length).toBe(true);
      }),
    );
  });
});

describe("what a quote is of", () => {
  it("[W21] the newest message before the answer that says it is found, however it is spaced or cut", () => {
    const first = hear("Bia", "consegue a lista\n de material até as três?").position;
    const again = hear("Bia", "a lista de material, por favor").position;
    const answer = hear("Bia", "> lista de material\nmando").position;
    expect(store.search.quoted("lista de material até as três?", bia, answer)).toBe(first);
    expect(store.search.quoted("lista de mat…", bia, answer)).toBe(again);
    expect(store.search.quoted("lista de material", bia, again)).toBe(first);
    expect(store.search.quoted("nunca dito", bia, answer)).toBeUndefined();
    expect(store.search.quoted("lista de material", ana, answer)).toBeUndefined();
  });
});

describe("a draft", () => {
  it("[W9] is kept over a restart, and goes when it is emptied", async () => {
    store.transact(() => store.drafts.put(bia, "quase"));
    store.close();
    store = await place.open();
    expect(store.drafts.find(bia)).toBe("quase");
    expect(store.transact(() => store.drafts.put(bia, "quase"))).toBe(false);
    expect(store.transact(() => store.drafts.put(bia, ""))).toBe(true);
    expect(store.drafts.find(bia)).toBeUndefined();
  });
});

describe("a page of the log around a message", () => {
  it("[W20] holds it and its neighbours, and says what is on either side", () => {
    const all = Array.from({ length: 20 }, (_, i) => hear("Bia", `m ${i}`).position);
    expect(store.messages.pageAfter(bia, 5, all[9] ?? 0).messages.map(({ position }) => position)).toEqual(
      all.slice(10, 15),
    );
    expect(store.messages.pageAfter(bia, 5, all[14] ?? 0).newer).toBe(false);
    expect(store.messages.pageAfter(bia, 5, all[13] ?? 0).newer).toBe(true);
  });
});
