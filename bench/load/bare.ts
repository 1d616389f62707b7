import { nameOf } from "../people.ts";
import { type Plan } from "../plan.ts";
import { bodyOf, type Heard, pairOf, type Peer, type Protocol, type Who } from "./peer.ts";
import { SocketIo } from "./socketio.ts";

/** A client of the bare relay (servers/bare-relay.ts): one message a packet, or as many as there are. */
class Client implements Peer {
  constructor(
    private readonly io: SocketIo,
    private readonly who: Who,
    private readonly heard: Heard,
    private readonly plan: Plan,
  ) {}

  send(first: number, count: number): void {
    const pair = pairOf(this.who.user);
    const numbers = Array.from({ length: count }, (_, i) => first + i);
    const bodies = numbers.map((number) => bodyOf(pair, number, this.plan.bodyBytes));
    const to = nameOf(this.who.to);
    if (this.plan.batched) this.io.emit("say-all", [to, bodies], () => this.heard.accepted(numbers));
    else for (const [i, body] of bodies.entries()) this.io.emit("say", [to, body], () => this.#answered(numbers[i]));
  }

  close(): void {
    this.io.close();
  }

  #answered(number: number | undefined): void {
    if (number !== undefined) this.heard.accepted([number]);
  }
}

export const bare: Protocol = {
  async connect(who, heard, plan) {
    const io = await SocketIo.open(plan.port, { name: nameOf(who.user) }, (name, args) => {
      if (name === "said") heard.received([String(args[1])], () => undefined);
      else if (name === "said-all") heard.received(args[1] as string[], () => undefined);
    });
    return new Client(io, who, heard, plan);
  },
};
