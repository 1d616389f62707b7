import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseLink } from "../main/open-link.ts";
import { parseBody, partsOf } from "../renderer/body.ts";
import { findEmoji, loadEmoji } from "../renderer/emoji.ts";
import { isQuoteOf, joinQuote, quoteOf, splitDraft, splitQuote } from "../renderer/quote.ts";
import { piecesOf } from "../renderer/search.svelte.ts";

const links = (text: string) => partsOf(text).flatMap((part) => (part.kind === "link" ? [part] : []));

describe("a body is text", () => {
  it("[W22] addresses become links, with what is written around them left alone", () => {
    const text = "veja https://recado.example.org/a?b=1, (www.example.org) ou bia@example.org.";
    expect(links(text).map(({ text: shown, href }) => [shown, href])).toEqual([
      ["https://recado.example.org/a?b=1", "https://recado.example.org/a?b=1"],
      ["www.example.org", "https://www.example.org/"],
      ["bia@example.org", "mailto:bia@example.org"],
    ]);
    expect(
      partsOf(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  it.each([
    "javascript:alert(1)",
    "file:///etc/passwd",
    "smb://host/share",
    "ftp://example.org/x",
    "data:text/html,<b>x</b>",
    "https://good.example@evil.example/",
    "https:\\\\evil.example",
    "<a href='https://x' onclick=1>",
    "ms-msdt:/id",
  ])("[W22] %j holds no link that would open anything else", (text) => {
    for (const { href } of links(text)) {
      expect(parseLink(href)).toBeDefined();
      expect(href).not.toMatch(/@|evil\.example@|^(?!https?:|mailto:)/);
    }
  });

  it("[W22] letters that only look like others show the host as the network knows it", () => {
    const [link] = links("https://аpple.com/conta");
    expect(link?.host).toBe("xn--pple-43d.com");
    expect(links("https://Example.org/")[0]?.host).toBeUndefined();
  });

  it("[W22] whatever is written, the parts are all of it, and every link may be opened", { timeout: 30_000 }, () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.webUrl(),
      fc.emailAddress(),
      fc.constant("> "),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join(" ");
        const parts = partsOf(text);
        expect(parts.map((part) => part.text).join("")).toBe(text);
        for (const part of parts) if (part.kind === "link") expect(parseLink(part.href)?.href).toBe(part.href);
      }),
      { numRuns: 60 },
    );
  });

  it("a few emoji alone are large, in words they are not", () => {
    expect(parseBody("👩🏽‍🔬 🧤").emojiOnly).toBe(true);
    expect(parseBody("🧤🧤🧤🧤").emojiOnly).toBe(false);
    expect(parseBody("ok 🧤").emojiOnly).toBe(false);
    expect(parseBody("12").emojiOnly).toBe(false);
  });
});

describe("a quote", () => {
  it("[W21] goes as lines that any client can read, and comes back as it was", () => {
    const body = joinQuote("lista\nde material", "mando sim");
    expect(body).toBe("> lista\n> de material\nmando sim");
    expect(splitQuote(body)).toEqual({ quote: "lista\nde material", answer: "mando sim" });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (quote, answer) => {
        const line = quote.replace(/[\r\n]/g, " ");
        if (answer.trim() === "" || /^[>\n]/.test(answer)) return;
        expect(splitQuote(joinQuote(line, answer))).toEqual({ quote: line, answer });
      }),
    );
  });

  it("[W21] what only looks like one, with nothing after it, is left as it is", () => {
    expect(splitQuote("> só isto")).toEqual({ answer: "> só isto" });
    expect(splitQuote("a > b\n> c")).toEqual({ answer: "a > b\n> c" });
    expect(splitQuote(">sem espaço\n\nresposta")).toEqual({ quote: "sem espaço", answer: "resposta" });
  });

  it("[W21] repeats a message's own words or those chosen, cut where it is long", () => {
    expect(quoteOf("> antes\nagora")).toBe("agora");
    expect(quoteOf("a lista de material", "lista")).toBe("lista");
    expect(quoteOf("um\ndois\ntrês\nquatro\ncinco")).toBe("um\ndois\ntrês\nquatro…");
    expect(quoteOf("x".repeat(500)).length).toBe(281);
  });

  it("[W21] is known again in the message that it is of, cut and in other spacing, but not in another's quote", () => {
    const long = "palavra ".repeat(60);
    expect(isQuoteOf(quoteOf(long), long)).toBe(true);
    expect(isQuoteOf(quoteOf("um\n  dois\ntrês"), "um\n  dois\ntrês")).toBe(true);
    expect(isQuoteOf(quoteOf("a lista de material", "lista"), "a lista de material")).toBe(true);
    expect(isQuoteOf("lista", "> a lista\nmando")).toBe(false);
    expect(isQuoteOf("…", "qualquer coisa")).toBe(false);
  });

  it("[W9] a draft that answers keeps what it answers, also before anything is typed", () => {
    expect(splitDraft(joinQuote("oi", ""))).toEqual({ quote: "oi", answer: "" });
    expect(splitDraft(joinQuote("oi", "al"))).toEqual({ quote: "oi", answer: "al" });
    expect(splitDraft("al")).toEqual({ answer: "al" });
  });
});

describe("emoji", () => {
  it("are found by name in both languages, accents aside", async () => {
    const pt = await loadEmoji("pt-BR");
    const en = await loadEmoji("en");
    expect(findEmoji(pt, "coração", 80).map(({ emoji }) => emoji)).toContain("❤️");
    expect(findEmoji(pt, "CORACAO verm", 10)[0]?.emoji).toBe("❤️");
    expect(findEmoji(en, "red heart", 10)[0]?.emoji).toBe("❤️");
    expect(findEmoji(en, "qqqq", 10)).toEqual([]);
    expect(pt.length).toBe(en.length);
  });
});

it("[W20] a snippet is shown in pieces, whatever its marks say", () => {
  const all = (marks: [number, number][]) =>
    piecesOf("abcdef", marks)
      .map(({ text, marked }) => (marked ? `[${text}]` : text))
      .join("");
  expect(all([[1, 3]])).toBe("a[bc]def");
  expect(all([])).toBe("abcdef");
  expect(all([[0, 6]])).toBe("[abcdef]");
  expect(
    all([
      [2, 4],
      [3, 5],
      [4, 99],
    ]),
  ).toBe("ab[cd]ef");
});
