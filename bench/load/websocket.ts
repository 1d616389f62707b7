import { connect, type Socket } from "node:net";
import { once } from "node:events";

/**
 * The writing end of a WebSocket, thin on purpose: a whole client library costs more per message than the servers that
 * are measured, and would be what is measured. Frames are masked with zeros; what is sent in one turn is one write.
 */
export class ThinSocket {
  onText: (text: string) => void = () => undefined;
  onClose: () => void = () => undefined;
  #rest: Buffer | undefined;
  #unsent: Buffer[] = [];

  private constructor(
    private readonly socket: Socket,
    first: Buffer,
  ) {
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("close", () => this.onClose());
    if (first.length > 0) setImmediate(() => this.#read(first));
  }

  /** @throws when nobody listens, or the upgrade is refused */
  static async open(port: number, path: string): Promise<ThinSocket> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    socket.on("error", () => undefined); // a killed server resets; `close` follows
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cmVjYWRvLWJlbmNobWFyaw==\r\n\r\n",
    );
    let head = Buffer.alloc(0);
    for (;;) {
      const [chunk] = (await once(socket, "data")) as [Buffer];
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      if (!head.subarray(0, 12).toString().endsWith("101")) throw new Error(head.toString("latin1"));
      return new ThinSocket(socket, head.subarray(end + 4));
    }
  }

  send(text: string): void {
    const payload = Buffer.from(text);
    const { length } = payload;
    const head = Buffer.alloc((length < 126 ? 2 : length < 65_536 ? 4 : 10) + 4);
    head[0] = 0x81;
    if (length < 126) head[1] = 0x80 | length;
    else if (length < 65_536) {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 0x80 | 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    if (this.#unsent.length === 0) queueMicrotask(() => this.#flush());
    this.#unsent.push(head, payload);
  }

  close(): void {
    this.#flush();
    this.socket.destroy();
  }

  #flush(): void {
    if (this.#unsent.length > 0) this.socket.write(Buffer.concat(this.#unsent));
    this.#unsent = [];
  }

  #read(chunk: Buffer): void {
    let data = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      if (data.length < 2) break;
      const opcode = (data[0] ?? 0) & 0x0f;
      let length = (data[1] ?? 0) & 0x7f;
      let start = 2;
      if (length === 126) {
        if (data.length < 4) break;
        length = data.readUInt16BE(2);
        start = 4;
      } else if (length === 127) {
        if (data.length < 10) break;
        length = Number(data.readBigUInt64BE(2));
        start = 10;
      }
      if (data.length < start + length) break;
      if (opcode === 1) this.onText(data.toString("utf8", start, start + length));
      data = data.subarray(start + length);
    }
    this.#rest = data.length > 0 ? data : undefined;
  }
}
