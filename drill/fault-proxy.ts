import { connect, createServer, type Server, type Socket } from "node:net";

/** app: towards the app (or the broker's client); relay: towards the relay (or the broker) */
export type Direction = "to-app" | "to-relay";

/** Called for each chunk before it goes on, with a number for its connection; `false` keeps it and ends the line. */
export type Watch = (direction: Direction, chunk: Buffer, line: number) => boolean;

interface Line {
  readonly number: number;
  readonly app: Socket;
  readonly relay: Socket;
  /** bytes that may still pass before it is cut; Infinity: no limit */
  budget: number;
}

/**
 * A TCP proxy that does to connections what networks do: reset, black hole, half-open, slow, cut in the middle.
 * Bytes are never lost inside a connection that lives on, because TCP would not lose them either: a black hole stops reading.
 */
export class FaultProxy {
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #watches = new Set<Watch>();
  #held = false;
  #delayMs = 0;
  #port = 0;
  #count = 0;
  /** every socket, so that none is left open, stranded or not */
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly target: () => number) {
    this.#server = createServer((app) => this.#connect(app));
  }

  /** @param target the port to go on to, asked for each connection */
  static async open(target: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    const address = proxy.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("The proxy has no port.");
    proxy.#port = address.port;
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** RST in both directions. */
  reset(): void {
    for (const line of this.#lines) {
      line.app.resetAndDestroy();
      line.relay.resetAndDestroy();
    }
  }

  /** Black hole: nothing passes and nobody is told, also on new connections, until `heal`. */
  hold(): void {
    this.#held = true;
    for (const { app, relay } of this.#lines) {
      app.pause();
      relay.pause();
    }
  }

  /** Half-open: one side is gone, the other still believes in the connection, for ever. */
  strand(believer: "app" | "relay"): void {
    for (const line of this.#lines) {
      const [gone, kept] = believer === "app" ? [line.relay, line.app] : [line.app, line.relay];
      this.#lines.delete(line);
      gone.removeAllListeners("close");
      gone.on("error", () => undefined).destroy();
      kept.removeAllListeners("data");
      kept.on("data", () => undefined); // swallowed: acknowledged by the kernel, read by nobody
      kept.resume();
    }
  }

  /** Every chunk waits this long, in both directions, until `heal`. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Each line that is open now is cut when so many more bytes have passed, in the middle of a frame as like as not. */
  cutAfter(bytes: number): void {
    for (const line of this.#lines) line.budget = bytes;
  }

  /** @returns what ends the watching */
  watch(watch: Watch): () => void {
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  }

  /** Ends black hole and slowness; what was held goes on its way. */
  heal(): void {
    this.#held = false;
    this.#delayMs = 0;
    for (const line of this.#lines) {
      line.budget = Infinity;
      line.app.resume();
      line.relay.resume();
    }
  }

  /** Safe to call twice. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.reset();
      for (const kept of this.#sockets) kept.destroy();
    });
  }

  #connect(app: Socket): void {
    const relay = connect(this.target(), "127.0.0.1");
    const line: Line = { number: ++this.#count, app, relay, budget: Infinity };
    this.#lines.add(line);
    for (const socket of [app, relay]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on("error", () => undefined); // the close that follows says it
      socket.once("close", () => this.#sockets.delete(socket));
    }
    this.#pipe(line, app, relay, "to-relay");
    this.#pipe(line, relay, app, "to-app");
    if (this.#held) {
      app.pause();
      relay.pause();
    }
  }

  #pipe(line: Line, from: Socket, to: Socket, direction: Direction): void {
    from.on("data", (chunk: Buffer) => {
      for (const watch of [...this.#watches]) {
        if (watch(direction, chunk, line.number)) continue;
        from.resetAndDestroy();
        to.resetAndDestroy();
        return;
      }
      line.budget -= chunk.length;
      if (line.budget < 0) {
        to.write(chunk.subarray(0, chunk.length + line.budget));
        to.destroySoon();
        from.resetAndDestroy();
        return;
      }
      if (this.#delayMs === 0) {
        this.#forward(from, to, chunk);
        return;
      }
      from.pause();
      setTimeout(() => this.#forward(from, to, chunk), this.#delayMs);
    });
    from.on("close", () => {
      this.#lines.delete(line);
      to.destroySoon();
    });
  }

  /** One chunk at a time: the next is read when this one is on its way. */
  #forward(from: Socket, to: Socket, chunk: Buffer): void {
    const goOn = (): void => {
      if (!this.#held) from.resume();
    };
    if (to.write(chunk)) goOn();
    else {
      from.pause();
      to.once("drain", goOn);
    }
  }
}
