import { Outbox as RealOutbox, type OutboxNeeds } from "../../main/outbox.ts";
import { type Send } from "../../main/outbox-batch.ts";
import { chosenFault } from "./planted.ts";

/** In place of main/outbox.ts in the torture's faulty app: a reply that never came is taken for a yes. */
export class Outbox extends RealOutbox {
  readonly #store: OutboxNeeds["store"];

  constructor(needs: OutboxNeeds) {
    super(needs);
    this.#store = needs.store;
  }

  override attach(send: Send, limits: { readonly batch: number; readonly requestBytes: number }): void {
    const forgetting: Send = async (messages) => {
      const outcome = await send(messages);
      if (outcome.kind === "lost" && chosenFault() === "forget-on-lost-reply") {
        const { rows, pinned } = this.#store.next(messages.length, []);
        const accepted = pinned ? rows.map((row) => ({ row, acceptedAt: Date.now() })) : [];
        this.#store.settle({ accepted, refused: [], later: [], again: [] });
      }
      return outcome;
    };
    super.attach(forgetting, limits);
  }
}
