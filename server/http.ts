import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type Socket } from "node:net";
import { type RelayConfig, StartError } from "./config.ts";

export interface Probes {
  /** whether messages can be accepted now */
  ready(): boolean;
  metrics(): Promise<{ type: string; text: string }>;
}

export interface HttpFloor {
  readonly server: Server;
  /** ends every connection, also one that never said anything: closing would wait for it */
  cut(): void;
}

/**
 * The relay's HTTP side: three pages for machines, and the floor that socket.io stands on.
 * @throws StartError when a certificate cannot be read
 */
export function openHttp(config: Pick<RelayConfig, "tls">, probes: Probes): HttpFloor {
  const serve = (url: string | undefined, response: ServerResponse): void => {
    const path = (url ?? "/").split("?")[0];
    switch (path) {
      case "/healthz":
        return say(response, 200, "text/plain", "recado ok\n");
      case "/readyz":
        return probes.ready()
          ? say(response, 200, "text/plain", "ready\n")
          : say(response, 503, "text/plain", "messages cannot be accepted now\n");
      case "/metrics":
        void probes.metrics().then(
          ({ type, text }) => say(response, 200, type, text),
          () => say(response, 500, "text/plain", "the metrics could not be collected\n"),
        );
        return;
      case "/":
        return say(response, 200, "text/plain", "This is a Recado relay. Enter this address in the app.\n");
      default:
        return say(response, 404, "text/plain", "There is nothing here.\n");
    }
  };
  const server = config.tls
    ? openTls(config.tls, (request, response) => serve(request.url, response))
    : createServer((request, response) => serve(request.url, response));
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  const connections = new Set<Socket>();
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  return {
    server,
    cut() {
      for (const connection of connections) connection.destroy();
    },
  };
}

function openTls(tls: { readonly cert: string; readonly key: string }, listener: RequestListener): Server {
  const [cert, key] = [read(tls.cert), read(tls.key)];
  try {
    return createTlsServer({ cert, key, minVersion: "TLSv1.2" }, listener);
  } catch {
    throw new StartError(
      `The certificate ${tls.cert} and the key ${tls.key} cannot be used together. Both have to be PEM files, and the key that of the certificate.`,
      1,
    );
  }
}

function say(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new StartError(`I cannot read the certificate file ${file}. Check the path and its permissions.`, 1);
  }
}

/**
 * @returns the address people can use
 * @throws StartError when the port is taken or the address is not this machine's
 */
export function listen(server: Server, config: Pick<RelayConfig, "host" | "port" | "tls">): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(new StartError(whyNot(error, config), 1)));
    server.listen(config.port, config.host, () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : config.port;
      const host = config.host.includes(":") ? `[${config.host}]` : config.host;
      resolve(`${config.tls ? "https" : "http"}://${host}:${port}`);
    });
  });
}

function whyNot(error: NodeJS.ErrnoException, { host, port }: Pick<RelayConfig, "host" | "port">): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use. Stop what uses it, or choose another with --port.`;
    case "EACCES":
      return `Port ${port} needs rights that this user does not have. Choose one above 1023 with --port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine. Choose another with --host; 0.0.0.0 is all of them.`;
    default:
      return `The relay cannot listen on ${host}:${port} (${error.code ?? error.message}).`;
  }
}
