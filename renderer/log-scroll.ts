/** How near to the end counts as being there: half a line may be cut off. */
const nearPx = 24;
/** How near to either end more is shown. */
const reachPx = 600;

export function isAtEnd(log: HTMLElement): boolean {
  return log.scrollHeight - log.clientHeight - log.scrollTop <= nearPx;
}

export function isNearStart(log: HTMLElement): boolean {
  return log.scrollTop < reachPx;
}

export function isNearEnd(log: HTMLElement): boolean {
  return log.scrollHeight - log.clientHeight - log.scrollTop < reachPx;
}

export function goToEnd(log: HTMLElement): void {
  log.scrollTop = log.scrollHeight;
}

export const rowAt = (log: HTMLElement, position: string) =>
  log.querySelector<HTMLElement>(`[data-position="${CSS.escape(position)}"]`);

/** Where the first visible message stands, so that the log can be held there while rows above it come and go. */
export interface Place {
  readonly position: string;
  readonly top: number;
}

export function placeOf(log: HTMLElement): Place | undefined {
  const edge = log.getBoundingClientRect().top;
  const rows = log.querySelectorAll<HTMLElement>("[data-position]");
  // rows stand in order: the first whose bottom is below the edge, by halving
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > edge) high = middle;
    else low = middle + 1;
  }
  const row = rows[low];
  const position = row?.dataset["position"];
  return row && position !== undefined ? { position, top: row.getBoundingClientRect().top } : undefined;
}

/** Scrolls so that the message of `place` stands where it stood. */
export function returnTo(log: HTMLElement, place: Place): void {
  const row = rowAt(log, place.position);
  if (row) log.scrollTop += row.getBoundingClientRect().top - place.top;
}
