import { type IncomingMessage } from "node:http";
import { Server } from "socket.io";
import { answer, refusal, Refusal, type Reply, type WireError } from "../wire/contract.ts";
import { limits, protocolVersion } from "../wire/model.ts";
import { handshake, relayContract, typingTell } from "../wire/socket.ts";
import { type Clock } from "./clock.ts";
import { type DeviceActivity } from "./device-activity.ts";
import * as parser from "./encoder.ts";
import { type HttpFloor } from "./http.ts";
import { type Log } from "./log.ts";
import { type Metrics } from "./metrics.ts";
import { operations, type Rooms, tellTyping } from "./operations.ts";
import { type Session } from "./sessions.ts";
import { type RelayServer, type RelaySocket, type SignedIn, socketLink } from "./socket-link.ts";

export interface RelayOptions {
  /** sessions at the same time; the next one hears `relay-full` */
  readonly mostSessions: number;
}

/** A refusal as socket.io carries it: `connect_error` with the error in `data`. */
class HandshakeRefused extends Error {
  constructor(readonly data: WireError) {
    super(data.code);
  }
}

/**
 * The only file that knows socket.io's server: handshake, dispatch, and nothing of what requests mean.
 * None of its conveniences for lost connections is used: buffering, retries and recovery duplicate or forget (research, A.4).
 */
