/** Rows on the page at once, enough for the highest screen; more are held, not mounted. */
export const mountedMost = 160;
/** Mounted at first on either side of where the log opens. */
const mountedAround = 40;
/** Mounted at a time while somebody scrolls: as few as leave a frame unharmed. */
const mountedStep = 20;

/** Which part of a log that is held stands on the page: all but so many rows above it and below it. `held` is how many there are. */
export class Mounted {
  #above = $state(0);
  #below = $state(0);

  /** rows that are held above, and not on the page */
  get above(): number {
    return this.#above;
  }

  /** rows that are held below, and not on the page */
  get below(): number {
    return this.#below;
  }

  of<Row>(rows: readonly Row[]): readonly Row[] {
    return rows.slice(this.#above, rows.length - this.#below);
  }

  /** Where a log opens: at its first unread row, or at its end. @param index of that row; negative: there is none */
  open(index: number, held: number): void {
    const end = index < 0 ? held : Math.min(held, index + mountedMost - mountedAround);
    this.#below = held - end;
    this.#above = Math.max(0, index < 0 ? end - 2 * mountedAround : index - mountedAround);
  }

  /** Somebody is led to a row. */
  around(index: number, held: number): void {
    this.#above = Math.max(0, index - mountedAround);
    this.#below = Math.max(0, held - this.#above - 3 * mountedAround);
  }

  end(held: number): void {
    this.open(-1, held);
  }

  /** A step further up; as much leaves the page below. */
  stepUp(held: number): void {
    this.#above = Math.max(0, this.#above - mountedStep);
    this.#below = Math.max(this.#below, held - this.#above - mountedMost);
  }

  /** A step further down; as much leaves the page above. */
  stepDown(held: number): void {
    this.#below = Math.max(0, this.#below - mountedStep);
    this.#above = Math.max(this.#above, held - this.#below - mountedMost);
  }

  /** Older rows were fetched; they are mounted when somebody comes near. */
  grewAbove(rows: number): void {
    this.#above += rows;
  }

  /** Newer rows were fetched after a gap; they are mounted when somebody comes near. */
  grewBelow(rows: number): void {
    this.#below += rows;
  }

  /**
   * New rows came at the end. They are mounted, unless somebody reads further up and the page is full.
   * @param following whether the reader is at the end: then as many leave the page above
   */
  arrived(rows: number, held: number, following: boolean): void {
    const surplus = held - this.#above - this.#below - mountedMost;
    if (this.#below > 0) this.#below += rows;
    else if (surplus > 0 && following) this.#above += surplus;
    else if (surplus > 0) this.#below = surplus;
  }

  /** Rows at the beginning are held no more. */
  letGo(rows: number): void {
    this.#above -= rows;
  }

  /** A row is held no more. @param index where it stood @param held how many are left */
  removed(index: number, held: number): void {
    if (index < this.#above) this.#above--;
    else if (index > held - this.#below) this.#below--;
  }
}
