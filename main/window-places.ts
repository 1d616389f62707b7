import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { accountId, windowView, type WindowView } from "../wire/ipc.ts";
import { writeAtomically } from "./atomic-file.ts";

/** The smallest a window can be made, in pixels; a conversation alone needs no room for the list. */
export const leastSize = {
  account: { width: 360, height: 480 },
  conversation: { width: 320, height: 360 },
} as const;

const place = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(leastSize.conversation.width).max(20_000),
  height: z.number().int().min(leastSize.conversation.height).max(20_000),
  maximized: z.boolean(),
});
export type Place = z.infer<typeof place>;

const savedWindow = place.extend({ view: windowView });
/** A window as it was: where it stood and what it showed. */
export type SavedWindow = z.infer<typeof savedWindow>;

/** as version 0.1 wrote it: a list of windows, each with the account it showed */
const oldWindow = place.extend({ shown: accountId.optional() }).transform(({ shown, ...where }): SavedWindow => {
  return { ...where, view: shown === undefined ? { kind: "sign-in" } : { kind: "account", account: shown } };
});

const mostWindows = 32;
const mostClosed = 64;

const savedPlaces = z.union([
  z.object({ open: z.array(savedWindow).max(mostWindows), closed: z.array(savedWindow).max(mostClosed) }),
  z
    .array(oldWindow)
    .max(mostWindows)
    .transform((open) => ({ open, closed: [] })),
]);

/** Where the windows stand, in a small file; one that is missing or broken is no place at all. */
export class WindowPlaces {
  readonly #file: string;
  readonly #failed: () => void;
  /** places of conversations that had a window of their own: opened again, they stand there again */
  #closed: SavedWindow[] = [];

  constructor(file: string, failed: () => void) {
    this.#file = file;
    this.#failed = failed;
  }

  /** The windows that were open the last time. */
  read(): SavedWindow[] {
    if (!existsSync(this.#file)) return [];
    try {
      const said: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
      const { open, closed } = savedPlaces.parse(said);
      this.#closed = closed;
      return open;
    } catch {
      return [];
    }
  }

  /** Where a conversation's own window last stood. */
  of(view: WindowView): Place | undefined {
    return this.#closed.findLast((one) => isSame(one.view, view));
  }

  closed(window: SavedWindow): void {
    if (window.view.kind !== "conversation") return;
    const others = this.#closed.filter((one) => !isSame(one.view, window.view));
    this.#closed = [...others, window].slice(-mostClosed);
  }

  write(open: readonly SavedWindow[]): void {
    try {
      writeAtomically(this.#file, JSON.stringify({ open: open.slice(0, mostWindows), closed: this.#closed }));
    } catch {
      this.#failed();
    }
  }
}

const isSame = (one: WindowView, other: WindowView): boolean =>
  one.kind === "conversation" &&
  other.kind === "conversation" &&
  one.account === other.account &&
  one.conversation === other.conversation;

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const step = 40;

/**
 * Where a further window goes: a step aside from the one in front, so that it does not hide it, or to the corner of the
 * screen when it would reach out of that. Left to the system, every window would open in the middle.
 */
export function stepAside(
  front: Area,
  size: Pick<Area, "width" | "height">,
  screens: readonly Area[],
): Pick<Area, "x" | "y"> | undefined {
  const [x, y] = [front.x + step, front.y + step];
  const area = screens.find((one) => isVisible(front, [one]));
  if (!area) return undefined;
  const fits = x + size.width <= area.x + area.width && y + size.height <= area.y + area.height;
  return fits ? { x, y } : { x: area.x, y: area.y };
}

/** Whether enough of a remembered window would be on one of the screens that are there now. */
export function isVisible(window: Area, screens: readonly Area[]): boolean {
  return screens.some((area) => {
    const width = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
    return width >= 100 && window.y >= area.y && window.y < area.y + area.height - 50;
  });
}
