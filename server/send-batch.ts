import { refusal, type WireError } from "../wire/contract.ts";
import { foldName, type FoldedName, type MessageId, type Outgoing } from "../wire/model.ts";
import { type SendResult } from "../wire/socket.ts";
import { type Accepted, isSame, keep, type Remembered } from "./last-batches.ts";

/** The results of one request as they come about. */
export class SendBatch {
  readonly #results: (SendResult | undefined)[];
  readonly #refusedTo = new Map<FoldedName, WireError>();
  readonly #twins: { index: number; first: number }[] = [];
  readonly #held = new Map<MessageId, number>();

  constructor(
    readonly messages: readonly Outgoing[],
    readonly acceptedAt: number,
  ) {
    this.#results = messages.map(() => undefined);
  }

  has(index: number): boolean {
    return this.#results[index] !== undefined;
  }

  hold(index: number, message: Outgoing): void {
    this.#held.set(message.id, index);
  }

  /** Whether the same id came earlier in this request; the same message then shares that one's fate. */
  repeats(index: number, message: Outgoing): "same" | "other" | "no" {
    const first = this.#held.get(message.id);
    const twin = first === undefined ? undefined : this.messages[first];
    if (first === undefined || !twin) return "no";
    if (!isSame(twin, message)) return "other";
    this.#twins.push({ index, first });
    return "same";
  }

  accept(index: number, acceptedAt: number): void {
    const message = this.messages[index];
    if (message) this.#results[index] = { id: message.id, ok: true, acceptedAt };
  }

  refuse(index: number, to: FoldedName, error: WireError): void {
    const message = this.messages[index];
    if (!message) return;
    if (!this.#refusedTo.has(to)) this.#refusedTo.set(to, error);
    this.#results[index] = { id: message.id, ok: false, error };
  }

  /** After a refusal, later messages to the same recipient get the same: a later one never overtakes (G3). */
  refuseLikeEarlier(index: number, to: FoldedName): boolean {
    const error = this.#refusedTo.get(to);
    if (error) this.refuse(index, to, error);
    return error !== undefined;
  }

  /** Everything but what was accepted before. */
  refuseAll(error: WireError, remembered: Remembered): void {
    for (const [index, message] of this.messages.entries()) {
      if (!remembered.has(message.id)) this.refuse(index, foldName(message.to), error);
    }
  }

  accepted(): Remembered {
    const accepted = new Map<MessageId, Accepted>();
    for (const [index, message] of this.messages.entries()) {
      const result = this.#results[index];
      if (result?.ok) accepted.set(message.id, { ...keep(message), acceptedAt: result.acceptedAt });
    }
    return accepted;
  }

  results(): SendResult[] {
    for (const { index, first } of this.#twins) this.#results[index] = this.#results[first];
    return this.messages.map(
      ({ id }, index) =>
        this.#results[index] ?? { id, ok: false, error: refusal("unavailable", "Not known whether it got there.") },
    );
  }
}
