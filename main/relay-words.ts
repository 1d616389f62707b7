import { z } from "zod";
import { type ErrorCode, errorCodes, refusal, Refusal, type Reply, type WireError } from "../wire/contract.ts";
import { messageId, timeMs } from "../wire/model.ts";
import { relayContract, type RelayRequest, type RelayValue, type SendResult } from "../wire/socket.ts";

/**
 * What the relay says, read with suspicion: it may be newer, broken or hostile. Nothing here throws; what cannot be
 * read is `undefined`, and the caller decides as if it had not been said.
 */

const saidError = z.object({
  code: z.string().max(64),
  message: z.string().catch(""),
  retryable: z.boolean(),
  retryAfterMs: z.number().nonnegative().optional().catch(undefined),
});

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** A refusal by the relay. A code of a newer relay becomes one that this version has a sentence for. */
export function readError(said: unknown): WireError | undefined {
  const { success, data } = saidError.safeParse(said);
  if (!success) return undefined;
  const code = isErrorCode(data.code) ? data.code : data.retryable ? "unavailable" : "invalid";
  return refusal(code, data.message.slice(0, 500), data.retryAfterMs);
}

/** A refusal that crossed a wire, as what is thrown inside this process. */
export const refused = (error: WireError): Refusal => new Refusal(error.code, error.message, error.retryAfterMs);

const saidReply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.unknown() }),
]);

/** The answer to a request, against the schema of its value. */
function readReply<Value extends z.ZodType>(value: Value, said: unknown): Reply<z.output<Value>> | undefined {
  const reply = saidReply.safeParse(said).data;
  if (!reply) return undefined;
  if (!reply.ok) {
    const error = readError(reply.error);
    return error && { ok: false, error };
  }
  const parsed = value.safeParse(reply.value);
  return parsed.success ? { ok: true, value: parsed.data } : undefined;
}

/** How the answer to each request is read. */
export const answers: { readonly [R in RelayRequest]: (said: unknown) => Reply<RelayValue<R>> | undefined } = {
  "message:send": (said) => readReply(relayContract["message:send"].value, said),
  "message:read": (said) => readReply(relayContract["message:read"].value, said),
  "contact:add": (said) => readReply(relayContract["contact:add"].value, said),
  "contact:remove": (said) => readReply(relayContract["contact:remove"].value, said),
  "contact:block": (said) => readReply(relayContract["contact:block"].value, said),
  "contact:unblock": (said) => readReply(relayContract["contact:unblock"].value, said),
  "presence:set": (said) => readReply(relayContract["presence:set"].value, said),
  "inbox:status": (said) => readReply(relayContract["inbox:status"].value, said),
  "device:list": (said) => readReply(relayContract["device:list"].value, said),
  "device:revoke": (said) => readReply(relayContract["device:revoke"].value, said),
  "session:end": (said) => readReply(relayContract["session:end"].value, said),
};

const saidResults = z.object({ results: z.array(z.unknown()).max(1_024) });

const saidResult = z.discriminatedUnion("ok", [
  z.object({ id: messageId, ok: z.literal(true), acceptedAt: timeMs }),
  z.object({ id: messageId, ok: z.literal(false), error: z.unknown() }),
]);

/**
 * The answer to `message:send`, one result at a time, so that one that is not understood costs only its own message a
 * repetition; a message without a result is not answered (O3).
 */
export function readSent(said: unknown): Reply<SendResult[]> | undefined {
  const reply = readReply(saidResults, said);
  if (!reply?.ok) return reply;
  const results = reply.value.results.flatMap((each): SendResult[] => {
    const result = saidResult.safeParse(each).data;
    if (!result) return [];
    if (result.ok) return [result];
    const error = readError(result.error);
    return error ? [{ id: result.id, ok: false, error }] : [];
  });
  return { ok: true, value: results };
}

/**
 * What a person can do about a connection that failed before the relay said anything.
 * @param cause the transport's error
 */
export function explainFailure(cause: unknown): WireError {
  const code = systemCode(cause);
  if (code === "ENOTFOUND") return refusal("relay-not-found", "No computer of that name was found.");
  if (code === "ECONNREFUSED") return refusal("relay-unreachable", "Nothing answers at that address and port.");
  if (code !== undefined && certificateFault.test(code)) {
    return refusal("certificate-untrusted", `The relay's certificate cannot be trusted (${code}).`);
  }
  // TLS spoken to a port without it, or the other way round
  if (code === "EPROTO" || strangeAnswer.test(deepMessage(cause))) {
    return refusal("not-a-relay", "What answers there is not a relay.");
  }
  return refusal("relay-unreachable", `The relay cannot be reached${code === undefined ? "" : ` (${code})`}.`);
}

/** OpenSSL's and Node's codes for a certificate that is there and not good enough. */
const certificateFault = /CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER/;
const strangeAnswer = /unexpected server response|invalid namespace|parse error|invalid websocket/i;

/** socket.io wraps the system's error twice: a TransportError whose `description` is an event whose `error` is it. */
function layers(cause: unknown): unknown[] {
  const found: unknown[] = [];
  for (let layer: unknown = cause; typeof layer === "object" && layer !== null && found.length < 5;) {
    found.push(layer);
    layer = "description" in layer ? layer.description : "error" in layer ? layer.error : undefined;
  }
  return found;
}

function systemCode(cause: unknown): string | undefined {
  for (const layer of layers(cause)) {
    if (typeof layer === "object" && layer !== null && "code" in layer && typeof layer.code === "string")
      return layer.code;
  }
  return undefined;
}

function deepMessage(cause: unknown): string {
  return layers(cause)
    .map((layer) => (typeof layer === "object" && layer !== null && "message" in layer ? String(layer.message) : ""))
    .join(" ");
}
