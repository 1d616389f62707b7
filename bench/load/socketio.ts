import { inTime } from "./peer.ts";
import { ThinSocket } from "./websocket.ts";

/** An event that came in; `ack` carries the answer, when one is wanted. */
export type OnEvent = (name: string, args: readonly unknown[], ack: (answer: unknown) => void) => void;

/** socket.io's protocol over a thin WebSocket: just what a client needs that is known to behave. */
export class SocketIo {
  readonly #replies = new Map<number, (answer: unknown) => void>();
  #next = 0;

  private constructor(
    private readonly socket: ThinSocket,
    private readonly onEvent: OnEvent,
  ) {}

  /**
   * @param onEvent may be called before this resolves: what waits for somebody comes at once
   * @throws with the relay's reason when the handshake is refused
   */
  static async open(port: number, auth: unknown, onEvent: OnEvent): Promise<SocketIo> {
    const socket = await ThinSocket.open(port, "/socket.io/?EIO=4&transport=websocket");
    const io = new SocketIo(socket, onEvent);
    const connected = new Promise<void>((resolve, reject) => {
      socket.onClose = () => reject(new Error("the connection was closed"));
      socket.onText = (text) => {
        if (text.startsWith("40")) resolve();
        else if (text.startsWith("44")) reject(new Error(text));
        else io.#read(text);
      };
    });
    socket.send(`40${JSON.stringify(auth)}`);
    await inTime("socket.io", connected);
    return io;
  }

  emit(name: string, args: readonly unknown[], reply?: (answer: unknown) => void): void {
    this.say(JSON.stringify([name, ...args]), reply);
  }

  /** The same with an event that is JSON already. */
  say(json: string, reply?: (answer: unknown) => void): void {
    if (!reply) {
      this.socket.send(`42${json}`);
      return;
    }
    const id = this.#next++;
    this.#replies.set(id, reply);
    this.socket.send(`42${id}${json}`);
  }

  close(): void {
    this.socket.close();
  }

  #read(text: string): void {
    if (text === "2") {
      this.socket.send("3");
      return;
    }
    const kind = text.slice(0, 2);
    if (kind !== "42" && kind !== "43") return;
    const start = text.indexOf("[");
    const id = start > 2 ? Number(text.slice(2, start)) : undefined;
    const payload = JSON.parse(text.slice(start)) as unknown[];
    if (kind === "43") {
      const reply = id === undefined ? undefined : this.#replies.get(id);
      if (id !== undefined) this.#replies.delete(id);
      reply?.(payload[0]);
      return;
    }
    this.onEvent(String(payload[0]), payload.slice(1), (answer) => {
      if (id !== undefined) this.socket.send(`43${id}${JSON.stringify([answer])}`);
    });
  }
}
