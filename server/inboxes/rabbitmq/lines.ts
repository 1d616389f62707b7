import { BrokerLine } from "./broker.ts";

/** A connection has 2,047 channels at most; some stay free for declaring and deleting. */
const seatsPerLine = 1_900;

/** A place for one consumer's channel. */
export interface Seat {
  readonly line: BrokerLine;
  /** safe to call twice */
  leave(): void;
}

/** The connections that consume: one, and another for every 1,900 consumers more. */
export class ConsumerLines {
  #lines: { line: Promise<BrokerLine>; taken: number }[];

  private constructor(
    private readonly url: string,
    /** the first, which also declares and deletes: an alarm does not block it */
    readonly control: BrokerLine,
  ) {
    this.#lines = [{ line: Promise.resolve(control), taken: 0 }];
  }

  /** @throws InboxError `unavailable` */
  static async open(url: string): Promise<ConsumerLines> {
    return new ConsumerLines(url, await BrokerLine.open(url, "recado consuming"));
  }

  /** @throws InboxError `unavailable` when a further connection is needed and cannot be had */
  async take(): Promise<Seat> {
    let place = this.#lines.find(({ taken }) => taken < seatsPerLine);
    if (!place) {
      place = { line: BrokerLine.open(this.url, `recado consuming ${this.#lines.length + 1}`), taken: 0 };
      this.#lines.push(place);
    }
    const chosen = place;
    chosen.taken++;
    let left = false;
    const leave = () => {
      if (!left) chosen.taken--;
      left = true;
    };
    try {
      return { line: await chosen.line, leave };
    } catch (error) {
      leave();
      this.#lines = this.#lines.filter((other) => other !== chosen); // the next one tries anew
      throw error;
    }
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(this.#lines.map(({ line }) => line.then((open) => open.close()).catch(() => undefined)));
  }
}
