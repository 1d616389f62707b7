import { z } from "zod";

/** The version of this contract; it travels in the handshake so that a stranger gets a reason, not a crash. */
export const protocolVersion = 1;

/** Limits that hold on every side: interface, outbox and relay (G9). */
export const limits = {
  /** bytes of UTF-8 in one message body */
  bodyBytes: 65_536,
  /** messages in one `message:send`, envelopes in one `inbox:deliver` */
  batch: 64,
  /** bytes of one request or one delivery as JSON */
  requestBytes: 1_048_576,
  /** characters of a name after NFKC */
  nameLength: 32,
  /** ids in one `message:read` */
  readIds: 1_000,
} as const;

export const timeMs = z.number().int().nonnegative();

export const messageId = z.uuid().brand<"MessageId">();
export type MessageId = z.infer<typeof messageId>;

export const deviceId = z.uuid().brand<"DeviceId">();
export type DeviceId = z.infer<typeof deviceId>;

export const chainId = z.uuid().brand<"ChainId">();
export type ChainId = z.infer<typeof chainId>;

/** A name as its owner spelled it, NFKC. */
export type Name = string & z.$brand<"Name">;
/** A name as it is compared: `Ana` and `ana` are one account. */
export type FoldedName = string & z.$brand<"FoldedName">;

// Letters of one script only, so that no name can be imitated with look-alikes of another (UTS #39).
const namePattern = /^[[\p{Script=Latin}&&\p{L}]0-9][[\p{Script=Latin}&&\p{L}]0-9._\-]{0,31}$/v;

const ascii = /^[\x20-\x7e]*$/;

const isName = (text: string): text is Name => namePattern.test(text);

/** Reads what somebody typed as a name; `undefined` when it is none. Normalised to NFKC, spelling kept. */
export function parseName(typed: string): Name | undefined {
  if (typed.length > 4 * limits.nameLength) return undefined;
  const name = typed.normalize("NFKC");
  return isName(name) ? name : undefined;
}

/**
 * Folds a name for comparison. Through upper case, so that letters without a one-to-one partner (ß, ı, ſ) meet
 * their look-alikes instead of making a second account beside them; lower case before that, because ẞ has only
 * a lower partner. Folding what is folded changes nothing.
 */
export function foldName(name: string): FoldedName {
  // the one place where a folded name is made; for nearly all names, and at every message, ASCII's own way is the same
  if (ascii.test(name)) return name.toLowerCase() as FoldedName;
  return name.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC") as FoldedName;
}

/** A name in a request: anything of a sane length; whether it exists is for the relay to say. */
export const typedName = z.string().min(1).max(128);

/** A name in something the relay says: already valid there, and checked again because the relay is not trusted. */
export const name = z.string().refine(isName);

/** Whether a body may be sent at all (G9): 1 to 65,536 bytes of UTF-8. A lone surrogate has no UTF-8. */
export function checkBody(body: string): "ok" | "empty" | "too-long" | "malformed" {
  if (body.length === 0) return "empty";
  if (body.length > limits.bodyBytes) return "too-long";
  if (!body.isWellFormed()) return "malformed";
  // a UTF-16 unit is at most 3 bytes of UTF-8, so most bodies need no counting
  if (body.length * 3 <= limits.bodyBytes) return "ok";
  return utf8Length(body) > limits.bodyBytes ? "too-long" : "ok";
}

/** Bytes of a well-formed text in UTF-8, without making them: `wire` knows neither Node's Buffer nor the page's encoder. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit <= 0xdbff) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

export const presence = z.enum(["online", "offline"]);
export type Presence = z.infer<typeof presence>;

export const contactState = z.enum(["pending", "requested", "mutual", "blocked"]);
export type ContactState = z.infer<typeof contactState>;

export const contact = z.object({
  name,
  state: contactState,
  presence,
  /** only while online: connected and taking delivery, but not at the computer */
  away: z.literal(true).optional(),
  lastSeen: timeMs.optional(),
});
export type Contact = z.infer<typeof contact>;

/** What only the sender decides about a message. */
export const outgoing = z.object({
  id: messageId,
  to: typedName,
  body: z.string(),
  sentAt: timeMs,
  chain: chainId.optional(),
  number: z.number().int().positive().optional(),
  scheme: z.string().min(1).max(32).optional(),
});
export type Outgoing = z.infer<typeof outgoing>;

const envelopeBase = { id: z.uuid(), at: timeMs };

export const messageEnvelope = z.object({
  ...envelopeBase,
  id: messageId,
  kind: z.literal("message"),
  from: name,
  to: name,
  body: z.string(),
  sentAt: timeMs,
  acceptedAt: timeMs,
  chain: chainId.optional(),
  number: z.number().int().positive().optional(),
  scheme: z.string().optional(),
});
export type MessageEnvelope = z.infer<typeof messageEnvelope>;

export const receiptEnvelope = z.object({
  ...envelopeBase,
  kind: z.literal("receipt"),
  by: name,
  status: z.enum(["delivered", "read"]),
  of: z.array(messageId),
});
export type ReceiptEnvelope = z.infer<typeof receiptEnvelope>;

export const contactEnvelope = z.object({
  ...envelopeBase,
  kind: z.literal("contact"),
  name,
  change: z.enum(["requested", "accepted", "removed"]),
});
export type ContactEnvelope = z.infer<typeof contactEnvelope>;

/** What an inbox holds, as this version knows it. */
export const envelope = z.discriminatedUnion("kind", [messageEnvelope, receiptEnvelope, contactEnvelope]);
export type Envelope = z.infer<typeof envelope>;

/** An envelope of a kind that this version does not know: a device stores it as it is and answers. */
export const unknownEnvelope = z.looseObject({ ...envelopeBase, kind: z.string() });
export type UnknownEnvelope = z.infer<typeof unknownEnvelope>;
