import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../wire/contract.ts";

/**
 * How often anybody may ask. Amounts follow Signal's buckets, made wider for a desktop that
 * comes back with a full outbox. Sizes are not limited here but in the schemas.
 */
export interface Rates {
  /** a connection from this address */
  connect(address: string): Promise<void>;
  /** one guess at a password; the returned function takes it back when it was right */
  guess(folded: string, address: string): Promise<() => Promise<void>>;
  register(address: string): Promise<void>;
  /** a request of this session */
  request(session: string): Promise<void>;
  /** messages by this account; milliseconds to wait when it is too many, else undefined */
  send(account: number, messages: number): Promise<number | undefined>;
  /** a request to become a contact */
  ask(account: number): Promise<void>;
}

const minute = 60;
const hour = 3_600;

export const noRates: Rates = {
  connect: async () => undefined,
  guess: async () => async () => undefined,
  register: async () => undefined,
  request: async () => undefined,
  send: async () => undefined,
  ask: async () => undefined,
};

/** @throws Refusal rate-limited with `retryAfterMs`, from every function but `send` */
export function openRates(): Rates {
  const bucket = (points: number, duration: number) => new RateLimiterMemory({ points, duration });
  const connections = bucket(300, minute);
  // Keyed by name and address together, so that a stranger's guesses never lock the owner out (S11).
  const guesses = bucket(10, 5 * minute);
  const guessesFrom = bucket(100, 15 * minute);
  const registrations = bucket(30, hour);
  const requests = bucket(600, minute);
  const messages = bucket(3_000, minute);
  const asks = bucket(60, hour);
  return {
    connect: (address) => take(connections, network(address)),
    async guess(folded, address) {
      const from = network(address);
      const key = `${folded} ${from}`;
      await take(guesses, key);
      await take(guessesFrom, from);
      return async () => {
        await guesses.delete(key);
        await guessesFrom.reward(from, 1);
      };
    },
    register: (address) => take(registrations, network(address)),
    request: (session) => take(requests, session),
    async send(account, count) {
      const over = await overBy(messages, String(account), count);
      return over?.msBeforeNext;
    },
    ask: (account) => take(asks, String(account)),
  };
}

async function take(bucket: RateLimiterMemory, key: string): Promise<void> {
  const over = await overBy(bucket, key, 1);
  if (over) throw new Refusal("rate-limited", "Too many requests. Wait a moment.", Math.max(1_000, over.msBeforeNext));
}

async function overBy(bucket: RateLimiterMemory, key: string, points: number): Promise<RateLimiterRes | undefined> {
  const state = await bucket.get(key);
  if (state && state.remainingPoints < points) return state;
  await bucket.penalty(key, points);
  return undefined;
}

/** IPv6 is counted by its /64: one household has all of it. */
function network(address: string): string {
  const plain = address.replace(/^::ffff:/, "");
  return plain.includes(":") ? plain.split(":").slice(0, 4).join(":") : plain;
}
