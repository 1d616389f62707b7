import { type Presence } from "../wire/model.ts";
import { type Announcements, type EndCode } from "../wire/socket.ts";
import { type Account, type Identity } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { type Contacts, isOpen } from "./contacts.ts";
import { type Inboxes } from "./inbox.ts";
import { type Attendance, type Presences } from "./presence.ts";
import { Appetites, type Deliver, Pump, type PumpEvents } from "./pump.ts";

/** The way to one device: a socket in the relay, an arrow of a simulated network in a test. */
export interface Link {
  deliver: Deliver;
  /** may be lost */
  tell<Event extends keyof Announcements>(event: Event, payload: Announcements[Event]): void;
  /** says why and closes; what is in flight rejects */
  end(why: Ending): void;
}

/** Why the relay ends a session; only the codes of the wire are told to the device. */
export type Ending = EndCode | "unanswered" | "signed-out";

/** One signed-in connection of a device. */
export interface Session {
  readonly identity: Identity;
  readonly link: Link;
  /** as its person chose; only `online` takes delivery (G6) */
  presence: Presence;
  /** only while online: its person is not at the computer. Changes nothing about delivery. */
  away: boolean;
  /** one `message:send` in flight per session */
  sending: boolean;
  /** set by a request that ends the session, which is then closed behind its answer */
  ending: Ending | undefined;
}

interface Attached {
  readonly session: Session;
  pump: Pump | undefined;
  /** changes of presence, one after the other */
  turn: Promise<void>;
}

export type Delivered = PumpEvents["delivered"];

/** Who is attached: replacement, presence, and a pump from inbox to device for each that takes delivery. */
export class Sessions {
  readonly #byInbox = new Map<string, Attached>();
  readonly #byAccount = new Map<number, Set<Attached>>();
  readonly #appetites = new Appetites();
  #stopped = false;

