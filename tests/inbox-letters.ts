import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { envelope, foldName, type FoldedName } from "../wire/model.ts";
import { type Appetite, type Consumption, type Inboxes, type InboxId, type Stored } from "../server/inbox.ts";

/** A message whose body says its number, so that order and loss can be read off. */
export function letter(
  number: number,
  from = "ana",
  more: { readonly at?: number; readonly padding?: number } = {},
): Stored {
  const at = more.at ?? 1_000 + number;
  return envelope.parse({
    kind: "message",
    id: randomUUID(),
    at,
    from,
    to: "bea",
    body: `${number}${".".repeat(more.padding ?? 0)}`,
    sentAt: at,
    acceptedAt: at,
  });
}

export function receipt(by = "ana"): Stored {
  return envelope.parse({ kind: "receipt", id: randomUUID(), at: 1, by, status: "read", of: [randomUUID()] });
}

export const numberOf = (stored: Stored): number =>
  "body" in stored && typeof stored.body === "string" ? Number.parseInt(stored.body, 10) : Number.NaN;

export const origin = (name: string): FoldedName => foldName(name);

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

export const plenty = (): Appetite => ({ envelopes: 64, bytes: 1_048_576 });

/** Waits for a condition, never for a while. @throws Error with `what` when it does not come */
export async function until(what: string, condition: () => boolean, limitMs = 20_000): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`It did not happen: ${what}.`);
    await pause(5);
  }
}

/** @throws Error when it takes longer: a promise that never settles must fail its rule, not the whole run */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const clock = new AbortController();
  const late = pause(limitMs, undefined, { signal: clock.signal }).then(() => {
    throw new Error(`It took more than ${limitMs} ms: ${what}.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clock.abort();
    late.catch(() => undefined);
  }
}

export interface Reader {
  readonly got: Stored[];
  readonly batches: (readonly Stored[])[];
  readonly consumption: Consumption;
  numbers(): number[];
}

/** Consumes and settles everything that comes. */
export async function read(inboxes: Inboxes, inbox: InboxId, appetite = plenty): Promise<Reader> {
  const got: Stored[] = [];
  const batches: (readonly Stored[])[] = [];
  const consumption = await inboxes.consume(
    inbox,
    async (batch) => {
      const envelopes = batch.map(({ stored }) => stored);
      batches.push(envelopes);
      got.push(...envelopes);
    },
    appetite,
  );
  return { got, batches, consumption, numbers: () => got.map(numberOf) };
}

/** Everything an inbox holds, in order, settled: read up to a last one put for that purpose. */
export async function drain(inboxes: Inboxes, inbox: InboxId): Promise<number[]> {
  const last = 999_999;
  await inboxes.put([inbox], [letter(last, "zoe")]);
  const reader = await read(inboxes, inbox);
  await until("the last envelope comes", () => reader.numbers().includes(last));
  await reader.consumption.stop();
  return reader.numbers().filter((number) => number !== last);
}
