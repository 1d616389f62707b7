import { LinkifyIt } from "linkify-it";
import { splitQuote } from "./quote.ts";

/** A piece of a body. There is nothing else a body can become: text is text (W22). */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "link";
      readonly text: string;
      readonly href: string;
      /** where it really leads, when the text does not say it in plain letters */
      readonly host?: string;
    };

export interface Body {
  readonly quote?: string;
  readonly parts: readonly Part[];
  /** nothing but a few emoji: shown larger */
  readonly emojiOnly: boolean;
}

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: false }).add("ftp:", null).add("//", null);

// most messages hold none of these, and are not looked through for addresses
const mayLink = /[.:@]\S/;
const onlyAddress = /^mailto:[^\s@?&#]+@[^\s@?&#]+$/;
// the same for emoji: building the table of all of them takes a window 50 ms, and few messages begin with one
const mayBeEmoji = /^(?![0-9#*][^\uFE0F\u20E3])\p{Emoji}/u;
const fewEmoji = /^\p{RGI_Emoji}{1,3}$/v;

/** Takes a body apart into its quote and its parts. */
export function parseBody(body: string): Body {
  const { quote, answer } = splitQuote(body);
  const plain = answer.length <= 60 ? answer.replace(/\s+/g, "") : "";
  const emojiOnly = mayBeEmoji.test(plain) && fewEmoji.test(plain);
  return { ...(quote !== undefined && { quote }), parts: partsOf(answer), emojiOnly };
}

export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const found of mayLink.test(text) ? (linkify.match(text) ?? []) : []) {
    const link = linkOf(found.text, found.schema === "" ? found.url.replace(/^http:/, "https:") : found.url);
    if (!link) continue;
    if (found.index > done) parts.push({ kind: "text", text: text.slice(done, found.index) });
    parts.push(link);
    done = found.lastIndex;
  }
  if (done < text.length) parts.push({ kind: "text", text: text.slice(done) });
  return parts;
}

/** A link that the main process would open (it looks again); anything else stays text. */
function linkOf(text: string, address: string): Part | undefined {
  if (/[\s\\\p{Cc}]/u.test(address)) return undefined;
  const url = URL.parse(address);
  if (!url || url.username !== "" || url.password !== "") return undefined;
  switch (url.protocol) {
    case "https:":
    case "http:": {
      // letters that only look like others: the host as the network knows it says so
      const plain = text.toLowerCase().includes(url.hostname);
      return { kind: "link", text, href: url.href, ...(!plain && { host: url.hostname }) };
    }
    case "mailto:":
      return onlyAddress.test(url.href) ? { kind: "link", text, href: url.href } : undefined;
    default:
      return undefined;
  }
}
