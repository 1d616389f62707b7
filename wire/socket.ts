import { z } from "zod";
import { wireError, type Contract, type ParamsOf, type Reply, type ValueOf } from "./contract.ts";
import { contact, deviceId, limits, messageId, name, outgoing, presence, timeMs, typedName } from "./model.ts";

const empty = z.object({});

export const credentials = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("register"),
    name: z.string(),
    password: z.string().max(1_024),
    invite: z.string().max(128).optional(),
  }),
  z.object({ kind: z.literal("password"), name: z.string(), password: z.string().max(1_024) }),
  z.object({ kind: z.literal("token"), token: z.string().max(256) }),
]);
export type Credentials = z.infer<typeof credentials>;

/** What the app says with the handshake. `protocol` is read first and alone, so that another version gets its own reason. */
export const handshake = z.object({
  protocol: z.number(),
  device: deviceId,
  deviceName: z.string().max(128).optional(),
  presence: presence.optional(),
  credentials,
});
export type Handshake = z.infer<typeof handshake>;

export const sendResult = z.discriminatedUnion("ok", [
  z.object({ id: messageId, ok: z.literal(true), acceptedAt: timeMs }),
  z.object({ id: messageId, ok: z.literal(false), error: wireError }),
]);
export type SendResult = z.infer<typeof sendResult>;

export const device = z.object({
  device: deviceId,
  name: z.string(),
  current: z.boolean(),
  createdAt: timeMs,
  lastSeenAt: timeMs.optional(),
});
export type Device = z.infer<typeof device>;

/** Requests, app to relay, each answered with a Reply. A new capability is one line here, one handler, one caller. */
export const relayContract = {
  "message:send": {
    params: z.object({ messages: z.array(outgoing).min(1).max(limits.batch) }),
    value: z.object({ results: z.array(sendResult) }),
  },
  "message:read": {
    params: z.object({ from: typedName, ids: z.array(messageId).min(1).max(limits.readIds) }),
    value: empty,
  },
  "contact:add": { params: z.object({ name: typedName }), value: z.object({ contact }) },
  "contact:remove": { params: z.object({ name: typedName }), value: empty },
  "contact:block": { params: z.object({ name: typedName }), value: z.object({ contact: contact.optional() }) },
  "contact:unblock": { params: z.object({ name: typedName }), value: z.object({ contact: contact.optional() }) },
  /** `away` counts only while online, and changes nothing about delivery */
  "presence:set": {
    params: z.object({ presence, away: z.literal(true).optional() }),
    value: z.object({ waiting: z.number() }),
  },
  "inbox:status": { params: empty, value: z.object({ waiting: z.number(), oldestAt: timeMs.optional() }) },
  "device:list": { params: empty, value: z.object({ devices: z.array(device) }) },
  "device:revoke": { params: z.object({ device: deviceId }), value: empty },
  "session:end": { params: empty, value: empty },
} as const satisfies Contract;

export type RelayContract = typeof relayContract;
export type RelayRequest = keyof RelayContract;
export type RelayParams<R extends RelayRequest> = ParamsOf<RelayContract, R>;
export type RelayValue<R extends RelayRequest> = ValueOf<RelayContract, R>;

/** Told to the relay without an answer, and never stored. */
export const typingTell = z.object({ to: typedName });

export const sessionStarted = z.object({
  name,
  token: z.string(),
  contacts: z.array(contact),
  waiting: z.number(),
  limits: z.object({ bodyBytes: z.number(), batch: z.number(), requestBytes: z.number() }),
  serverTime: timeMs,
});
export type SessionStarted = z.infer<typeof sessionStarted>;

export const contactChanged = z.union([contact, z.object({ name, state: z.literal("removed") })]);
export type ContactChanged = z.infer<typeof contactChanged>;

export const endCode = z.enum(["replaced", "revoked", "relay-stopping"]);
export type EndCode = z.infer<typeof endCode>;

/** Relay to app, unanswered: each may be lost, the next `session:started` is the state. */
export const announcements = {
  "session:started": sessionStarted,
  "presence:changed": z.object({ name, presence, away: z.literal(true).optional(), lastSeen: timeMs.optional() }),
  "contact:changed": contactChanged,
  "typing:told": z.object({ from: name }),
  "session:ended": z.object({ code: endCode }),
} as const;
export type Announcements = { [Event in keyof typeof announcements]: z.infer<(typeof announcements)[Event]> };

/** An envelope is parsed one by one on the device, so that one it does not know cannot block the others. */
export const delivery = z.object({ envelopes: z.array(z.unknown()).max(1_024) });

export const deliveryReply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: wireError }),
]);
export type DeliveryReply = z.infer<typeof deliveryReply>;

/** How long a device may take to answer one batch before the relay ends the session. */
export const deliveryTimeoutMs = 20_000;

/** socket.io's event maps, derived from the tables above. */
export type ToRelay = {
  [R in RelayRequest]: (params: RelayParams<R>, reply: (reply: Reply<RelayValue<R>>) => void) => void;
} & { "typing:tell": (params: z.infer<typeof typingTell>) => void };

export type ToApp = { [Event in keyof Announcements]: (payload: Announcements[Event]) => void } & {
  "inbox:deliver": (payload: { envelopes: readonly unknown[] }, reply: (reply: DeliveryReply) => void) => void;
};
