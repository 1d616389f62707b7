import { answer, refusal, Refusal, type Handlers } from "../../wire/contract.ts";
import { type DeviceId, foldName, limits } from "../../wire/model.ts";
import { handshake, relayContract, type Handshake, type RelayContract } from "../../wire/socket.ts";
import { type Identity } from "../../server/accounts.ts";
import { type DeviceActivity } from "../../server/device-activity.ts";
import { type InboxId } from "../../server/inbox.ts";
import { operations, type Rooms } from "../../server/operations.ts";
import { type Session } from "../../server/sessions.ts";
import { socketLink } from "../../server/socket-link.ts";
import { type RelaySide, type Wire } from "./network.ts";
import { openRooms, type RoomsGround } from "./relay-rooms.ts";
import { Life, never, type Timeline } from "./time.ts";
import { type Witness } from "./witness.ts";

const isInbox = (id: string): id is InboxId => id.includes(".");

export interface RelayGround extends RoomsGround {
  readonly timeline: Timeline;
  readonly witness: Witness;
}

/** The relay's process: the real rooms on a simulated disk and network. It may die at any moment and be started again. */
export class SimulatedRelay {
  #life: Life;
  #rooms: Rooms | undefined;
  #activity: DeviceActivity | undefined;
  readonly #wires = new Set<Wire>();
  readonly #numbers = new WeakMap<Session, number>();

  constructor(private readonly ground: RelayGround) {
    this.#life = new Life(ground.timeline);
    this.#life.end();
  }

  get up(): boolean {
    return this.#rooms !== undefined;
  }

