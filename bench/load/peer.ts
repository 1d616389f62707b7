import { type Ack, type Plan } from "../plan.ts";

/** What a peer hears. Numbers are those of `send`, within its own stream. */
export interface Heard {
  /** the server has answered for these */
  accepted(numbers: readonly number[]): void;
  /** the server has refused these */
  refused(numbers: readonly number[], why: string): void;
  /** the reader has answered for these, and the server has brought that here */
  receipted(numbers: readonly number[]): void;
  /** bodies that came in; `answer` is to be called when the reader has them */
  received(bodies: readonly string[], answer: () => void): void;
}

/** One signed-in user, whatever is spoken. Who writes does so to one other user. */
export interface Peer {
  /** Hands over `count` messages numbered from `first`; how they are packed is the protocol's manner. */
  send(first: number, count: number): void;
  close(): void;
}

export interface Who {
  readonly user: number;
  readonly to: number;
  readonly role: "writer" | "reader";
  /** which of the account's devices */
  readonly device: number;
}

export interface Protocol {
  /** Signs a user in. @throws when that is refused, or not answered in time */
  connect(who: Who, heard: Heard, plan: Plan): Promise<Peer>;
}

/** `pair/number/` and padding: who reads it can tell what is missing, came again, or overtook. */
export const bodyOf = (pair: number, number: number, bytes: number): string =>
  `${pair}/${number}/`.padEnd(bytes, "recado de teste ");

/** @returns pair and number of a body */
export function readBody(body: string): { pair: number; number: number } {
  const slash = body.indexOf("/");
  return { pair: Number(body.slice(0, slash)), number: Number(body.slice(slash + 1, body.indexOf("/", slash + 1))) };
}

/** Whether the reader of this plan says that it has a message. */
export const answers = (ack: Ack): boolean => ack === "receiver";

export const pairOf = (user: number): number => Math.floor(user / 2);

/** Rejects when `work` takes longer. @param limitMs milliseconds */
export async function inTime<T>(what: string, work: Promise<T>, limitMs = 30_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: no answer in ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
