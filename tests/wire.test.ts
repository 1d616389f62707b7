import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, type Contract, errorCodes, type Handlers, refusal, Refusal } from "../wire/contract.ts";
import { advance, messageStatus } from "../wire/message-status.ts";
import { checkBody, foldName, parseName, utf8Length } from "../wire/model.ts";

describe("names", () => {
  test.each([
    ["ana", "ana"],
    ["João", "João"],
    ["Joa\u0303o", "João"],
    ["Ａｎａ", "Ana"],
    ["ﬁn", "fin"],
    ["Å", "Å"],
    ["9lives", "9lives"],
    ["a.b_c-d", "a.b_c-d"],
    ["a".repeat(32), "a".repeat(32)],
  ])("[R1] %j is a name", (typed, name) => {
    expect(parseName(typed)).toBe(name);
  });

  test.each([
    ...[
      "",
      " ",
      "a b",
      ".ana",
      "-ana",
      "_ana",
      "a".repeat(33),
      "аna",
      "anа",
      "名前",
      "мир",
      "αβγ",
      "a\u0000",
      "a\u200d",
    ],
    ...["a\u202e", "a/b", "a*", "#", "a😀", "\ud800", "a\udc00", "ana\n", "１\u0301", "a".repeat(10_000)],
  ])("[R1] %j is none", (typed) => {
    expect(parseName(typed)).toBeUndefined();
  });

  test.each([
    ["Ana", "aNA"],
    ["Straße", "STRASSE"],
    ["Straße", "STRAẞE"],
    ["ſan", "san"],
    ["ılı", "ili"],
    ["Ａna", "ana"],
    ["K", "k"],
    ["JOÃO", "Joa\u0303o"],
  ])("[R1] %j and %j are one account", (one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test("[R1] folding what is folded changes nothing, for every Latin letter and any text", () => {
    for (let code = 0; code < 0x1_f000; code++) {
      const letter = String.fromCodePoint(code);
      if (!/\p{Script=Latin}/u.test(letter)) continue;
      const folded = foldName(`a${letter}b`);
      expect(foldName(folded), code.toString(16)).toBe(folded);
      expect(foldName(`A${letter.toUpperCase()}B`), code.toString(16)).toBe(folded);
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(foldName(foldName(text))).toBe(foldName(text));
      }),
    );
  });
});

describe("bodies", () => {
  test("[G9] bytes are counted as an encoder makes them", () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        expect(utf8Length(text)).toBe(encoder.encode(text).length);
      }),
    );
  });

  test("[G9] what may be sent is 1 to 65,536 bytes of well-formed text", () => {
    const encoder = new TextEncoder();
    const unit = fc.constantFrom("a", "é", "€", "😀", "\ud800", "\udc00");
    fc.assert(
      fc.property(unit, fc.nat(70_000), fc.string({ unit: "binary", maxLength: 5 }), (letter, count, tail) => {
        const body = letter.repeat(count) + tail;
        const said = checkBody(body);
        if (body === "") expect(said).toBe("empty");
        else if (body.isWellFormed()) expect(said).toBe(encoder.encode(body).length > 65_536 ? "too-long" : "ok");
        else expect(["malformed", "too-long"]).toContain(said);
      }),
      { numRuns: 500 },
    );
  });
});

describe("message status", () => {
  const rank = ["pending", "refused", "accepted", "delivered", "read"] as const;
  test.each(rank.flatMap((now, i) => rank.map((heard, j) => [now, heard, rank[Math.max(i, j)]] as const)))(
    "[O6] %s, then %s heard: %s",
    (now, heard, then) => {
      expect(advance(now, heard)).toBe(then);
    },
  );
  test("[O6] the table has every status", () => expect(messageStatus.options).toEqual(rank));
});

describe("answer", () => {
  const contract = {
    add: { params: z.object({ a: z.number(), b: z.number() }), value: z.number() },
    none: { params: z.object({}), value: z.object({}) },
    refuse: { params: z.object({}), value: z.object({}) },
    break: { params: z.object({}), value: z.object({}) },
  } as const satisfies Contract;
  const handlers: Handlers<typeof contract, string> = {
    add: ({ a, b }) => a + b,
    none: () => ({}),
    refuse: () => {
      throw new Refusal("rate-limited", "Later.", 70);
    },
    break: async () => {
      throw new Error("a secret of ours");
    },
  };
  const faults: string[] = [];
  const ask = (name: string, params?: unknown) =>
    answer(contract, handlers, name, params, "context", (error, at) => faults.push(`${at}: ${String(error)}`));

  test("[R3] looks up, parses, runs, replies", async () => {
    expect(await ask("add", { a: 1, b: 2, more: 3 })).toEqual({ ok: true, value: 3 });
    expect(await ask("none")).toEqual({ ok: true, value: {} });
  });

  test.each(["", "sub", "toString", "constructor", "__proto__", "hasOwnProperty"])(
    "[R3] there is no %j",
    async (name) => {
      expect(await ask(name, {})).toMatchObject({ ok: false, error: { code: "invalid", retryable: false } });
    },
  );

  test("[R3] what does not fit is invalid, and its words are not repeated", async () => {
    const reply = await ask("add", { a: "a secret", b: 1 });
    expect(reply).toMatchObject({ ok: false, error: { code: "invalid" } });
    expect(JSON.stringify(reply)).not.toContain("secret");
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (params) => {
        expect(["boolean"]).toContain(typeof (await ask("add", params)).ok);
      }),
    );
  });

  test("[R3] a refusal crosses as it is; a fault of ours is unavailable, and told to us alone", async () => {
    expect(await ask("refuse")).toEqual({ ok: false, error: refusal("rate-limited", "Later.", 70) });
    const reply = await ask("break");
    expect(reply).toMatchObject({ ok: false, error: { code: "unavailable", retryable: true } });
    expect(JSON.stringify(reply)).not.toContain("secret");
    expect(faults).toEqual(["break: Error: a secret of ours"]);
  });

  test("[R3] whether asking again may help is a property of the code", () => {
    const retryable = Object.entries(errorCodes).flatMap(([code, facts]) => (facts.retryable ? code : []));
    for (const code of ["offline", "inbox-full", "rate-limited", "unavailable", "relay-full"])
      expect(retryable).toContain(code);
    for (const code of ["invalid", "too-long", "not-a-contact", "unknown-name", "token-invalid"])
      expect(retryable).not.toContain(code);
  });
});
