import { existsSync } from "node:fs";
import { type Ack, type Plan } from "./plan.ts";
import { bareRelay } from "./servers/bare.ts";
import { ejabberd } from "./servers/ejabberd.ts";
import { prosody } from "./servers/prosody.ts";
import { rabbitAlone } from "./servers/rabbitmq.ts";
import { recadoEmbedded, recadoOnRabbit } from "./servers/recado.ts";
import { type StartServer } from "./servers/server.ts";

/** One way of using a server; each is a row of the table. */
export interface Variant {
  readonly id: string;
  readonly name: string;
  readonly ack: Ack;
  readonly batched: boolean;
  /** readers append what they got to a file and sync it before they answer */
  readonly stores: boolean;
}

export interface Contestant {
  readonly id: string;
  readonly protocol: Plan["protocol"];
  readonly start: StartServer;
  /** Debian's package, and a file of it that tells whether it is here */
  readonly package?: { readonly name: string; readonly file: string };
  readonly variants: readonly [Variant, ...Variant[]];
  /** which variants are asked for W2; none: it keeps nothing */
  readonly offline: readonly string[];
  /** which processes are killed in W2 */
  readonly killed: readonly string[];
  readonly idle: boolean;
}

const variant = (id: string, name: string, rest: Partial<Variant> = {}): Variant => ({
  id,
  name,
  ack: "server",
  batched: false,
  stores: false,
  ...rest,
});

const rabbit = { name: "rabbitmq-server", file: "/usr/lib/rabbitmq/bin/rabbitmq-server" };

/** @param nodeFlags for the relays that are ours, to profile them */
export const contestants = (nodeFlags: readonly string[]): readonly Contestant[] => [
  {
    id: "recado-embedded",
    protocol: "recado",
    start: recadoEmbedded(nodeFlags),
    variants: [
      variant("recado-embedded", "Recado, embedded: the relay answers"),
      variant("recado-embedded-receiver", "Recado, embedded: the reader stores and answers", {
        ack: "receiver",
        stores: true,
      }),
    ],
    offline: ["recado-embedded-receiver"],
    killed: ["relay"],
    idle: true,
  },
  {
    id: "bare",
    protocol: "bare",
    start: bareRelay,
    variants: [
      variant("bare", "bare socket.io relay: one message a packet"),
      variant("bare-batched", "bare socket.io relay: 16 messages a packet", { batched: true }),
    ],
    offline: [],
    killed: [],
    idle: true,
  },
  {
    id: "recado-rabbitmq",
    protocol: "recado",
    start: recadoOnRabbit(nodeFlags),
    package: rabbit,
    variants: [
      variant("recado-rabbitmq", "Recado on RabbitMQ: the relay answers"),
      variant("recado-rabbitmq-receiver", "Recado on RabbitMQ: the reader stores and answers", {
        ack: "receiver",
        stores: true,
      }),
    ],
    offline: ["recado-rabbitmq-receiver"],
    killed: ["relay", "broker"],
    idle: true,
  },
  {
    id: "ejabberd",
    protocol: "xmpp",
    start: ejabberd,
    package: { name: "ejabberd", file: "/usr/sbin/ejabberdctl" },
    variants: [
      variant("ejabberd", "ejabberd: the server answers (XEP-0198)"),
      variant("ejabberd-receiver", "ejabberd: the reader stores and answers (XEP-0184)", {
        ack: "receiver",
        stores: true,
      }),
    ],
    offline: ["ejabberd"],
    killed: ["server"],
    idle: true,
  },
  {
    id: "prosody",
    protocol: "xmpp",
    start: prosody,
    package: { name: "prosody", file: "/usr/bin/prosody" },
    variants: [
      variant("prosody", "Prosody: the server answers (XEP-0198)"),
      variant("prosody-receiver", "Prosody: the reader stores and answers (XEP-0184)", {
        ack: "receiver",
        stores: true,
      }),
    ],
    offline: ["prosody"],
    killed: ["server"],
    idle: true,
  },
  {
    id: "rabbitmq",
    protocol: "amqp",
    start: rabbitAlone,
    package: rabbit,
    variants: [
      variant("rabbitmq", "RabbitMQ alone, quorum queues: singly", { stores: true }),
      variant("rabbitmq-batched", "RabbitMQ alone, quorum queues: 16 messages in one", { batched: true, stores: true }),
    ],
    offline: ["rabbitmq", "rabbitmq-batched"],
    killed: ["broker"],
    idle: false,
  },
];

export const isHere = ({ package: needed }: Contestant): boolean => needed === undefined || existsSync(needed.file);
