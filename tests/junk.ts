import fc from "fast-check";

const anything = fc.oneof(
  fc.anything({ maxDepth: 3 }),
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, [], {}, "x".repeat(100_000), 1e308, { __proto__: { a: 1 } }, Buffer.from("bytes"), {
    toString: null,
    hasOwnProperty: 1,
    constructor: { prototype: {} },
  }),
  fc.record({
    messages: fc.array(
      fc.record({
        id: fc.oneof(fc.uuid(), fc.string()),
        to: fc.string(),
        body: fc.anything(),
        sentAt: fc.anything(),
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({ name: fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant("__proto__")) }),
  fc.record({ from: fc.anything(), ids: fc.anything(), presence: fc.anything(), device: fc.anything() }),
);
const sendable = (value: unknown): boolean => {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
};

/** Parameters that no app would send, as far as JSON can carry them. */
export const junk = anything.filter(sendable);
