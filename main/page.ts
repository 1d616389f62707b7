import { readFile } from "node:fs/promises";
import { extname, isAbsolute, join, relative, resolve } from "node:path";

/** where our own page lives: `app://recado/`, never a file and never the network */
export const pageUrl = "app://recado/index.html";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** Scripts, styles and fonts of our own and nothing else; style attributes are Svelte's. The page itself connects to nobody. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The file of an `app://` address; `undefined` when it is not ours or would leave the folder. */
export function fileOf(root: string, address: string): string | undefined {
  const url = URL.parse(address);
  if (url?.protocol !== "app:" || url.host !== "recado") return undefined;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  const file = resolve(root, join(".", path === "/" ? "index.html" : path));
  const inside = relative(root, file);
  return path.includes("\0") || inside.startsWith("..") || isAbsolute(inside) || types[extname(file)] === undefined
    ? undefined
    : file;
}

/** Answers a request for a part of our page. */
export async function servePage(root: string, address: string): Promise<Response> {
  const file = fileOf(root, address);
  if (file === undefined) return new Response("Not found", { status: 404 });
  try {
    const content = await readFile(file);
    return new Response(new Uint8Array(content), {
      headers: {
        "Content-Type": types[extname(file)] ?? "application/octet-stream",
        "Content-Security-Policy": contentSecurityPolicy,
        "X-Content-Type-Options": "nosniff",
      },
    });
  } catch {
    return new Response("Not found", { status: 404 });
  }
}

/** Whether a frame's address is that of our own page, or of the page under development. */
export function isOwnPage(address: string, developmentUrl: string | undefined): boolean {
  const url = URL.parse(address);
  if (!url) return false;
  if (developmentUrl !== undefined) return url.origin === URL.parse(developmentUrl)?.origin;
  return url.protocol === "app:" && url.host === "recado";
}
