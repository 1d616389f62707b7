import { z } from "zod";
import { wireError, type Contract, type ParamsOf, type Reply, type ValueOf } from "./contract.ts";
import { drillState } from "./drill.ts";
import { link } from "./link.ts";
import { contactState, limits, messageId, presence, timeMs } from "./model.ts";
import { messageStatus } from "./message-status.ts";
import { updateState } from "./update.ts";

/** One account in one running app: a name on a relay. Local to this machine, never sent. */
export const accountId = z.uuid().brand<"AccountId">();
export type AccountId = z.infer<typeof accountId>;

/** What a window shows. Main remembers it for every window, also over a restart; the renderer only follows it. */
export const windowView = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sign-in") }),
  /** everything of one account; `conversation` is the key of the contact that is open, if one is */
  z.object({ kind: z.literal("account"), account: accountId, conversation: z.string().optional() }),
  /** one conversation in a window of its own */
  z.object({ kind: z.literal("conversation"), account: accountId, conversation: z.string() }),
]);
export type WindowView = z.infer<typeof windowView>;

/** What a menu, a tray or a shortcut asks of the window that a person looks at. */
export const windowCommand = z.enum([
  "settings",
  "shortcuts",
  "quick-switch",
  "find-message",
  "add-contact",
  "toggle-presence",
  "next-conversation",
  "previous-conversation",
  "detach",
  "drill",
]);
export type WindowCommand = z.infer<typeof windowCommand>;

/** Where an account stands with its relay. Each state has only its own fields; switches over it are exhaustive. */
export const connectionState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("connecting"), attempt: z.number() }),
  /** signed in and taking delivery */
  z.object({ kind: z.literal("online"), since: timeMs }),
  /** signed in, by choice not taking delivery (G6): what waits stays on the relay */
  z.object({ kind: z.literal("held"), since: timeMs, waiting: z.number(), oldestAt: timeMs.optional() }),
  /** not connected; the next try is at `retryAt` */
  z.object({ kind: z.literal("unreachable"), attempt: z.number(), retryAt: timeMs, error: wireError }),
  /** over until a person acts: the same device elsewhere, revoked, password needed, too old */
  z.object({
    kind: z.literal("ended"),
    reason: z.enum(["replaced", "revoked", "token-invalid", "protocol-unsupported", "signed-out"]),
  }),
]);
export type ConnectionState = z.infer<typeof connectionState>;

/** A message as a window shows it. `position` is the order of arrival on this device, and the cursor for older pages. */
export const messageView = z.object({
  position: z.number(),
  id: messageId,
  /** the folded name of the person the conversation is with */
  with: z.string(),
  from: z.string(),
  mine: z.boolean(),
  body: z.string(),
  sentAt: timeMs,
  /** when the relay accepted it; absent while pending */
  acceptedAt: timeMs.optional(),
  status: messageStatus,
  /** why, when refused, or what it waits for when the relay said "later" */
  refusal: wireError.optional(),
  /** not yet shown to its reader here */
  unread: z.boolean(),
  /** how many of its sender's messages before this one never came (O9) */
  missingBefore: z.number().optional(),
});
export type MessageView = z.infer<typeof messageView>;

/** A contact as a window shows it: the relay's word plus what this device knows. */
export const contactView = z.object({
  name: z.string(),
  /** the key: the folded name */
  key: z.string(),
  /** what this person calls them, on this computer only; the name stays findable and is what the relay knows */
  alias: z.string().optional(),
  /** no notification for what they write; it is counted and shown as ever */
  muted: z.boolean(),
  /** marked as unread by hand: a sign without a number */
  marked: z.boolean(),
  /** since when both are contacts, as far as this computer was told */
  since: timeMs.optional(),
  /** `former`: no contact any more, but there is history */
  state: z.enum([...contactState.options, "former"]),
  /** `unknown`: this account has no session, so nobody has told */
  presence: z.enum([...presence.options, "unknown"]),
  /** online, but not at the computer */
  away: z.literal(true).optional(),
  lastSeen: timeMs.optional(),
  unread: z.number(),
  last: z.object({ body: z.string(), mine: z.boolean(), at: timeMs, status: messageStatus }).optional(),
  /** own messages accepted by the relay and not yet delivered: the amber slip */
  waiting: z.object({ count: z.number(), since: timeMs }).optional(),
  /** own messages that this computer keeps, because the relay has not accepted them yet */
  pending: z.object({ count: z.number(), since: timeMs }).optional(),
  /** what their numbered messages prove (O9): 0 is complete; absent while there is nothing to prove it with */
  missing: z.number().optional(),
  /** what was typed to them and not sent, kept over a restart (W9) */
  draft: z.string().optional(),
});
export type ContactView = z.infer<typeof contactView>;

