import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";

/**
 * What a socket.io tutorial ends with: who is here is in a map, a message is passed on to whoever is, and answered.
 * No storage, no accounts, no checks. The options are our relay's, so that the same transport is compared.
 */
const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, perMessageDeflate: false });
const here = new Map<string, Socket>();

io.on("connection", (socket) => {
  const { name } = socket.handshake.auth as { name: string };
  here.set(name, socket);
  socket.on("disconnect", () => here.delete(name));
  for (const [say, said] of [
    ["say", "said"],
    ["say-all", "said-all"],
  ] as const) {
    socket.on(say, (to: string, what: unknown, answer: () => void) => {
      here.get(to)?.emit(said, name, what);
      answer();
    });
  }
});

http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" && address ? address.port : 0 })}\n`);
});
