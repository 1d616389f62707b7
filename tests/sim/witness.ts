import { foldName } from "../../wire/model.ts";
import { type AppEvent, type MessageView } from "../../wire/ipc.ts";
import { type Fact } from "./history.ts";

/** Writes down what can be seen from outside, in the order in which it happens. */
export class Witness {
  readonly facts: Fact[] = [];
  readonly #devices = new Set<string>();
  readonly #removed = new Set<string>();

  saw(fact: Fact): void {
    this.facts.push(fact);
  }

  /** The relay has let this device in. */
  added(device: string, account: string): void {
    if (this.#devices.has(device)) return;
    this.#devices.add(device);
    this.saw({ kind: "device-added", device, account });
  }

  removed(device: string): void {
    if (!this.#devices.has(device) || this.#removed.has(device)) return;
    this.#removed.add(device);
    this.saw({ kind: "device-removed", device });
  }

  isRemoved(device: string): boolean {
    return this.#removed.has(device);
  }

  /** What a device's window heard. */
  window(device: string, event: AppEvent): void {
    switch (event.kind) {
      case "messages:stored":
        for (const view of event.messages) {
          this.saw({ kind: "shown", device, message: shown(view) });
          this.#status(device, view);
        }
        break;
      case "messages:changed":
        for (const view of event.messages) this.#status(device, view);
        break;
      default:
        break;
    }
  }

  #status(device: string, { mine, id, status }: MessageView): void {
    if (mine) this.saw({ kind: "status", device, id, status });
  }
}

export const shown = (view: MessageView) => ({
  from: foldName(view.from),
  id: view.id,
  with: view.with,
  body: view.body,
});

/** Which messages a delivery holds, as anybody can read on the wire. */
export function keysOf(said: unknown): { from: string; id: string }[] {
  const envelopes = typeof said === "object" && said !== null && "envelopes" in said ? said.envelopes : [];
  if (!Array.isArray(envelopes)) return [];
  return envelopes.flatMap((envelope: unknown) =>
    typeof envelope === "object" &&
    envelope !== null &&
    "kind" in envelope &&
    envelope.kind === "message" &&
    "from" in envelope &&
    typeof envelope.from === "string" &&
    "id" in envelope &&
    typeof envelope.id === "string"
      ? [{ from: foldName(envelope.from), id: envelope.id }]
      : [],
  );
}