/** One message that a search found. */
export const searchHit = z.object({
  position: z.number(),
  /** the folded name of the person the conversation is with */
  with: z.string(),
  from: z.string(),
  mine: z.boolean(),
  sentAt: timeMs,
  /** the words around the first match, on one line */
  snippet: z.string(),
  /** what matched, as offsets into `snippet`: [from, to) */
  marks: z.array(z.tuple([z.number(), z.number()])),
});
export type SearchHit = z.infer<typeof searchHit>;

export const accountView = z.object({
  account: accountId,
  name: z.string(),
  relay: z.string(),
  connection: connectionState,
  /** what the person asked for; the relay hears it as soon as there is a connection */
  wish: presence,
  contacts: z.array(contactView),
  /** messages in the outbox, in all conversations */
  pending: z.number(),
  /** false: no key store here, so signing in again will be needed after quitting */
  remembered: z.boolean(),
  /** online, but nobody has touched this computer for a while */
  away: z.literal(true).optional(),
});
export type AccountView = z.infer<typeof accountView>;

export const locale = z.enum(["pt-BR", "en"]);
export type Locale = z.infer<typeof locale>;
export const theme = z.enum(["system", "light", "dark"]);

/** No notifications for now: until somebody ends it, or until a moment. */
export const doNotDisturb = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("off") }),
  z.object({ kind: z.literal("on") }),
  z.object({ kind: z.literal("until"), at: timeMs }),
]);
export type DoNotDisturb = z.infer<typeof doNotDisturb>;
/** how long: not at all, an hour, until tomorrow morning, until somebody ends it */
export const doNotDisturbUntil = z.enum(["off", "hour", "tomorrow", "ended"]);
export type DoNotDisturbUntil = z.infer<typeof doNotDisturbUntil>;

/** What a person chose for the whole app. What was never chosen follows the system, or `main/preferences.ts`. */
export const preferences = z.object({
  locale,
  theme,
  textSize: z.enum(["small", "normal", "large", "larger"]),
  /** the key that sends; the other one breaks the line */
  sendKey: z.enum(["enter", "ctrl-enter"]),
  spellCheck: z.boolean(),
  /** what a notification tells: who and what, who, that there is something, or nothing at all */
  notifications: z.enum(["text", "name", "hidden", "off"]),
  doNotDisturb,
  /** without a key or a movement for so long, one is away; 0: never */
  awayAfterMinutes: z.number().int().min(0).max(240),
  tray: z.boolean(),
  /** closing the last window leaves the app in the tray */
  closeToTray: z.boolean(),
  startHidden: z.boolean(),
  startAtLogin: z.boolean(),
});
export type Preferences = z.infer<typeof preferences>;

const onAccount = { account: accountId };
const onContact = { ...onAccount, name: z.string().min(1).max(128) };
const empty = z.object({});
/** for calls that take nothing */
const nothing = z.strictObject({});
/** letters of a name that a person gives to a contact */
export const longestAlias = 64;

/** What can be done with a message. */
const messageChoice = z.enum(["reply", "copy", "remove"]);
export type MessageChoice = z.infer<typeof messageChoice>;