  /** how many envelopes an inbox holds, as the running relay knows it */
  envelopesIn(inbox: string): number {
    return isInbox(inbox) ? (this.#rooms?.inboxes.waiting(inbox).envelopes ?? 0) : 0;
  }

  /** A person throws another of their devices out. */
  async revoke(name: string, device: DeviceId): Promise<void> {
    const life = this.#life;
    const account = await this.#rooms?.accounts.find(foldName(name));
    if (!account) return;
    await this.#rooms?.deviceRemoval.remove(account.id, device, "revoked");
    if (life.alive) this.ground.witness.removed(device);
  }

  /** Starts it, unless it runs or is starting. Resolves when it listens; never, when it dies before that. */
  async start(): Promise<void> {
    if (this.#life.alive) return;
    this.#life = new Life(this.ground.timeline);
    const { rooms, activity } = await openRooms(this.#life, this.ground);
    this.#rooms = rooms;
    this.#activity = activity;
  }

  /** `kill -9`: memory is gone, what was committed stays. */
  crash(): void {
    if (!this.#life.alive) return;
    this.#life.end();
    this.#rooms = undefined;
    this.ground.disk.crash();
    for (const wire of this.#wires) {
      this.ground.witness.saw({ kind: "session-over", session: wire.number });
      wire.relayDied();
    }
    this.#wires.clear();
  }

  /** An app's connection arrives. @returns nothing when nobody listens */
  readonly accept = (wire: Wire): RelaySide | undefined => {
    const rooms = this.#rooms;
    const life = this.#life;
    if (!rooms) return undefined;
    this.#wires.add(wire);
    let attaching: Promise<Session> | undefined;
    let leave = (): void => undefined;
    return {
      handshake: (auth) => {
        this.#signIn(rooms, auth).then(
          ({ identity, token, said }) => {
            wire.relay.welcome();
            const link = this.#tapped(wire);
            attaching = rooms.sessions.attach(identity, said.presence ?? "online", link);
            const attached = attaching;
            leave = () => {
              link.closed();
              this.#activity?.seen(identity);
              attached.then((session) => rooms.sessions.detach(session)).catch(this.ground.failed);
            };
            this.#welcome(rooms, wire, identity, token, attached).catch(this.ground.failed);
          },
          (error: unknown) => {
            if (!(error instanceof Refusal)) this.ground.failed(error);
            wire.relay.refuse(error instanceof Refusal ? error.error : refusal("unavailable", "Not now.", 2_000));
          },
        );
      },
      request: (event, params, reply) => {
        void attaching?.then(async (session) => {
          const result = await answer(relayContract, this.#tell(life, rooms), event, params, session, (error) =>
            this.ground.failed(error),
          );
          if (!life.alive) return;
          reply(result);
          if (event === "session:end" && result.ok) wire.relay.disconnect(true);
        });
      },
      disconnected: () => {
        this.#wires.delete(wire);
        this.ground.witness.saw({ kind: "session-over", session: wire.number });
        leave();
      },
    };
  };

  async #signIn(rooms: Rooms, auth: unknown): Promise<{ identity: Identity; token: string; said: Handshake }> {
    const said = handshake.parse(auth);
    const { identity, token } = await rooms.accounts.signIn(said, "10.0.0.1");
    this.ground.witness.added(identity.device, identity.account.folded);
    return { identity, token, said };
  }

  /** As relay.ts begins a session. */
  async #welcome(
    rooms: Rooms,
    wire: Wire,
    identity: Identity,
    token: string,
    attaching: Promise<Session>,
  ): Promise<void> {
    const session = await attaching;
    this.#numbers.set(session, wire.number);
    this.#activity?.seen(identity);
    wire.relay.emit("session:started", {
      name: identity.account.name,
      token,
      contacts: await rooms.contacts.list(identity.account),
      waiting: rooms.inboxes.waiting(identity.inbox).count,
      limits: { bodyBytes: limits.bodyBytes, batch: limits.batch, requestBytes: limits.requestBytes },
      serverTime: this.ground.timeline.now(),
    });
    if (session.presence === "offline") this.ground.witness.saw({ kind: "held", session: wire.number });
    rooms.sessions.begin(session);
  }

  /** The link to a device, with a tap on the wire. */
  #tapped(wire: Wire): ReturnType<typeof socketLink> {
    const { witness } = this.ground;
    let batches = 0;
    return socketLink(
      {
        conn: wire.relay.conn,
        disconnect: (close) => wire.relay.disconnect(close),
        emit: (event, ...payload) => {
          const answered = payload[1];
          if (event !== "inbox:deliver" || typeof answered !== "function") return wire.relay.emit(event, ...payload);
          const batch = ++batches;
          witness.saw({ kind: "handed", session: wire.number, batch });
          return wire.relay.emit(event, payload[0], (reply: unknown) => {
            witness.saw({ kind: "batch-over", session: wire.number, batch });
            Reflect.apply(answered, undefined, [reply]);
          });
        },
      },
      this.#life,
    );
  }

  /** The relay's own handlers, and a witness to what they were asked and what they said. */
  #tell(life: Life, rooms: Rooms): Handlers<RelayContract, Session> {
    const { witness } = this.ground;
    const real = operations(rooms);
    return {
      ...real,
      "message:send": async (params, session) => {
        const { device } = session.identity;
        for (const { id, to, chain, number } of params.messages)
          witness.saw({ kind: "asked", device, to: foldName(to), id, chain, number });
        const value = await real["message:send"](params, session);
        if (!life.alive) return never();
        for (const result of value.results) {
          if (result.ok) witness.saw({ kind: "accepted", device, id: result.id });
          else witness.saw({ kind: "refused", device, id: result.id, code: result.error.code });
        }
        return value;
      },
      "presence:set": async (params, session) => {
        const number = this.#numbers.get(session);
        if (number !== undefined && params.presence === "online") witness.saw({ kind: "released", session: number });
        const value = await real["presence:set"](params, session);
        if (life.alive && number !== undefined && session.presence === "offline")
          witness.saw({ kind: "held", session: number });
        return value;
      },
      "session:end": async (params, session) => {
        const value = await real["session:end"](params, session);
        if (life.alive) witness.removed(session.identity.device);
        return value;
      },
      "device:revoke": async (params, session) => {
        const value = await real["device:revoke"](params, session);
        if (life.alive) witness.removed(params.device);
        return value;
      },
    };
  }
}
