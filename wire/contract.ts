import { z } from "zod";

/**
 * Every code that can cross a wire, and whether asking the same again later may succeed.
 * The sentence a person reads for each one lives in the renderer's catalogues.
 */
export const errorCodes = {
  // shape of the request
  invalid: { retryable: false },
  "protocol-unsupported": { retryable: false },
  // signing in
  "name-invalid": { retryable: false },
  "name-taken": { retryable: false },
  "password-weak": { retryable: false },
  "credentials-invalid": { retryable: false },
  "token-invalid": { retryable: false },
  "invite-needed": { retryable: false },
  "relay-full": { retryable: true },
  // any request
  "rate-limited": { retryable: true },
  unavailable: { retryable: true },
  offline: { retryable: true },
  // messages
  "not-a-contact": { retryable: false },
  "unknown-name": { retryable: false },
  "too-long": { retryable: false },
  "inbox-full": { retryable: true },
  // contacts
  "own-name": { retryable: false },
  "already-contact": { retryable: false },
  blocked: { retryable: false },
  // only between the window and the main process
  "relay-unreachable": { retryable: true },
  "relay-not-found": { retryable: false },
  "relay-address-invalid": { retryable: false },
  "not-a-relay": { retryable: false },
  "certificate-untrusted": { retryable: true },
  "account-open": { retryable: false },
  "account-unknown": { retryable: false },
  "storage-failed": { retryable: true },
  "link-refused": { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** What a refusal looks like on every wire. `message` is English and for logs; people read the catalogue's sentence for `code`. */
export const wireError = z.object({
  code: z.string().refine(isErrorCode),
  message: z.string(),
  retryable: z.boolean(),
  retryAfterMs: z.number().nonnegative().optional(),
});
export type WireError = z.infer<typeof wireError>;

export type Reply<Value> = { ok: true; value: Value } | { ok: false; error: WireError };

/**
 * Builds the error that crosses a wire; `retryable` is a property of the code, not of the caller's mood.
 * @param retryAfterMs how long the other side should wait, in milliseconds
 */
export function refusal(code: ErrorCode, message: string, retryAfterMs?: number): WireError {
  return { code, message, retryable: errorCodes[code].retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Thrown inside a process to end the current request with this refusal; `answer` turns it into a reply. */
export class Refusal extends Error {
  readonly error: WireError;

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(`${code}: ${message}`);
    this.name = "Refusal";
    this.error = refusal(code, message, retryAfterMs);
  }

  get code(): ErrorCode {
    return this.error.code;
  }
}

/** One named operation: what it takes and what it gives. */
export interface Operation<Params extends z.ZodType = z.ZodType, Value extends z.ZodType = z.ZodType> {
  readonly params: Params;
  readonly value: Value;
}

export type Contract = Readonly<Record<string, Operation>>;
export type ParamsOf<C extends Contract, Name extends keyof C> = z.output<C[Name]["params"]>;
export type ValueOf<C extends Contract, Name extends keyof C> = z.output<C[Name]["value"]>;

/** A handler for every operation of a contract, and nothing else: the table is the allow-list. */
export type Handlers<C extends Contract, Context> = {
  readonly [Name in keyof C]: (
    params: ParamsOf<C, Name>,
    context: Context,
  ) => ValueOf<C, Name> | Promise<ValueOf<C, Name>>;
};

/**
 * The only way into a process for a request, from the socket and from the bridge alike:
 * look up, parse, run, reply. Never throws.
 * @param unexpected is told about an error that is no `Refusal` (a fault of ours); the asker hears `unavailable`
 */
export async function answer<C extends Contract, Context>(
  contract: C,
  handlers: Handlers<C, Context>,
  name: string,
  params: unknown,
  context: Context,
  unexpected: (error: unknown, name: string) => void,
): Promise<Reply<unknown>> {
  if (!Object.hasOwn(contract, name)) return { ok: false, error: refusal("invalid", "No such request.") };
  const operation: Operation | undefined = contract[name];
  const handler: ((params: never, context: Context) => unknown) | undefined = handlers[name];
  if (!operation || !handler) return { ok: false, error: refusal("invalid", "No such request.") };
  const parsed = operation.params.safeParse(params ?? {});
  if (!parsed.success) {
    return { ok: false, error: refusal("invalid", `The request does not fit: ${firstIssue(parsed.error)}`) };
  }
  try {
    // The table's type pairs each schema with its handler; TypeScript cannot follow that pairing through a run-time name.
    return { ok: true, value: await handler(parsed.data as never, context) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: error.error };
    unexpected(error, name);
    return { ok: false, error: refusal("unavailable", "The request could not be carried out now. Try again.") };
  }
}

/** Where a value does not fit its schema, without repeating the value (it may be somebody's words). */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return "unknown";
  const path = issue.path.map(String).join(".").slice(0, 60);
  return path ? `${path}: ${issue.code}` : issue.code;
}
