import { createServer, type Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Account } from "../main/account.ts";
import { systemClock } from "../main/clock.ts";
import { Refusal } from "../wire/contract.ts";
import { accountId, type AppEvent } from "../wire/ipc.ts";
import { deviceId } from "../wire/model.ts";
import { AppDesk, bodies, password, until } from "./app-desk.ts";
import { storePlace } from "./store-place.ts";

/** A server that says what it likes. */
let http: HttpServer;
let io: Server;
let url: string;
let desk: AppDesk;
let sockets: Socket[];
/** what it says when a socket connects; undefined: nothing */
let welcome: unknown;

const session = (extra: Record<string, unknown> = {}) => ({
  name: "Ana",
  token: "t".repeat(43),
  contacts: [{ name: "Bia", state: "mutual", presence: "online" }],
  waiting: 0,
  limits: { bodyBytes: 65_536, batch: 64, requestBytes: 1_048_576 },
  serverTime: Date.now(),
  ...extra,
});
const message = (extra: Record<string, unknown> = {}) => ({
  kind: "message",
  id: randomUUID(),
  at: 1,
  from: "Bia",
  to: "Ana",
  body: "oi",
  sentAt: 1,
  acceptedAt: 1,
  ...extra,
});

beforeEach(async () => {
  sockets = [];
  welcome = session();
  desk = new AppDesk();
  http = createServer((_request, response) => response.writeHead(404).end());
  io = new Server(http);
  io.on("connection", (socket) => {
    sockets.push(socket);
    if (welcome !== undefined) socket.emit("session:started", welcome);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
});
afterEach(async () => {
  desk.close();
  await io.close();
});

const signIn = (): Promise<Account> => desk.signIn(url, "Ana");
const last = (): Socket => {
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket");
  return socket;
};
const ask = (event: string, payload: unknown): Promise<unknown> => last().timeout(5_000).emitWithAck(event, payload);

describe("a relay that is none, or hostile", () => {
  it.each([
    ["a session that cannot be read", { name: 7 }],
    ["a session of somebody else", session({ name: "Mallory" })],
    ["a session with an impossible name", session({ name: "A".repeat(99) })],
    ["a session with a broken contact", session({ contacts: [{ name: "Bia", state: "friend", presence: "online" }] })],
  ])("%s is not a relay", async (_title, said) => {
    welcome = said;
    await expect(desk.accounts.signIn({ relay: url, name: "Ana", password, mode: "password" })).rejects.toMatchObject({
      code: "not-a-relay",
    });
  });

  it("a web server that is no relay says so", async () => {
    const plain = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const address = plain.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const attempt = desk.accounts.signIn({ relay: `127.0.0.1:${port}`, name: "Ana", password, mode: "password" });
    await expect(attempt).rejects.toMatchObject({ code: "not-a-relay" });
    plain.closeAllConnections();
    await new Promise((resolve) => plain.close(resolve));
  });

  it("a refusal that is no refusal of ours is not a relay's", async () => {
    io.use((_socket, next) => next(Object.assign(new Error("no"), { data: { nonsense: true } })));
    await expect(desk.accounts.signIn({ relay: url, name: "Ana", password, mode: "password" })).rejects.toMatchObject({
      code: "not-a-relay",
    });
  });

  it("[G4] others' messages, strange kinds and rubbish are answered and not shown; what is good beside them is", async () => {
    const ana = await signIn();
    const rubbish = [
      null,
      7,
      "x",
      [],
      {},
      { kind: "message" },
      { kind: 3, id: "x", at: 1 },
      message({ from: "<script>" }),
    ];
    const reply = await ask("inbox:deliver", {
      envelopes: [
        ...rubbish,
        message({ to: "Caio" }),
        message({ body: "x".repeat(70_000) }),
        message({ body: "certa" }),
      ],
    });
    expect(reply).toEqual({ ok: true });
    expect(bodies(ana, "Bia")).toEqual(["certa"]);
    expect(ana.view().contacts.map(({ name }) => name)).toEqual(["Bia"]);
  });

  it("[O6] receipts for messages of others, or by others, move nothing", async () => {
    const ana = await signIn();
    const { id } = ana.messenger.write("Bia", "um");
    const receipt = { kind: "receipt", id: randomUUID(), at: 1, status: "read", of: [id] };
    expect(await ask("inbox:deliver", { envelopes: [{ ...receipt, by: "Mallory" }] })).toEqual({ ok: true });
    expect(ana.messenger.list("Bia", 9, undefined).messages[0]?.status).toBe("pending");
  });

  it("a delivery that is none is refused, and nothing breaks", async () => {
    const ana = await signIn();
    for (const said of [
      undefined,
      null,
      7,
      {},
      { envelopes: "all" },
      { envelopes: new Array(2_000).fill(message()) },
    ]) {
      expect(await ask("inbox:deliver", said)).toMatchObject({ ok: false, error: { code: "invalid" } });
    }
    // without somebody to answer to, nothing is stored: it could not be settled
    last().emit("inbox:deliver", { envelopes: [message()] });
    last().emit("inbox:deliver");
    expect(await ask("inbox:deliver", { envelopes: [message({ body: "viva" })] })).toEqual({ ok: true });
    expect(bodies(ana, "Bia")).toEqual(["viva"]);
  });

  it("news that cannot be read or speaks of strangers changes nothing", async () => {
    const ana = await signIn();
    const before = ana.view().contacts;
    for (const event of ["presence:changed", "contact:changed", "typing:told", "session:ended", "session:started"]) {
      for (const said of [undefined, null, 7, {}, { name: "\u0000" }, { code: "because" }]) last().emit(event, said);
    }
    last().emit("presence:changed", { name: "Mallory", presence: "online" });
    last().emit("typing:told", { from: "Mallory" });
    expect(await ask("inbox:deliver", { envelopes: [] })).toEqual({ ok: true });
    expect(ana.view().contacts).toEqual(before);
    expect(desk.of("typing:told")).toEqual([]);
    expect(ana.view().connection.kind).toBe("online");
  });

  it("[O3] results for other ids, unknown codes and half an answer leave the message in the outbox", async () => {
    const ana = await signIn();
    const answers: unknown[] = [];
    last().on("message:send", (_params: unknown, reply: (said: unknown) => void) => {
      answers.push(1);
      reply({ ok: true, value: { results: [{ id: randomUUID(), ok: true, acceptedAt: 1 }, { id: 7 }, null] } });
    });
    ana.messenger.write("Bia", "um");
    await until(() => answers.length > 0);
    expect(ana.view().pending).toBe(1);
    expect(ana.view().connection.kind).toBe("online");
  });

  it("[O2] an answer that cannot be read ends the connection, and the same message goes again", async () => {
    const ana = await signIn();
    const asked: unknown[] = [];
    let good = false;
    io.on("connection", (socket) => {
      socket.on("message:send", (params: { messages: { id: string }[] }, reply: (said: unknown) => void) => {
        asked.push(params);
        const results = params.messages.map(({ id }) => ({ id, ok: true, acceptedAt: 1 }));
        reply(good ? { ok: true, value: { results } } : "ok");
        good = true;
      });
    });
    last().disconnect(true);
    await until(() => ana.view().connection.kind === "unreachable");
    ana.messenger.write("Bia", "um");
    await until(() => {
      ana.retryNow();
      return ana.view().pending === 0;
    });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
  });

  it("[O5] an app whose disk refuses answers so, says so, and takes the delivery when it works again", async () => {
    const place = storePlace();
    const store = await place.open();
    let full = true;
    const disk = new Proxy(store, {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        if (key !== "transact") return value.bind(target);
        return (work: () => unknown): unknown => {
          if (full) throw new Refusal("storage-failed", "database or disk is full");
          return store.transact(work);
        };
      },
    });
    welcome = session({ contacts: [] });
    const events: AppEvent[] = [];
    const id = accountId.parse(randomUUID());
    const account = new Account({
      facts: { id, device: deviceId.parse(randomUUID()), relay: url, name: "Ana", wish: "online" },
      store: disk,
      token: () => undefined,
      keepToken: () => true,
      clock: systemClock,
      random: Math.random,
      newId: randomUUID,
      deviceName: "desk",
      log: { info: () => undefined, warn: () => undefined, error: () => undefined, close: () => undefined },
      emit: (...told) => events.push(...told),
    });
    try {
      full = false;
      await account.signIn({ kind: "password", name: "Ana", password });
      full = true;
      const envelopes = [message()];
      expect(await ask("inbox:deliver", { envelopes })).toMatchObject({
        ok: false,
        error: { code: "unavailable", retryAfterMs: 5_000 },
      });
      expect(events.filter(({ kind }) => kind === "storage:failed")).toHaveLength(1);
      expect(bodies(account, "Bia")).toEqual([]);
      full = false;
      expect(await ask("inbox:deliver", { envelopes })).toEqual({ ok: true });
      expect(bodies(account, "Bia")).toEqual(["oi"]);
    } finally {
      account.close();
      place.remove();
    }
  });
});