export function openRelay(
  http: HttpFloor,
  rooms: Rooms,
  activity: DeviceActivity,
  metrics: Metrics,
  log: Log,
  clock: Clock,
  { mostSessions }: RelayOptions,
): { close(): Promise<void> } {
  const io: RelayServer = new Server(http.server, {
    transports: ["websocket"],
    serveClient: false,
    parser,
    maxHttpBufferSize: 2 * limits.requestBytes, // so that a refusal of one that is too large can be said
    pingInterval: 20_000,
    pingTimeout: 15_000, // together under the 60 s of G10
    connectTimeout: 10_000,
    perMessageDeflate: false,
    // CORS does not cover WebSocket: a page in somebody's browser must not reach a relay on their network. Our app sends no Origin.
    allowRequest: (request, decide) => decide(null, request.headers.origin === undefined),
  });
  io.engine.on("connection", forgetRequest);
  const handlers = operations(rooms);
  let closing = false;

  io.use((socket, next) => {
    signIn(socket).then(
      (signedIn) => {
        socket.data.signedIn = signedIn;
        next();
      },
      (error: unknown) => {
        const refused =
          error instanceof Refusal
            ? error.error
            : refusal("unavailable", "Signing in does not work now. Try again.", 2_000);
        if (!(error instanceof Refusal))
          log.error({ event: "sign-in-failed", err: error }, "a sign-in failed by our fault");
        metrics.refused(refused.code);
        next(new HandshakeRefused(refused));
      },
    );
  });

  io.on("connection", (socket) => {
    const { signedIn } = socket.data;
    // headers, query and the token: nobody asks for them again, and each session would hold them while it lives
    Reflect.set(socket, "handshake", undefined);
    if (!signedIn) {
      socket.disconnect(true);
      return;
    }
    welcome(socket, signedIn).catch((error: unknown) => {
      log.error({ event: "session-failed", err: error }, "a session could not begin");
      socket.disconnect(true);
    });
  });

  async function signIn(socket: RelaySocket): Promise<SignedIn> {
    const auth: unknown = socket.handshake.auth;
    if (closing) throw new Refusal("unavailable", "The relay is stopping.", 1_000);
    await rooms.rates.connect(socket.handshake.address);
    const version = typeof auth === "object" && auth !== null && "protocol" in auth ? auth.protocol : undefined;
    if (typeof version === "number" && version !== protocolVersion) {
      throw new Refusal("protocol-unsupported", `This relay speaks version ${protocolVersion} of the protocol.`);
    }
    const parsed = handshake.safeParse(auth);
    if (!parsed.success) throw new Refusal("invalid", "The handshake does not fit the contract.");
    if (rooms.sessions.count >= mostSessions)
      throw new Refusal("relay-full", "This relay has no room for more sessions.", 30_000);
    const { identity, token } = await rooms.accounts.signIn(parsed.data, socket.handshake.address);
    return { identity, token, presence: parsed.data.presence ?? "online" };
  }

  async function welcome(socket: RelaySocket, { identity, token, presence }: SignedIn): Promise<void> {
    const link = socketLink(socket, clock);
    // its first requests may be on their way already while the session is being attached
    const attaching = rooms.sessions.attach(identity, presence, link);
    const leave = async (): Promise<void> => {
      link.closed();
      activity.seen(identity);
      await rooms.sessions.detach(await attaching);
    };
    socket.on("disconnect", () => {
      leave().catch((error: unknown) =>
        log.error({ event: "detach-failed", err: error }, "a session could not be closed"),
      );
    });
    const starting = start();
    listen(socket, starting);
    rooms.sessions.begin(await starting); // nothing begins for one that has left meanwhile

    async function start(): Promise<Session> {
      const session = await attaching;
      activity.seen(identity);
      link.start({
        name: identity.account.name,
        token,
        contacts: await rooms.contacts.list(identity.account),
        waiting: rooms.inboxes.waiting(identity.inbox).count,
        limits: { bodyBytes: limits.bodyBytes, batch: limits.batch, requestBytes: limits.requestBytes },
        serverTime: clock.now(),
      });
      return session;
    }
  }

  function listen(socket: RelaySocket, starting: Promise<Session>): void {
    // The text of a request is nearly always too short to be worth measuring. Once one was long, all of this socket
    // are measured: a packet is seen before its event, and others may lie between the two.
    let measures = false;
    const watch = (packet: { data?: unknown }): void => {
      if (typeof packet.data === "string" && packet.data.length > limits.requestBytes / 3) measures = true;
    };
    socket.conn.on("packet", watch);
    socket.on("disconnect", () => socket.conn.off("packet", watch));
    socket.onAny((event: string, ...args: unknown[]) => {
      const last = args.at(-1);
      const reply = isReply(last) ? last : undefined;
      const params = reply && args.length === 1 ? {} : args[0];
      const tooLarge = measures && isTooLarge(params);
      starting
        .then((session) => serve(session, socket.id, event, params, tooLarge, reply))
        .catch((error: unknown) => {
          // nobody waits for it, or the session never began
          log.warn({ event: "request-dropped", err: error }, "a request could not be answered");
        });
    });
  }

  async function serve(
    session: Session,
    socket: string,
    event: string,
    params: unknown,
    tooLarge: boolean,
    reply: ((reply: Reply<unknown>) => void) | undefined,
  ): Promise<void> {
    const result = tooLarge
      ? { ok: false as const, error: refusal("invalid", "A request has at most 1 MiB as JSON.") }
      : await run(session, socket, event, params, reply !== undefined);
    metrics.answered(Object.hasOwn(relayContract, event) ? event : "unknown", result);
    reply?.(result);
    if (session.ending) session.link.end(session.ending);
  }

  async function run(
    session: Session,
    socket: string,
    event: string,
    params: unknown,
    answered: boolean,
  ): Promise<Reply<unknown>> {
    try {
      if (event !== "message:send") await rooms.rates.request(socket);
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, error: error.error };
      throw error;
    }
    if (event === "typing:tell") {
      const parsed = typingTell.safeParse(params);
      if (!parsed.success) return { ok: false, error: refusal("invalid", "The request does not fit.") };
      await tellTyping(rooms, session, parsed.data.to);
      return { ok: true, value: {} };
    }
    // a request that nobody waits for cannot be refused, so it is not carried out
    if (!answered) return { ok: false, error: refusal("invalid", "A request wants an answer.") };
    return answer(relayContract, handlers, event, params, session, (error, name) =>
      log.error(
        { event: "request-failed", request: name, account: session.identity.account.id, err: error },
        "a request failed by our fault",
      ),
    );
  }

  return {
    async close() {
      closing = true;
      const closed = io.close();
      http.cut();
      await closed;
    },
  };
}

/**
 * Each session would keep its first HTTP request for as long as it lives (socket.io's advice on memory). engine.io holds
 * on to it beside that, so it is emptied as well.
 */
function forgetRequest(connection: { request: IncomingMessage | null }): void {
  if (!connection.request) return;
  connection.request.headers = {};
  connection.request.rawHeaders = [];
  connection.request = null;
}

const isReply = (value: unknown): value is (reply: Reply<unknown>) => void => typeof value === "function";

function isTooLarge(params: unknown): boolean {
  if (params === undefined) return false;
  try {
    return Buffer.byteLength(JSON.stringify(params)) > limits.requestBytes;
  } catch {
    return true; // nested deeper than the stack, which only something of this length can be
  }
}
