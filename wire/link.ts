import { z } from "zod";
import { name } from "./model.ts";

/** `recado://` and nothing else; what the operating system hands to the app. */
export const linkScheme = "recado";

const relay = z.url({ protocol: /^https?$/ }).max(512);
const invite = z.string().regex(/^[\w-]{1,128}$/);

/**
 * What a link can ask for: the allow-list (L1). Each only opens a question in the app; nothing happens before a click (L2).
 * `relay` is an address as the app writes it: scheme, host, and port where it is not the scheme's own.
 */
export const link = z.discriminatedUnion("kind", [
  /** an account on a relay, with the code that lets one in */
  z.strictObject({
    kind: z.literal("join"),
    relay,
    invite: invite.optional(),
  }),
  /** somebody to ask for contact */
  z.strictObject({ kind: z.literal("add"), relay, name }),
  /** a conversation that is there already */
  z.strictObject({ kind: z.literal("open"), relay, name }),
]);
export type Link = z.infer<typeof link>;

/** The link's text, for an invitation by any other way. */
export function linkText({ kind, ...fields }: Link): string {
  const query = Object.entries(fields).map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return `${linkScheme}://${kind}?${query.join("&")}`;
}
