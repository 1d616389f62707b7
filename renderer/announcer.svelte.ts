/** What a screen reader is told once: new messages and refusals. The log itself is not a live region, or loading history would be read aloud. */
export class Announcer {
  /** alternates between two regions, so that the same words twice in a row are read twice */
  lines = $state.raw<readonly [string, string]>(["", ""]);
  #turn = 0;

  /** @param words one sentence; long ones are cut, the message itself is in the log */
  say(words: string): void {
    const line = words.length > 300 ? `${words.slice(0, 300)}…` : words;
    this.lines = this.#turn === 0 ? [line, ""] : ["", line];
    this.#turn = 1 - this.#turn;
  }
}
