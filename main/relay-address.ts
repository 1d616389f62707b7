import { Refusal } from "../wire/contract.ts";

/** where a relay listens unless told otherwise */
export const defaultPort = 4567;

const loopback = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const privateAddress =
  /^(10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|169\.254(\.\d{1,3}){2}|\[f[cd][0-9a-f]{2}:.*\]|\[fe[89ab][0-9a-f]:.*\])$/;
const homeName = /\.(local|lan|home|internal|home\.arpa)$/;

/**
 * What somebody typed as a relay's address: a bare host, with or without port and scheme. At home (this machine, a
 * private address, a bare or local name) that is http on 4567; out in the world it is https on its own port.
 * @returns the address with scheme and without a trailing slash, the same for every spelling of it
 * @throws {Refusal} `relay-address-invalid`
 */
export function parseRelayAddress(typed: string): string {
  const text = typed.trim();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (text === "" || /\s/.test(text)) throw invalid();
  switch (scheme) {
    case undefined:
      return addressOf(text, undefined);
    case "http":
    case "ws":
      return addressOf(text.slice(`${scheme}://`.length), "http:");
    case "https":
    case "wss":
      return addressOf(text.slice(`${scheme}://`.length), "https:");
    default:
      throw invalid();
  }
}

function addressOf(place: string, typedScheme: "http:" | "https:" | undefined): string {
  const url = parse(`http://${place}`);
  // read from the text, because the parser drops a port that is its scheme's own
  const typedPort = /:0*(\d{1,5})\/?$/.exec(place)?.[1];
  if (url.hostname === "" || url.username !== "" || url.password !== "") throw invalid();
  if ((url.pathname !== "/" && url.pathname !== "") || url.search !== "" || url.hash !== "") throw invalid();
  const scheme = typedScheme ?? (isHome(url.hostname) ? "http:" : "https:");
  const port = typedPort ?? (scheme === "http:" && isHome(url.hostname) ? String(defaultPort) : "");
  return `${scheme}//${url.hostname}${port === "" || (scheme === "https:" && port === "443") ? "" : `:${port}`}`;
}

/** Whether a host is this machine or at home, where there are no certificates. */
function isHome(host: string): boolean {
  const bare = !host.includes(".") && !host.startsWith("[");
  return loopback.test(host) || privateAddress.test(host) || homeName.test(host) || bare;
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw invalid();
  }
}

const invalid = (): Refusal => new Refusal("relay-address-invalid", "This is not the address of a relay.");
