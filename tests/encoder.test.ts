import { randomUUID } from "node:crypto";
import { Decoder, Encoder as StandardEncoder, type Packet, PacketType } from "socket.io-parser";
import { expect, test } from "vitest";
import { Encoded, Encoder } from "../server/encoder.ts";
import { joinBatch, readStored, readStoredBatch } from "../server/inboxes/stored.ts";
import { letter } from "./inbox-letters.ts";

const bodies = ["oi", 'aspas " e \\', "linha\nlinha\u2028", "🧤 ação", "],\n[", "{"];
const envelopes = bodies.map((body, i) => ({ ...letter(i), body, id: randomUUID() }));
const texts = envelopes.map((envelope) => JSON.stringify(envelope));

const packet = (payload: unknown, id?: number): Packet => ({
  type: PacketType.EVENT,
  nsp: "/",
  data: ["inbox:deliver", payload],
  ...(id !== undefined && { id }),
});

test.each([undefined, 0, 17])(
  "[R1] a delivery made of kept texts is the packet that socket.io makes of the envelopes (ack %s)",
  (id) => {
    const ours = new Encoder().encode(packet(new Encoded(`{"envelopes":[${texts.join(",")}]}`), id));
    expect(ours).toEqual(new StandardEncoder().encode(packet({ envelopes }, id)));
  },
);

test("[R1] other packets are socket.io's own", () => {
  const encoder = new Encoder();
  const standard = new StandardEncoder();
  const answer: Packet = { type: PacketType.ACK, nsp: "/", id: 3, data: [{ ok: true }] };
  const elsewhere: Packet = { ...packet(new Encoded('{"a":1}')), nsp: "/other" };
  expect(encoder.encode(answer)).toEqual(standard.encode(answer));
  expect(encoder.encode(elsewhere)).toEqual(standard.encode({ ...elsewhere, data: ["inbox:deliver", { a: 1 }] }));
});

test("[R1] what was encoded is decoded as what was kept", () => {
  const decoder = new Decoder();
  const decoded: unknown[] = [];
  decoder.on("decoded", (one: Packet) => decoded.push(one.data));
  for (const text of new Encoder().encode(packet(new Encoded(`{"envelopes":[${texts.join(",")}]}`), 5)))
    decoder.add(text);
  expect(decoded).toEqual([["inbox:deliver", { envelopes }]]);
});

test("[I12] a broker message gives back the text of each envelope as it was put", () => {
  expect(readStoredBatch(joinBatch(texts))).toEqual(texts.map((json) => readStored(json)));
  expect(readStoredBatch(joinBatch(texts)).map((reading) => "json" in reading && reading.json)).toEqual(texts);
});

test.each([
  ["written without line breaks", JSON.stringify(envelopes)],
  ["written with many", JSON.stringify(envelopes, null, 2)],
])("[I12] an array of envelopes %s is read as well", (_how, json) => {
  expect(readStoredBatch(json).map((reading) => "stored" in reading && reading.stored)).toEqual(envelopes);
});

test("[I12] one envelope that is none does not take the others with it", () => {
  const readings = readStoredBatch(`[${texts[0]},\n{"kind":"message"},\n${texts[1]}]`);
  expect(readings.map(({ kind }) => kind)).toEqual(["stored", "unreadable", "stored"]);
  expect(readStoredBatch("[]")).toEqual([]);
  expect(readStoredBatch("[1").map(({ kind }) => kind)).toEqual(["unreadable"]);
});
