import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { nameOf, password } from "../people.ts";
import { type Plan } from "../plan.ts";
import { answers, bodyOf, type Heard, inTime, pairOf, type Peer, type Protocol, type Who } from "./peer.ts";

const stream =
  "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
const management = "urn:xmpp:sm:3";
const receipts = "urn:xmpp:receipts";

/** Everything this client needs to see in what a server says; both servers keep to one spelling. */
const interesting = new RegExp(
  [
    "<message\\b[^>]*?\\bid=['\"](?<id>[^'\"]*)['\"][^>]*>(?<inside>.*?)</message>",
    `<a\\b[^>]*?\\bh=['"](?<handled>\\d+)['"][^>]*/>`,
    `<(?<asks>r)\\b[^>]*/>`,
    "<(?<stanza>presence|iq)\\b[^>]*?(?:/>|>.*?</\\k<stanza>>)",
  ].join("|"),
  "gs",
);
const text = /<body>(.*?)<\/body>/s;
const received = /<received\b[^>]*?\bid=['"]([^'"]*)['"]/;

/**
 * An XMPP client over a thin TCP socket. `ack: server` uses stream management (XEP-0198), `ack: receiver` delivery
 * receipts (XEP-0184). Reads with expressions and not with a parser, which would cost more than the servers do.
 */
class Client implements Peer {
  #rest = "";
  #sent: number[] = [];
  #handledThere = 0;
  #handledHere = 0;
  #unsent = "";

  constructor(
    private readonly socket: Socket,
    private readonly who: Who,
    private readonly heard: Heard,
    private readonly plan: Plan,
  ) {
    socket.on("data", (chunk) => this.#read(chunk.toString("utf8")));
  }

  send(first: number, count: number): void {
    const pair = pairOf(this.who.user);
    const to = `${nameOf(this.who.to)}@localhost`;
    const wants = answers(this.plan.ack) ? `<request xmlns='${receipts}'/>` : "";
    for (let number = first; number < first + count; number++) {
      const body = bodyOf(pair, number, this.plan.bodyBytes);
      this.#write(`<message to='${to}' type='chat' id='${number}'><body>${body}</body>${wants}</message>`);
      this.#sent.push(number);
    }
    if (!answers(this.plan.ack)) this.#write(`<r xmlns='${management}'/>`);
  }

  close(): void {
    this.socket.end(`${this.#unsent}</stream:stream>`);
  }

  #write(stanza: string): void {
    if (this.#unsent === "")
      queueMicrotask(() => {
        this.socket.write(this.#unsent);
        this.#unsent = "";
      });
    this.#unsent += stanza;
  }

  #read(chunk: string): void {
    const data = this.#rest + chunk;
    let end = 0;
    const bodies: string[] = [];
    const ids: string[] = [];
    const receipted: number[] = [];
    for (const match of data.matchAll(interesting)) {
      end = match.index + match[0].length;
      const { id, inside, handled, asks } = match.groups ?? {};
      if (handled !== undefined) this.#answered(Number(handled));
      else if (asks !== undefined) this.#write(`<a xmlns='${management}' h='${this.#handledHere}'/>`);
      else {
        this.#handledHere++;
        if (inside === undefined) continue;
        const receipt = received.exec(inside)?.[1];
        const body = text.exec(inside)?.[1];
        if (receipt !== undefined) receipted.push(Number(receipt));
        else if (body !== undefined) {
          bodies.push(body);
          ids.push(id ?? "");
        }
      }
    }
    this.#rest = data.slice(end);
    if (receipted.length > 0) {
      this.heard.accepted(receipted);
      this.heard.receipted(receipted);
    }
    if (bodies.length > 0) this.heard.received(bodies, () => this.#answer(ids));
  }

  #answered(handled: number): void {
    const fresh = handled - this.#handledThere;
    this.#handledThere = handled;
    if (fresh > 0) this.heard.accepted(this.#sent.splice(0, fresh));
  }

  #answer(ids: readonly string[]): void {
    if (!answers(this.plan.ack)) return;
    const to = `${nameOf(this.who.to)}@localhost`;
    for (const id of ids)
      this.#write(`<message to='${to}' type='chat' id='r${id}'><received xmlns='${receipts}' id='${id}'/></message>`);
  }
}

export const xmpp: Protocol = {
  async connect(who, heard, plan) {
    const socket = connect({ port: plan.port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    socket.on("error", () => undefined); // a killed server resets
    const ask = async (words: string, until: RegExp): Promise<void> => {
      let said = "";
      const heardAll = new Promise<void>((resolve, reject) => {
        const listen = (chunk: Buffer): void => {
          said += chunk.toString("utf8");
          if (/<failure|<stream:error/.test(said)) reject(new Error(said));
          else if (!until.test(said)) return;
          socket.off("data", listen);
          resolve();
        };
        socket.on("data", listen);
        socket.once("close", () => reject(new Error(`closed: ${said}`)));
      });
      socket.write(words);
      await inTime("xmpp", heardAll, 60_000);
    };
    await ask(stream, /<\/stream:features>/);
    const secret = Buffer.from(`\0${nameOf(who.user)}\0${password}`).toString("base64");
    await ask(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`,
      /<success\b[^>]*?(\/>|<\/success>)/,
    );
    await ask(stream, /<\/stream:features>/);
    const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>bench</resource></bind>";
    await ask(`<iq type='set' id='bind'>${bind}</iq>`, /<\/iq>|<iq[^>]*\/>/);
    if (!answers(plan.ack)) await ask(`<enable xmlns='${management}'/>`, /<enabled\b[^>]*\/>/);
    const client = new Client(socket, who, heard, plan);
    socket.write("<presence/>");
    return client;
  },
};
