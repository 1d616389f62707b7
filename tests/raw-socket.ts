import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { until } from "./device.ts";

/** A WebSocket by hand: what no library would send, and no answer to a ping. */
export class RawSocket {
  received = "";
  closed = false;

  private constructor(private readonly socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
      // a WebSocket's closing frame; the relay's words are ASCII
      if (this.received.includes("\x88")) this.closed = true;
    });
    socket.on("error", () => undefined); // a reset is one of the ways in which the relay may end it
    socket.once("close", () => (this.closed = true));
  }

  /** A TCP connection that has said nothing yet. */
  static async tcp(url: string): Promise<RawSocket> {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    return new RawSocket(socket);
  }

  /** Asks for engine.io's WebSocket. `headers` are whole lines. */
  static async upgrade(
    url: string,
    headers: readonly string[] = [],
    query = "EIO=4&transport=websocket",
  ): Promise<RawSocket> {
    const raw = await RawSocket.tcp(url);
    raw.write(
      [
        `GET /socket.io/?${query} HTTP/1.1`,
        `Host: ${new URL(url).host}`,
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
        ...headers,
        "\r\n",
      ].join("\r\n"),
    );
    await until("an answer to the upgrade", () => raw.received.includes("\r\n\r\n") || raw.closed);
    return raw;
  }

  /** A connection on which engine.io has said its opening packet. */
  static async open(url: string): Promise<RawSocket> {
    const raw = await RawSocket.upgrade(url);
    await until("engine.io opens", () => raw.received.includes('0{"sid"'));
    return raw;
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** One masked frame. @param opcode 1 text, 2 binary, anything else nonsense */
  frame(payload: string | Buffer, opcode = 1): void {
    const data = Buffer.from(payload);
    const head = Buffer.alloc(data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    if (data.length < 126) head[1] = 0x80 | data.length;
    else if (data.length < 65_536) {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(data.length, 2);
    } else {
      head[1] = 0x80 | 127;
      head.writeBigUInt64BE(BigInt(data.length), 2);
    }
    // a mask of zeros leaves the payload as it is
    this.socket.write(Buffer.concat([head, Buffer.alloc(4), data]));
  }

  async says(text: string): Promise<void> {
    await until(`the relay says ${text}`, () => this.received.includes(text));
  }

  async ends(): Promise<void> {
    await until("the relay closes it", () => this.closed);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
