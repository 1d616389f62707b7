import { createHash, generateKeyPairSync } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { dump } from "js-yaml";
import { publicHalf, signed } from "../scripts/sign-update.mjs";

/** A pair of keys as the publisher of Recado has one. */
export function updateKeys(): { readonly privateKey: string; readonly publicKey: string } {
  const pair = generateKeyPairSync("ed25519");
  const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey, publicKey: publicHalf(privateKey) };
}

export interface Offer {
  readonly version: string;
  /** what is announced */
  readonly file: string;
  /** what is sent when it is asked for; default: what was announced */
  readonly sent?: string;
  /** who signs the announcement; nobody: it carries no signature */
  readonly privateKey: string | undefined;
}

/** A place where updates are announced, as a web server with files is: electron-updater's `generic` provider. */
export class UpdateFeed {
  offer: Offer | undefined;
  /** what was asked for, in order */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(port = 0): Promise<UpdateFeed> {
    const server = createServer();
    const feed = new UpdateFeed(server);
    server.on("request", (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://feed");
      feed.asked.push(pathname);
      const { offer } = feed;
      if (offer && /^\/latest.*\.yml$/.test(pathname)) {
        response.end(announcement(offer));
      } else if (offer && pathname === `/${path.basename(offer.file)}`) {
        const file = offer.sent ?? offer.file;
        response.setHeader("Content-Length", statSync(file).size);
        createReadStream(file).pipe(response);
      } else {
        response.statusCode = 404;
        response.end();
      }
    });
    await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
    return feed;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The feed does not listen.");
    return `http://127.0.0.1:${address.port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}

function announcement({ version, file, privateKey }: Offer): string {
  const sha512 = createHash("sha512").update(readFileSync(file)).digest("base64");
  const url = path.basename(file);
  const announced = { version, files: [{ url, sha512, size: statSync(file).size }], path: url, sha512 };
  return dump(privateKey === undefined ? announced : signed(announced, privateKey));
}
