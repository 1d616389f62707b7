import { type Kept, type Stored } from "../inbox.ts";

const text = (value: object, key: string): boolean => typeof Reflect.get(value, key) === "string";

/**
 * Whether something read back from an inbox is an envelope. Checked by hand and not by schema: it runs for every envelope
 * of every delivery, on what this relay's own boundary has parsed before; the device parses once more.
 * An unknown kind is one (a newer relay wrote it); a known kind without its fields is not (I12).
 */
function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  if (!text(value, "id") || !text(value, "kind") || !Number.isFinite(Reflect.get(value, "at"))) return false;
  switch (Reflect.get(value, "kind")) {
    case "message":
      return text(value, "from") && text(value, "to") && text(value, "body");
    case "receipt":
      return text(value, "by") && text(value, "status") && Array.isArray(Reflect.get(value, "of"));
    case "contact":
      return text(value, "name") && text(value, "change");
    default:
      return true;
  }
}

export type Reading =
  ({ readonly kind: "stored" } & Kept) | { readonly kind: "unreadable"; readonly raw: string; readonly reason: string };

/** Reads one envelope's JSON. */
export function readStored(json: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { kind: "unreadable", raw: json, reason: "is not JSON" };
  }
  return checkStored(value, json);
}

/** Between the envelopes of an array. JSON as it is written here has no line break of its own, so this parts nothing else. */
const between = ",\n";

/** Envelopes, each as JSON already, as one JSON array: a broker message. */
export const joinBatch = (texts: readonly string[]): string => `[${texts.join(between)}]`;

/** Reads a JSON array of envelopes, as a broker message holds it; `unreadable` when it is not even an array. */
export function readStoredBatch(json: string): readonly Reading[] {
  const parted = json.startsWith("[") && json.endsWith("]") ? json.slice(1, -1).split(between).map(readStored) : [];
  if (parted.length > 0 && parted.every(({ kind }) => kind === "stored")) return parted;
  // written by somebody else, or an older relay
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return [{ kind: "unreadable", raw: json, reason: "is not JSON" }];
  }
  if (!Array.isArray(value)) return [{ kind: "unreadable", raw: json, reason: "is not a list of envelopes" }];
  return value.map((element: unknown) => checkStored(element, JSON.stringify(element)));
}

function checkStored(value: unknown, json: string): Reading {
  if (isStored(value)) return { kind: "stored", stored: value, json };
  return { kind: "unreadable", raw: json, reason: "is not an envelope" };
}
