import { Encoder as StandardEncoder, type Packet, PacketType } from "socket.io-parser";

/** A payload that is JSON already. Whatever else makes JSON of it gets the same. */
export class Encoded {
  constructor(readonly json: string) {}

  toJSON(): unknown {
    return JSON.parse(this.json);
  }
}

/** socket.io's own, but for an event whose payload is JSON already: that is not encoded a second time. */
export class Encoder extends StandardEncoder {
  override encode(packet: Packet): unknown[] {
    const data: readonly unknown[] = Array.isArray(packet.data) ? packet.data : [];
    if (packet.type === PacketType.EVENT && packet.nsp === "/" && data.length === 2) {
      const [event, payload] = data;
      if (payload instanceof Encoded)
        return [`${PacketType.EVENT}${packet.id ?? ""}[${JSON.stringify(event)},${payload.json}]`];
    }
    return super.encode(packet);
  }
}

export { Decoder } from "socket.io-parser";
