import { Refusal } from "../wire/contract.ts";

/** An address that may be opened outside of the app: a page by its own program at once, a letter after asking. */
export type Link = { readonly kind: "web"; readonly href: string } | { readonly kind: "mail"; readonly href: string };

/**
 * Reads an address that somebody wrote. Nothing but the web and mail is ever opened: another scheme starts another program
 * (file, smb, ms-*), a name and password in front of the host pretend to be the host, a backslash or a control
 * character is read differently by the next program.
 * @returns `undefined` when it may not be opened
 */
export function parseLink(address: string): Link | undefined {
  if (/[\s\\\p{Cc}]/u.test(address)) return undefined;
  const url = URL.parse(address);
  if (!url) return undefined;
  switch (url.protocol) {
    case "https:":
    case "http:": {
      const hosted = address.slice(url.protocol.length).startsWith("//") && url.hostname !== "";
      return hosted && url.username === "" && url.password === "" ? { kind: "web", href: url.href } : undefined;
    }
    case "mailto:":
      // only to whom: a subject, a body or an attachment is not for a stranger to fill in
      return /^[^\s@?&]+@[^\s@?&]+$/.test(url.pathname) ? { kind: "mail", href: `mailto:${url.pathname}` } : undefined;
    default:
      return undefined;
  }
}

export interface OpenLinkNeeds {
  /** hands it to the system's own program */
  readonly open: (href: string) => Promise<void>;
  /** asks the person in that window whether to write to this address */
  readonly askToWrite: (address: string, page: number) => Promise<boolean>;
}

/**
 * Opens an address outside of the app, never by navigation (W22). The only way out.
 * @throws {Refusal} `link-refused` when it is none that may be opened
 */
export async function openLink(address: string, page: number, needs: OpenLinkNeeds): Promise<void> {
  const link = parseLink(address);
  if (!link) throw new Refusal("link-refused", "This address is not opened from here.");
  if (link.kind === "mail" && !(await needs.askToWrite(link.href.slice("mailto:".length), page))) return;
  await needs.open(link.href);
}
