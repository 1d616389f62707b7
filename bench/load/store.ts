import { fdatasync, open, write } from "node:fs";
import { promisify } from "node:util";

/**
 * Where readers put what they have before they answer: appended and synced. What came while the last sync ran
 * shares the next one, as in anybody's store.
 */
export class ReaderStore {
  #next: { text: string; stored: () => void }[] = [];
  #busy = false;

  private constructor(private readonly file: number) {}

  static async open(path: string): Promise<ReaderStore> {
    return new ReaderStore(await promisify(open)(path, "a", 0o600));
  }

  keep(bodies: readonly string[], stored: () => void): void {
    this.#next.push({ text: `${bodies.join("\n")}\n`, stored });
    if (!this.#busy) void this.#write();
  }

  async #write(): Promise<void> {
    this.#busy = true;
    await new Promise(setImmediate); // what else came in this turn
    while (this.#next.length > 0) {
      const group = this.#next;
      this.#next = [];
      await promisify(write)(this.file, Buffer.from(group.map(({ text }) => text).join("")));
      await promisify(fdatasync)(this.file);
      for (const { stored } of group) stored();
    }
    this.#busy = false;
  }
}
