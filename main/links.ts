import { Refusal } from "../wire/contract.ts";
import { type AppEvent, type OpenedLink } from "../wire/ipc.ts";
import { link, linkScheme } from "../wire/link.ts";
import { parseName } from "../wire/model.ts";
import { parseRelayAddress } from "./relay-address.ts";

/** longer than any link of ours can be */
const longest = 2_048;

/**
 * The link among a start's arguments: Chromium's own switches stand between them, and a switch is never a link.
 * @returns the text as it came, to be given to {@link parseLink}
 */
export function linkIn(argv: readonly string[]): string | undefined {
  return argv.find((word) => word.toLowerCase().startsWith(`${linkScheme}:`));
}

/**
 * Reads a `recado://` link, by the allow-list and nothing else (L1): any web page can offer one. An unknown or doubled field
 * is refused, not ignored: a later version may add one (a pinned key, say) that must not be dropped in silence.
 */
export function parseLink(text: string): OpenedLink {
  const url = text.length <= longest ? URL.parse(text) : null;
  const bare = url?.protocol === `${linkScheme}:` && url.username === "" && url.password === "" && url.port === "";
  // browsers on Windows write a slash after the host
  if (!bare || url.hash !== "" || !["", "/"].includes(url.pathname)) return { kind: "unknown" };
  const fields = [...url.searchParams];
  const given = new Map(fields);
  if (given.size !== fields.length || given.has("kind")) return { kind: "unknown" };
  const relay = given.get("relay");
  const name = given.get("name");
  const read = link.safeParse({
    ...Object.fromEntries(given),
    kind: url.hostname,
    ...(relay !== undefined && { relay: addressOf(relay) }),
    ...(name !== undefined && { name: parseName(name) }),
  });
  return read.data ?? { kind: "unknown" };
}

/** The one spelling that accounts keep, so that a link finds its account. */
function addressOf(typed: string): string | undefined {
  try {
    return parseRelayAddress(typed);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export interface LinkQuestionsNeeds {
  /** brings a window to the front: who clicked a link wants to see what comes of it. @returns its page */
  readonly focus: () => number;
  readonly tellPage: (page: number, event: AppEvent) => void;
}

/** The link whose question waits for an answer, and the window that asks it (L2). A newer link takes the place of an older one. */
export class LinkQuestions {
  readonly #needs: LinkQuestionsNeeds;
  #asked: { readonly page: number; readonly link: OpenedLink } | undefined;

  constructor(needs: LinkQuestionsNeeds) {
    this.#needs = needs;
  }

  /**
   * @param text what the operating system handed over or somebody pasted, unread
   * @param page of the window that asks; without one, the window in front does
   */
  ask(text: string, page = this.#needs.focus()): void {
    const asked = { page, link: parseLink(text) };
    this.#asked = asked;
    this.#needs.tellPage(asked.page, { kind: "link:opened", link: asked.link });
  }

  /** for the snapshot: a window that is only just opening, or was reloaded, asks too */
  askedOf(page: number): OpenedLink | undefined {
    return this.#asked?.page === page ? this.#asked.link : undefined;
  }

  answered(page: number): void {
    if (this.#asked?.page === page) this.#asked = undefined;
  }
}
