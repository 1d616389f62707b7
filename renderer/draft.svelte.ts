import type { MessageView } from "../wire/ipc.ts";
import { bodyFrom, bytesLeft } from "./body-size.ts";
import { joinQuote, quoteOf, splitDraft } from "./quote.ts";

/** A draft is kept when the hands rest, and while they do not, at least this often. */
const keepMs = 120;
const keepEveryMs = 600;

export interface DraftOptions {
  /** what the main process has of what was typed here and not sent */
  readonly kept: string;
  /** hands it to the main process */
  readonly keep: (draft: string) => Promise<unknown>;
  readonly now: () => number;
}

/** What is typed to one contact and not sent: kept by the main process, and in step with the account's other windows. */
export class Draft {
  /** what is being answered, as it will be quoted */
  quote = $state<string>();
  #typed = $state("");
  readonly #whole = $derived(joinQuote(this.quote, this.#typed));
  readonly bytesLeft = $derived(bytesLeft(this.#whole));

  readonly #options: DraftOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** since when something is typed that the main process has not heard of */
  #unkeptSince: number | undefined;
  #keeping = 0;

  constructor(options: DraftOptions) {
    this.#options = options;
    this.#set(options.kept);
  }

  /** What is typed, without what it answers. */
  get text(): string {
    return this.#typed;
  }

  set text(typed: string) {
    if (typed === this.#typed) return;
    this.#typed = typed;
    this.#keepSoon();
  }

  /** Begins an answer to a message, or to the words of it that were chosen. */
  answer(message: MessageView, chosen?: string): void {
    this.quote = quoteOf(message.body, chosen);
    this.#keepSoon();
  }

  endAnswer(): void {
    this.quote = undefined;
    this.#keepSoon();
  }

  /** Another window typed, or the message was sent from there. What is being typed here is newer. */
  heard(draft: string): void {
    if (this.#unkeptSince === undefined && this.#keeping === 0 && draft !== this.#whole) this.#set(draft);
  }

  /** Hands it to the main process now. */
  async keep(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#unkeptSince === undefined) return;
    this.#unkeptSince = undefined;
    this.#keeping++;
    await this.#options.keep(this.#whole);
    this.#keeping--;
  }

  /** Empties the field to send what was in it. @returns the body, and what puts it back unless something was typed since; nothing when there is nothing to send */
  take(): { readonly body: string; readonly putBack: () => void } | undefined {
    const answer = bodyFrom(this.#typed);
    const body = joinQuote(this.quote, answer);
    if (answer === "" || (bytesLeft(body) ?? 0) < 0) return undefined;
    const typed = this.#whole;
    // the main process lets go of the draft together with keeping the message
    clearTimeout(this.#timer);
    this.#unkeptSince = undefined;
    this.#set("");
    const putBack = (): void => {
      if (this.#whole !== "") return;
      this.#set(typed);
      this.#keepSoon();
    };
    return { body, putBack };
  }

  #set(draft: string): void {
    const { quote, answer } = splitDraft(draft);
    this.quote = quote;
    this.#typed = answer;
  }

  #keepSoon(): void {
    const now = this.#options.now();
    this.#unkeptSince ??= now;
    clearTimeout(this.#timer);
    const wait = now - this.#unkeptSince >= keepEveryMs ? 0 : keepMs;
    this.#timer = setTimeout(() => void this.keep(), wait);
  }
}