  constructor(
    private readonly inboxes: Inboxes,
    private readonly contacts: Contacts,
    private readonly presences: Presences,
    private readonly delivered: (session: Session, ...batch: Parameters<Delivered>) => ReturnType<Delivered>,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  get count(): number {
    return this.#byInbox.size;
  }

  /**
   * Takes a session in; one of the same device that is still here is `replaced`.
   * @returns the session; call `begin` after `session:started` was said
   */
  async attach(identity: Identity, presence: Presence, link: Link): Promise<Session> {
    const session: Session = { identity, link, presence, away: false, sending: false, ending: undefined };
    const attached: Attached = { session, pump: undefined, turn: Promise.resolve() };
    const before = this.#byInbox.get(identity.inbox);
    this.#byInbox.set(identity.inbox, attached);
    const others = this.#byAccount.get(identity.account.id) ?? new Set();
    this.#byAccount.set(identity.account.id, others.add(attached));
    this.#attend(session, undefined);
    if (before) {
      before.session.link.end("replaced");
      await this.#remove(before);
    }
    return session;
  }

  /** Delivery begins. */
  begin(session: Session): void {
    const attached = this.#find(session);
    if (attached && session.presence === "online") this.#startPump(attached);
  }

  /** The connection is gone, whoever ended it. */
  async detach(session: Session): Promise<void> {
    const attached = this.#find(session);
    if (!attached) return;
    this.#byInbox.delete(session.identity.inbox);
    await this.#remove(attached);
  }

  /**
   * Resolves, for `offline`, when the batch in flight is settled or given up: nothing comes after that (G6).
   * @param away counts only while online, and leaves delivery as it is
   */
  setPresence(session: Session, presence: Presence, away: boolean): Promise<void> {
    const attached = this.#find(session);
    if (!attached) return Promise.resolve();
    attached.turn = attached.turn.then(async () => {
      if (this.#find(session) !== attached) return;
      const before = attendance(session);
      session.presence = presence;
      session.away = presence === "online" && away;
      this.#attend(session, before);
      if (presence === "online") this.#startPump(attached);
      else {
        await attached.pump?.stop();
        attached.pump = undefined;
      }
    });
    return attached.turn;
  }

  /** Whether this inbox's device is connected, taking delivery or not. */
  isHere(inbox: string): boolean {
    return this.#byInbox.has(inbox);
  }

  /** Whether a device is here and takes delivery from this inbox. */
  isTaking(inbox: string): boolean {
    return this.#byInbox.get(inbox)?.session.presence === "online";
  }

  of(account: number): Session[] {
    return [...(this.#byAccount.get(account) ?? [])].map(({ session }) => session);
  }

  /** Tells all sessions of an account, except one. */
  tell<Event extends keyof Announcements>(
    account: number,
    event: Event,
    payload: Announcements[Event],
    except?: Session,
  ): void {
    for (const { session } of this.#byAccount.get(account) ?? [])
      if (session !== except) session.link.tell(event, payload);
  }

  /** Ends the sessions of one inbox's device and waits until its pump has let go. */
  async end(inbox: string, code: EndCode): Promise<void> {
    const attached = this.#byInbox.get(inbox);
    if (!attached) return;
    attached.session.link.end(code);
    await this.detach(attached.session);
  }

  /** Takes the session of one inbox's device out of everything, and leaves its connection open for the last reply. */
  async release(inbox: string): Promise<void> {
    const attached = this.#byInbox.get(inbox);
    if (attached) await this.detach(attached.session);
  }

  /** Planned stop: says so to all, lets what is in flight be answered for up to `graceMs`, then gives it up. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    const all = [...this.#byInbox.values()];
    const stopped = Promise.all(all.flatMap(({ pump }) => pump?.stop() ?? []));
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => (cancel = this.clock.after(graceMs, resolve)));
    await Promise.race([stopped, patience]);
    cancel();
    for (const { session } of all) session.link.end("relay-stopping");
    await stopped;
    await Promise.all(all.map(({ session }) => this.detach(session)));
  }

  #find(session: Session): Attached | undefined {
    const attached = this.#byInbox.get(session.identity.inbox);
    return attached?.session === session ? attached : undefined;
  }

  #startPump(attached: Attached): void {
    if (this.#stopped || attached.pump) return;
    const { session } = attached;
    attached.pump = new Pump(
      session.identity.inbox,
      this.inboxes,
      this.#appetites,
      (envelopes) => session.link.deliver(envelopes),
      { delivered: (batch) => this.delivered(session, batch), unanswered: () => session.link.end("unanswered") },
      this.clock,
      this.failed,
    );
  }

  async #remove(attached: Attached): Promise<void> {
    const { account } = attached.session.identity;
    const others = this.#byAccount.get(account.id);
    if (!others?.delete(attached)) return;
    if (others.size === 0) this.#byAccount.delete(account.id);
    const changed = this.presences.change(account.id, attendance(attached.session), undefined);
    if (changed) this.#announcePresence(account);
    else if (others.size === 0) this.contacts.forget(account.id);
    await attached.pump?.stop();
    attached.pump = undefined;
  }

  #attend(session: Session, before: Attendance | undefined): void {
    const { account } = session.identity;
    if (this.presences.change(account.id, before, attendance(session))) this.#announcePresence(account);
  }

  /** To mutual contacts only, and not to the blocked (G7). What is said is what is true when it is said. */
  #announcePresence(account: Account): void {
    this.contacts
      .relationsOf(account.id)
      .then((relations) => {
        const lastSeen = this.presences.lastSeen(account.id);
        const showing = this.presences.showing(account.id);
        const payload = { name: account.name, ...showing, ...(lastSeen !== undefined && { lastSeen }) };
        for (const relation of relations.values())
          if (isOpen(relation)) this.tell(relation.peer.id, "presence:changed", payload);
        if (!this.#byAccount.has(account.id)) this.contacts.forget(account.id);
      })
      .catch(this.failed);
  }
}

const attendance = ({ presence, away }: Session): Attendance | undefined => {
  if (presence === "offline") return undefined;
  return away ? "away" : "here";
};
