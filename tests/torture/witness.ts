import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { z } from "zod";
import { password } from "../../drill/orders.ts";
import { type Chance } from "./chance.ts";

const started = z.object({ token: z.string() });
const handed = z.object({ envelopes: z.array(z.looseObject({ id: z.string(), kind: z.string() })) });
const message = z.looseObject({
  kind: z.literal("message"),
  id: z.string(),
  from: z.string(),
  to: z.string(),
  body: z.string(),
});
type Message = z.infer<typeof message>;

/** How a device may treat a batch; all of it is allowed by the contract. */
type Treatment = "store" | "store-late" | "store-and-vanish" | "vanish" | "refuse" | "silence";

/**
 * A device that speaks the wire's contract by hand and badly: it answers late, refuses, vanishes in the middle. It sees what
 * an app cannot: whether a second batch comes while one is unanswered.
 */
export class Witness {
  /** what it has stored, in order of arrival; each message once, by (from, id) */
  readonly stored: Message[] = [];
  readonly accusations: string[] = [];
  /** while false it treats every batch well, so that it catches up */
  unruly = false;
  readonly #keys = new Set<string>();
  readonly #device = randomUUID();
  #token = "";
  #socket: Socket | undefined;
  #closed = false;
  /** a batch was handed over and is unanswered */
  #holding = false;
  #silent = false;

  constructor(
    readonly account: string,
    private readonly url: string,
    private readonly chance: Chance,
  ) {}

  get connected(): boolean {
    return this.#socket?.connected ?? false;
  }

  /** It has a batch in its hands and keeps silent: until the relay ends the session, nothing else can come. */
  get holding(): boolean {
    return this.connected && this.#holding;
  }

  /** It will never answer the batch in its hands: the relay's patience (20 s) has to end first. */
  get silent(): boolean {
    return this.holding && this.#silent;
  }

  /** Registers, and stays connected from then on. */
  async open(): Promise<void> {
    await this.#session({ kind: "register", name: this.account, password });
    void this.#stayConnected();
  }

  /** @throws Error with the relay's code when it refuses */
  async ask(request: string, params: unknown): Promise<void> {
    const said: unknown = await this.#socket?.timeout(15_000).emitWithAck(request, params);
    const reply = z.object({ ok: z.boolean() }).loose().parse(said);
    if (!reply.ok) throw new Error(`${request} was refused: ${JSON.stringify(reply)}`);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.disconnect();
  }

  async #stayConnected(): Promise<void> {
    while (!this.#closed) {
      const socket = this.#socket;
      if (socket?.connected) {
        await new Promise<void>((resolve) => {
          socket.once("disconnect", () => resolve());
          if (!socket.connected) resolve();
        });
      }
      await pause(this.chance.between(100, 500));
      if (this.#isClosed()) return;
      await this.#session({ kind: "token", token: this.#token }).catch(() => undefined);
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #session(credentials: Readonly<Record<string, string>>): Promise<void> {
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    const socket = io(this.url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      timeout: 10_000,
      auth: { protocol: 1, device: this.#device, credentials },
    });
    this.#socket = socket;
    this.#holding = false;
    this.#silent = false;
    socket.on("inbox:deliver", (said: unknown, answer: (reply: unknown) => void) => {
      if (this.#holding) this.accusations.push("a second batch came while one was unanswered (one batch in flight)");
      this.#holding = true;
      void this.#treat(socket, said, (reply) => {
        if (socket === this.#socket) this.#holding = false;
        answer(reply);
      });
    });
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error("no session in 12 s")), 12_000);
      socket.once("session:started", (said: unknown) => {
        clearTimeout(tooLate);
        this.#token = started.parse(said).token;
        resolve();
      });
      socket.once("connect_error", (error: Error) => {
        clearTimeout(tooLate);
        reject(error);
      });
    });
  }

  async #treat(socket: Socket, said: unknown, answer: (reply: unknown) => void): Promise<void> {
    const { envelopes } = handed.parse(said);
    const treatment = this.#treatment();
    if (treatment !== "store") await pause(this.chance.between(10, 300));
    switch (treatment) {
      case "store":
      case "store-late":
        this.#store(envelopes);
        if (socket.connected) answer({ ok: true });
        break;
      case "store-and-vanish":
        this.#store(envelopes);
        socket.disconnect();
        break;
      case "vanish":
        socket.disconnect();
        break;
      case "refuse":
        answer({ ok: false, error: { code: "unavailable", message: "not now", retryable: true, retryAfterMs: 200 } });
        break;
      case "silence": // the relay ends the session after 20 s
        if (socket === this.#socket) this.#silent = true;
        break;
    }
  }

  #treatment(): Treatment {
    if (!this.unruly) return "store";
    const dice = this.chance.next();
    if (dice < 0.55) return "store-late";
    if (dice < 0.7) return "refuse";
    if (dice < 0.84) return "vanish";
    if (dice < 0.98) return "store-and-vanish";
    return "silence";
  }

  #store(envelopes: readonly { kind: string }[]): void {
    for (const envelope of envelopes) {
      const parsed = message.safeParse(envelope).data;
      const key = parsed && `${parsed.from} ${parsed.id}`;
      if (!parsed || key === undefined || this.#keys.has(key)) continue;
      this.#keys.add(key);
      this.stored.push(parsed);
    }
  }
}