/** Calls, window to main process. The table is the allow-list of the bridge; the bridge itself never grows. */
export const bridgeContract = {
  /** registers or signs in; this window shows the account from then on */
  "account:sign-in": {
    params: z.object({
      relay: z.string().min(1).max(512),
      name: z.string().max(128),
      password: z.string().max(1_024),
      mode: z.enum(["password", "register"]),
      invite: z.string().max(128).optional(),
    }),
    value: z.object({ account: accountId }),
  },
  /** signs in again on an account that is here already, after its token was lost or ended */
  "account:resume": {
    params: z.object({ ...onAccount, password: z.string().max(1_024).optional() }),
    value: empty,
  },
  /** signs this device out (G11) and forgets the account here, history included */
  "account:sign-out": { params: z.object(onAccount), value: empty },
  "window:open": { params: z.object({ account: accountId.optional() }), value: empty },
  /** a conversation in a window of its own; the one that shows it already comes to the front */
  "window:detach": { params: z.object(onContact), value: empty },
  /** which conversation this window has open, so that nobody is notified of what is being read */
  "window:reads": { params: z.object({ ...onAccount, name: z.string().max(128).optional() }), value: empty },
  /** this window shows another account, or the sign-in screen */
  "window:show": { params: z.object({ account: accountId.optional() }), value: empty },
  "presence:set": { params: z.object({ ...onAccount, presence }), value: empty },
  "connection:retry": { params: z.object(onAccount), value: empty },
  "contact:add": { params: z.object(onContact), value: empty },
  "contact:remove": { params: z.object(onContact), value: empty },
  "contact:block": { params: z.object(onContact), value: empty },
  "contact:unblock": { params: z.object(onContact), value: empty },
  /** what this computer alone keeps about a contact; an empty alias gives the name back */
  "contact:note": {
    params: z.object({
      ...onContact,
      alias: z.string().max(longestAlias).optional(),
      muted: z.boolean().optional(),
      marked: z.boolean().optional(),
    }),
    value: empty,
  },
  /**
   * A page of the log, oldest first: the end of it, what is before or after a position, or what is around one.
   * `more` and `newer` say whether there is something before and after the page.
   */
  "message:list": {
    params: z.object({
      ...onContact,
      before: z.number().optional(),
      after: z.number().optional(),
      around: z.number().optional(),
      limit: z.number().int().min(1).max(500),
    }),
    value: z.object({ messages: z.array(messageView), more: z.boolean(), newer: z.boolean() }),
  },
  /** what holds all these words, or words that begin so, newest first (W20); `before` pages on. Without a name: in all conversations */
  "message:search": {
    params: z.object({
      ...onAccount,
      name: z.string().min(1).max(128).optional(),
      query: z.string().max(256),
      before: z.number().optional(),
      limit: z.number().int().min(1).max(100),
    }),
    value: z.object({ hits: z.array(searchHit), more: z.boolean() }),
  },
  /** the newest message before `before` that says what is quoted, if it is here (W21) */
  "message:find": {
    params: z.object({ ...onContact, quoted: z.string().min(1).max(4_096), before: z.number() }),
    value: z.object({ position: z.number().optional() }),
  },
  /** what is typed to somebody and not sent; empty: nothing */
  "draft:keep": { params: z.object({ ...onContact, draft: z.string().max(262_144) }), value: empty },
  /** opens an address outside of the app, if it is one that may be (W22) */
  "link:open": { params: z.object({ url: z.string().max(4_096) }), value: empty },
  "message:write": {
    params: z.object({ ...onContact, body: z.string().max(limits.bodyBytes) }),
    value: z.object({ message: messageView }),
  },
  /** puts a refused message back into the outbox, as a new one */
  "message:resend": { params: z.object({ ...onAccount, id: messageId }), value: z.object({ message: messageView }) },
  "message:delete": { params: z.object({ ...onAccount, from: z.string(), id: messageId }), value: empty },
  /** the menu of the right button on a message; nothing chosen: it was closed */
  "message:menu": {
    params: z.object({ answerable: z.boolean() }),
    value: z.object({ chosen: messageChoice.optional() }),
  },
  /** the reader has seen everything up to and including this position */
  "message:shown": { params: z.object({ ...onContact, position: z.number() }), value: empty },
  "typing:tell": { params: z.object(onContact), value: empty },
  /** breaks a private relay and says what was lost; with one running, that goes on */
  "drill:start": { params: nothing, value: empty },
  /** ends a running drill, or forgets what the last one found */
  "drill:stop": { params: nothing, value: empty },
  "preferences:set": { params: preferences.partial(), value: empty },
  /** a `recado://` link that was pasted where an address or a code goes; it puts its question to this window */
  "link:paste": { params: z.object({ text: z.string().max(4_096) }), value: empty },
  /** the question that a `recado://` link put to this window is answered, by whatever button (L2) */
  "link:answered": { params: nothing, value: empty },
  "update:check": { params: nothing, value: empty },
  "update:download": { params: nothing, value: empty },
  /** ends the app, and starts the new version (U3) */
  "update:apply": { params: nothing, value: empty },
  /** opens the page where the new version is, for copies that cannot update themselves */
  "update:open-page": { params: nothing, value: empty },
  /** not now: the bar goes, and this version is not told of again until the next start */
  "update:dismiss": { params: nothing, value: empty },
  /** no notifications: from now on, for an hour, until tomorrow morning, or again */
  "do-not-disturb:set": { params: z.object({ until: doNotDisturbUntil }), value: empty },
  /** shows a notification now, and says what came of it */
  "notification:test": {
    params: nothing,
    value: z.object({
      outcome: z.enum(["shown", "off", "do-not-disturb", "not-supported", "failed", "unconfirmed"]),
      system: z.enum(["linux", "mac", "windows"]),
    }),
  },
} as const satisfies Contract;

