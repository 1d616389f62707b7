import { type Handlers, Refusal, refusal } from "../wire/contract.ts";
import { foldName } from "../wire/model.ts";
import { type RelayContract } from "../wire/socket.ts";
import { type Accounts } from "./accounts.ts";
import { type ContactChange, type Contacts, isOpen } from "./contacts.ts";
import { type DeviceRemoval } from "./device-removal.ts";
import { InboxError, type Inboxes } from "./inbox.ts";
import { type Notices } from "./notices.ts";
import { type Rates } from "./rates.ts";
import { type Receipts } from "./receipts.ts";
import { asRefusal, type Sends } from "./sends.ts";
import { type Session, type Sessions } from "./sessions.ts";

export interface Rooms {
  readonly accounts: Accounts;
  readonly contacts: Contacts;
  readonly deviceRemoval: DeviceRemoval;
  readonly inboxes: Inboxes;
  readonly notices: Notices;
  readonly rates: Rates;
  readonly receipts: Receipts;
  readonly sends: Sends;
  readonly sessions: Sessions;
}

/** One function per request of the contract: what a signed-in session may ask for. */
export function operations(rooms: Rooms): Handlers<RelayContract, Session> {
  const { accounts, contacts, deviceRemoval, inboxes, notices, rates, receipts, sends, sessions } = rooms;

  /** The other sessions of both sides hear of a change at once; whoever is away finds it in `session:started`. */
  async function announce(session: Session, change: ContactChange): Promise<void> {
    const me = session.identity.account;
    const { peer } = change.relation;
    sessions.tell(me.id, "contact:changed", change.mine ?? { name: peer.name, state: "removed" }, session);
    if (!change.told) return;
    const theirs = (await contacts.relationsOf(peer.id)).get(me.folded);
    const view = theirs && contacts.view(theirs);
    sessions.tell(peer.id, "contact:changed", view ?? { name: me.name, state: "removed" });
    await notices.put();
  }

  /** A blocked account sees what it would see of one that goes offline (G7); it is told nothing else. */
  async function announceBlock(session: Session, change: ContactChange) {
    const me = session.identity.account;
    const { peer } = change.relation;
    sessions.tell(me.id, "contact:changed", change.mine ?? { name: peer.name, state: "removed" }, session);
    const theirs = change.told ? (await contacts.relationsOf(peer.id)).get(me.folded) : undefined;
    const view = theirs && contacts.view(theirs);
    if (view) {
      const { name, presence, away, lastSeen } = view;
      sessions.tell(peer.id, "presence:changed", {
        name,
        presence,
        ...(away && { away }),
        ...(lastSeen !== undefined && { lastSeen }),
      });
    }
    return change.mine ? { contact: change.mine } : {};
  }

  return {
    async "message:send"({ messages }, session) {
      if (session.presence === "offline") {
        const error = refusal("offline", "You are offline. Go online to send.");
        return { results: messages.map(({ id }) => ({ id, ok: false as const, error })) };
      }
      if (session.sending) throw new Refusal("unavailable", "The request before this one is not answered yet.", 100);
      session.sending = true;
      try {
        return { results: await sends.send(session.identity, messages) };
      } finally {
        session.sending = false;
      }
    },

    async "message:read"({ from, ids }, session) {
      if (session.presence === "offline") throw new Refusal("offline", "You are offline. Go online to send.");
      try {
        await receipts.read(session.identity.account, session.identity.inbox, from, ids);
        return {};
      } catch (error) {
        if (!(error instanceof InboxError)) throw error;
        const { code, message, retryAfterMs } = asRefusal(error);
        throw new Refusal(code, message, retryAfterMs);
      }
    },

    async "contact:add"({ name }, session) {
      await rates.ask(session.identity.account.id);
      const change = await contacts.add(session.identity.account, name);
      await announce(session, change);
      if (!change.mine) throw new Refusal("unavailable", "The contact was changed meanwhile.");
      return { contact: change.mine };
    },

    async "contact:remove"({ name }, session) {
      await announce(session, await contacts.remove(session.identity.account, name));
      return {};
    },

    async "contact:block"({ name }, session) {
      return announceBlock(session, await contacts.block(session.identity.account, name));
    },

    async "contact:unblock"({ name }, session) {
      return announceBlock(session, await contacts.unblock(session.identity.account, name));
    },

    async "presence:set"({ presence, away }, session) {
      await sessions.setPresence(session, presence, away === true);
      return { waiting: inboxes.waiting(session.identity.inbox).count };
    },

    "inbox:status"(_, session) {
      const { count, oldestAt } = inboxes.waiting(session.identity.inbox);
      return { waiting: count, ...(oldestAt !== undefined && { oldestAt }) };
    },

    async "device:list"(_, session) {
      return { devices: await accounts.devicesOf(session.identity) };
    },

    async "device:revoke"({ device }, session) {
      const own = device === session.identity.device;
      if (!(await deviceRemoval.remove(session.identity.account.id, device, own ? "signed-out" : "revoked")))
        throw new Refusal("invalid", "This account has no such device.");
      if (own) session.ending = "revoked";
      return {};
    },

    async "session:end"(_, session) {
      await deviceRemoval.remove(session.identity.account.id, session.identity.device, "signed-out");
      session.ending = "signed-out";
      return {};
    },
  };
}

/** Typing goes to mutual contacts only (G7), is never stored and never answered. */
export async function tellTyping(
  rooms: Pick<Rooms, "contacts" | "sessions">,
  session: Session,
  to: string,
): Promise<void> {
  if (session.presence === "offline") return;
  const relation = (await rooms.contacts.relationsOf(session.identity.account.id)).get(foldName(to));
  if (isOpen(relation)) rooms.sessions.tell(relation.peer.id, "typing:told", { from: session.identity.account.name });
}
