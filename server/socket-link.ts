import { type Server, type Socket } from "socket.io";
import {
  deliveryReply,
  deliveryTimeoutMs,
  type Announcements,
  type DeliveryReply,
  type ToRelay,
} from "../wire/socket.ts";
import { type Presence } from "../wire/model.ts";
import { type Identity } from "./accounts.ts";
import { type Clock } from "./clock.ts";
import { Encoded } from "./encoder.ts";
import { type Kept } from "./inbox.ts";
import { DeliveryTimeout } from "./pump.ts";
import { type Ending, type Link } from "./sessions.ts";

type NoEvents = Record<string, never>;
/** What may be said is typed once, by `Link`; socket.io's own map cannot follow a generic event name. */
type Emitted = Record<string, (...payload: unknown[]) => void>;
export type RelayServer = Server<ToRelay, Emitted, NoEvents, SocketFacts>;
export type RelaySocket = Socket<ToRelay, Emitted, NoEvents, SocketFacts>;

export interface SignedIn {
  readonly identity: Identity;
  readonly token: string;
  readonly presence: Presence;
}

/** What the handshake found out about a socket. */
export interface SocketFacts {
  signedIn?: SignedIn;
}

/** A paused peer hides its backlog from socket.io's own counters; beyond this it is cut, not fed. */
const mostUnsentBytes = 4 * 1_048_576;

/** What a link needs of its socket: socket.io's in the relay, an arrow of a simulated network in a test. */
export interface SocketEnd {
  emit(event: string, ...payload: unknown[]): unknown;
  disconnect(close: boolean): unknown;
  readonly conn: { readonly transport: unknown };
}

/** A session's way to its device over one socket. */
export function socketLink(
  socket: SocketEnd,
  clock: Clock,
): Link & { start(started: Announcements["session:started"]): void; closed(): void } {
  let open = true;
  // what happens before `session:started` is said is said behind it: that is the first thing a session hears
  let unsaid: (() => void)[] | undefined = [];
  let giveUp: ((error: Error) => void) | undefined;

  function closed(): void {
    open = false;
    giveUp?.(new Error("the session has ended"));
    giveUp = undefined;
  }

  return {
    closed,
    start(started): void {
      socket.emit("session:started", started);
      for (const say of unsaid ?? []) say();
      unsaid = undefined;
    },
    deliver(batch: readonly Kept[]): Promise<DeliveryReply> {
      if (!open) return Promise.reject(new Error("the session has ended"));
      return new Promise((resolve, reject) => {
        const cancel = clock.after(deliveryTimeoutMs, () => {
          giveUp = undefined;
          reject(new DeliveryTimeout());
        });
        giveUp = (error) => {
          cancel();
          reject(error);
        };
        const envelopes = batch.map(({ json }) => json).join(",");
        socket.emit("inbox:deliver", new Encoded(`{"envelopes":[${envelopes}]}`), (reply: unknown) => {
          if (!giveUp) return; // too late: it counts as unanswered and comes again
          giveUp = undefined;
          cancel();
          const parsed = deliveryReply.safeParse(reply);
          // an answer that is none settles nothing
          if (parsed.success) resolve(parsed.data);
          else reject(new DeliveryTimeout());
        });
      });
    },
    tell<Event extends keyof Announcements>(event: Event, payload: Announcements[Event]): void {
      const say = (): void => {
        if (open && unsentBytes(socket) <= mostUnsentBytes) socket.emit(event, payload);
      };
      if (unsaid) unsaid.push(say);
      else say();
    },
    end(why: Ending): void {
      if (!open) return;
      if (why !== "unanswered" && why !== "signed-out") socket.emit("session:ended", { code: why });
      closed();
      socket.disconnect(true);
    },
  };
}

function unsentBytes(socket: SocketEnd): number {
  const { transport } = socket.conn;
  if (typeof transport !== "object" || transport === null || !("socket" in transport)) return 0;
  const ws: unknown = transport.socket;
  return typeof ws === "object" && ws !== null && "bufferedAmount" in ws && typeof ws.bufferedAmount === "number"
    ? ws.bufferedAmount
    : 0;
}
