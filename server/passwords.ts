import { hash, verify } from "@node-rs/argon2";
import { Refusal } from "../wire/contract.ts";

// OWASP's floor for argon2id: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const fewestCharacters = 8;
const mostCharacters = 128;
/** zxcvbn's 2 of 4: more than a million guesses */
const weakestScore = 2;

export interface Passwords {
  /** @throws Refusal password-weak: too short, too long, or among the first million that anybody would try */
  check(password: string, name: string): Promise<void>;
  hash(password: string): Promise<string>;
  /** Takes the same time whether there is a hash to compare with or not, so that nobody learns which names exist. */
  matches(stored: string | undefined, password: string): Promise<boolean>;
}

/**
 * argon2id, a few at a time: each hash costs a core 30 to 100 ms, so a flood of sign-ins would starve messages.
 * @param atOnce hashes computed at the same time
 * @param queued hashes that may wait; beyond that a sign-in hears `rate-limited`
 */
export function openPasswords(atOnce = 2, queued = 500): Passwords {
  const turn = turns(atOnce, queued);
  let decoy: Promise<string> | undefined;
  return {
    async check(password, name) {
      const length = Array.from(password).length;
      if (length < fewestCharacters || length > mostCharacters) {
        throw new Refusal("password-weak", `A password has ${fewestCharacters} to ${mostCharacters} characters.`);
      }
      if ((await strength(password, name)) < weakestScore) {
        throw new Refusal(
          "password-weak",
          "This password is among the first that anybody would guess. A phrase of a few words is better.",
        );
      }
    },
    hash: (password) => turn(() => hash(password.normalize("NFKC"), cost)),
    async matches(stored, password) {
      decoy ??= turn(() => hash("nobody has this password", cost));
      const against = stored ?? (await decoy);
      const same = await turn(() => verify(against, password.normalize("NFKC")));
      return same && stored !== undefined;
    },
  };
}

let estimate: Promise<(password: string, name: string) => number> | undefined;

/** The dictionaries weigh some megabytes and only registering needs them, so they are loaded then. */
async function strength(password: string, name: string): Promise<number> {
  estimate ??= Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]).then(([core, common]) => {
    const judge = new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
    // what comes after 32 characters cannot make it weaker, and judging it would hold the loop for 100 ms
    return (text, own) => judge.check(text.slice(0, 32), [own]).score;
  });
  return (await estimate)(password, name);
}

function turns(atOnce: number, queued: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async function turn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnce) {
      if (waiting.length >= queued) throw new Refusal("rate-limited", "Too many people are signing in at once.", 3_000);
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
