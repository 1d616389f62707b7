import { describe, expect, it } from "vitest";
import { judge, progressed, takeBatch } from "../main/outbox-batch.ts";
import { type OutboxRow } from "../main/store-outbox.ts";
import { refusal, type ErrorCode } from "../wire/contract.ts";
import { type SendResult } from "../wire/socket.ts";
import { newId } from "./store-place.ts";

const row = (peer: string, body = "oi", position = 1): OutboxRow => ({
  position,
  peer,
  recipient: peer,
  batch: null,
  id: newId(),
  sender: "eu",
  body,
  sent_at: 1,
  scheme: null,
  chain: null,
  number: null,
});
const accepted = ({ id }: OutboxRow): SendResult => ({ id, ok: true, acceptedAt: 9 });
const refusedWith = ({ id }: OutboxRow, code: ErrorCode): SendResult => ({ id, ok: false, error: refusal(code, "") });

describe("what one request holds", () => {
  it("[O2] the longest beginning within both limits", () => {
    const rows = Array.from({ length: 10 }, () => row("bia"));
    expect(takeBatch(rows, { messages: 4, bytes: 1_000_000 })).toEqual(rows.slice(0, 4));
    expect(takeBatch([], { messages: 4, bytes: 1_000_000 })).toEqual([]);
  });

  it("[O2] bodies are counted as they travel, escaped and in UTF-8", () => {
    // 6 bytes each as JSON
    const rows = Array.from({ length: 5 }, () => row("bia", "\u0001".repeat(1_000)));
    const batch = takeBatch(rows, { messages: 64, bytes: 20_000 });
    expect(batch).toHaveLength(3);
    expect(JSON.stringify(batch.map(({ body }) => body)).length).toBeLessThan(20_000);
  });

  it("[O2] a message too large for the request still travels alone, or it would wait for ever", () => {
    const rows = [row("bia", "x".repeat(60_000)), row("bia")];
    expect(takeBatch(rows, { messages: 64, bytes: 100 })).toHaveLength(1);
  });
});

describe("what an answer means", () => {
  const a = row("ana");
  const b = row("bia");
  const c = row("ana");

  it("[O3] a row without a result of its own stays, whatever else is answered", () => {
    const verdict = judge([a, b], [accepted(b), { id: newId(), ok: true, acceptedAt: 1 }]);
    expect(verdict).toEqual({ accepted: [{ row: b, acceptedAt: 9 }], refused: [], later: [], again: [a] });
    expect(progressed(verdict)).toBe(true);
    expect(progressed(judge([a], []))).toBe(false);
  });

  it("[O3] the first word about an id counts", () => {
    expect(judge([a], [accepted(a), refusedWith(a, "not-a-contact")]).accepted).toHaveLength(1);
  });

  it("[O3] what may pass waits, what may not is shown", () => {
    const verdict = judge([a, b], [refusedWith(a, "inbox-full"), refusedWith(b, "not-a-contact")]);
    expect(verdict.later.map(({ row: { id } }) => id)).toEqual([a.id]);
    expect(verdict.refused.map(({ row: { id } }) => id)).toEqual([b.id]);
  });

  it("[O4] a code about the recipient holds for all that follow to it", () => {
    const verdict = judge([a, c], [refusedWith(a, "not-a-contact"), refusedWith(c, "not-a-contact")]);
    expect(verdict.refused).toHaveLength(2);
  });

  it("[O4] a code about one message does not condemn the next one, which only shares its recipient", () => {
    const verdict = judge([a, b, c], [refusedWith(a, "too-long"), accepted(b), refusedWith(c, "too-long")]);
    expect(verdict.refused.map(({ row: { id } }) => id)).toEqual([a.id]);
    expect(verdict.again).toEqual([c]);
  });

  it("[O2] ids that are not ours change nothing", () => {
    expect(judge([a], [{ id: newId(), ok: true, acceptedAt: 1 }]).again).toEqual([a]);
  });
});