export type BridgeContract = typeof bridgeContract;
export type BridgeCall = keyof BridgeContract;
export type CallParams<C extends BridgeCall> = ParamsOf<BridgeContract, C>;
export type CallValue<C extends BridgeCall> = ValueOf<BridgeContract, C>;

/** A `recado://` link as a window asks about it; `unknown`: it is none that this version understands. */
export const openedLink = z.union([link, z.object({ kind: z.literal("unknown") })]);
export type OpenedLink = z.infer<typeof openedLink>;

/** What a window hears. The first event after subscribing is the snapshot, so a reloaded or second window needs no history of events. */
export const appEvent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("snapshot"),
    view: windowView,
    accounts: z.array(accountView),
    preferences,
    defaultRelay: z.string(),
    version: z.string(),
    /** set when the app runs with --profile */
    profile: z.string().optional(),
    update: updateState,
    /** a link that was opened and whose question is not answered yet */
    link: openedLink.optional(),
    /** absent: idle */
    drill: drillState.optional(),
  }),
  z.object({ kind: z.literal("window:shown"), view: windowView }),
  /** this window is to show a place in a conversation: a notification was clicked, a link followed */
  z.object({ kind: z.literal("window:go"), ...onAccount, conversation: z.string(), position: z.number().optional() }),
  z.object({ kind: z.literal("window:command"), command: windowCommand }),
  /** an account's own facts; its contacts travel apart, because they are many */
  z.object({ kind: z.literal("account:changed"), account: accountView.omit({ contacts: true }) }),
  z.object({ kind: z.literal("account:added"), account: accountView }),
  z.object({ kind: z.literal("account:removed"), ...onAccount }),
  /** upserts by key */
  z.object({ kind: z.literal("contacts:changed"), ...onAccount, contacts: z.array(contactView) }),
  z.object({ kind: z.literal("contact:removed"), ...onAccount, key: z.string() }),
  /** new in the log, in order of arrival */
  z.object({ kind: z.literal("messages:stored"), ...onAccount, messages: z.array(messageView) }),
  /** known messages with another status (upserts by position) */
  z.object({ kind: z.literal("messages:changed"), ...onAccount, messages: z.array(messageView) }),
  z.object({ kind: z.literal("message:deleted"), ...onAccount, with: z.string(), position: z.number() }),
  z.object({ kind: z.literal("typing:told"), ...onAccount, key: z.string() }),
  z.object({ kind: z.literal("preferences:changed"), preferences }),
  z.object({ kind: z.literal("update:changed"), update: updateState }),
  z.object({ kind: z.literal("link:opened"), link: openedLink }),
  z.object({ kind: z.literal("drill:changed"), drill: drillState }),
  /** the app's disk refused to store: nothing is answered to the relay until it works again */
  z.object({ kind: z.literal("storage:failed"), ...onAccount, error: wireError }),
]);
export type AppEvent = z.infer<typeof appEvent>;
export type AppEventOf<Kind extends AppEvent["kind"]> = Extract<AppEvent, { kind: Kind }>;

/** The two functions that the preload exposes as `window.recado`, and all it ever will. */
export interface Bridge {
  call<C extends BridgeCall>(name: C, params: CallParams<C>): Promise<Reply<CallValue<C>>>;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: AppEvent) => void): () => void;
}

/** Channel names between preload and main: one for calls, one for events, one to ask for the snapshot. */
export const channels = { call: "recado:call", event: "recado:event", subscribe: "recado:subscribe" } as const;
