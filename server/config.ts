import { isIP } from "node:net";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { z } from "zod";

/** Ends the program before it began: one sentence on standard error, then this exit code. */
export class StartError extends Error {
  constructor(
    message: string,
    readonly exitCode: 1 | 2,
  ) {
    super(message);
    this.name = "StartError";
  }
}

const loopback = new Set(["localhost", "::1"]);
export const isLoopback = (host: string): boolean =>
  loopback.has(host) || (isIP(host) === 4 && host.startsWith("127."));

const wholeNumber = (least: number, most: number) => {
  const error = `wants a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
const oneOf = <const Choices extends readonly [string, ...string[]]>(...choices: Choices) =>
  z.enum(choices, { error: `wants ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}` });

const address = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `wants an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });

const settings = z.object({
  host: z.string().min(1).default("127.0.0.1"),
  port: wholeNumber(0, 65_535).default(4567),
  data: z.string().min(1).default("recado-data"),
  amqp: address("amqp:", "amqps:").optional(),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  publicUrl: address("http:", "https:").optional(),
  registration: oneOf("open", "invite", "closed").optional(),
  limits: oneOf("default", "none").default("default"),
  inboxLimit: wholeNumber(1, 1_000_000).default(10_000),
  sessionLimit: wholeNumber(1, 1_000_000).default(50_000),
});

export interface RelayConfig {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly amqp: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** how people reach it, for the links that `invite` prints */
  readonly publicUrl: string;
  readonly registration: "open" | "invite" | "closed";
  readonly limits: "default" | "none";
  /** envelopes one inbox holds before it refuses the newest (G8) */
  readonly inboxLimit: number;
  /** sessions at the same time; the next one hears `relay-full` */
  readonly sessionLimit: number;
}

export type Command =
  | { readonly kind: "serve"; readonly config: RelayConfig }
  | {
      readonly kind: "invite";
      readonly data: string;
      readonly publicUrl: string;
      /** nobody said how the relay is reached: what it said of itself when it ran last is better than the guess */
      readonly guessed: boolean;
    }
  | { readonly kind: "accounts"; readonly data: string }
  | { readonly kind: "password"; readonly data: string; readonly name: string }
  | { readonly kind: "move-inboxes"; readonly config: RelayConfig; readonly to: "rabbitmq" | "embedded" }
  | { readonly kind: "help" };

export const usage = `Usage: npm run relay -- [command] [flags]

Commands
  (none)          run the relay
  invite          print a single-use invite code, valid for 7 days; also while the relay runs
  accounts        list who has an account; also while the relay runs
  password NAME   give NAME a new password and print it; their devices have to sign in with it, and lose nothing
  move-inboxes    move all inboxes to the other engine, with the relay stopped:
                  --amqp URL --to rabbitmq, or --amqp URL --to embedded

Flags (each also as an environment variable: --inbox-limit is RECADO_INBOX_LIMIT)
  --host 127.0.0.1           address to listen on
  --port 4567                0 takes any free port
  --data recado-data         folder for accounts, contacts and embedded inboxes
  --amqp amqp://...          keep the inboxes in RabbitMQ
  --tls-cert F --tls-key F   serve TLS with this certificate and key (PEM)
  --public-url https://...   how people reach the relay, for the links that invite prints
  --registration open|invite|closed   default: open on loopback, invite elsewhere
  --limits default|none      none lifts rate limits (a trusted network, a benchmark), never size limits
  --inbox-limit 10000        envelopes one inbox holds before it refuses the newest
  --session-limit 50000      devices connected at the same time; the next one hears that the relay is full
`;

const flags = {
  host: { type: "string" },
  port: { type: "string" },
  data: { type: "string" },
  amqp: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  "public-url": { type: "string" },
  registration: { type: "string" },
  limits: { type: "string" },
  "inbox-limit": { type: "string" },
  "session-limit": { type: "string" },
  to: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const camel = (flag: string): string => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const variable = (flag: string): string => `RECADO_${flag.replaceAll("-", "_").toUpperCase()}`;

/**
 * Reads the command line and the environment into one validated command.
 * @throws StartError (exit code 2) with one sentence that names the flag and what it wants
 */
export function readCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const { values, positionals } = parseOrExplain(args);
  if (values.help) return { kind: "help" };
  const given: Record<string, string> = {};
  for (const flag of Object.keys(flags)) {
    const value =
      flag === "help"
        ? undefined
        : (values[flag as Exclude<keyof typeof flags, "help">] ?? environment[variable(flag)]);
    if (value !== undefined && value !== "") given[camel(flag)] = value;
  }
  const parsed = settings.safeParse(given);
  if (!parsed.success) throw new StartError(explain(parsed.error, given), 2);
  const config = complete(parsed.data);
  const [command, ...rest] = positionals;
  if (command === "password") {
    const [name, ...others] = rest;
    if (name === undefined || others.length > 0)
      throw new StartError("password wants one name: npm run relay -- password Ana", 2);
    return { kind: "password", data: config.data, name };
  }
  if (rest.length > 0) throw new StartError(`I do not know what to do with "${rest.join(" ")}". Try --help.`, 2);
  switch (command) {
    case undefined:
      return { kind: "serve", config };
    case "invite":
      return {
        kind: "invite",
        data: config.data,
        publicUrl: config.publicUrl,
        guessed: ["publicUrl", "host", "port", "tlsCert"].every((flag) => given[flag] === undefined),
      };
    case "accounts":
      return { kind: "accounts", data: config.data };
    case "move-inboxes": {
      const to = given["to"];
      if (to !== "rabbitmq" && to !== "embedded")
        throw new StartError("move-inboxes wants --to rabbitmq or --to embedded.", 2);
      if (!config.amqp) throw new StartError("move-inboxes wants the address of RabbitMQ: --amqp amqp://...", 2);
      return { kind: "move-inboxes", config, to };
    }
    default:
      throw new StartError(`There is no command "${command}". Try --help.`, 2);
  }
}

function parseOrExplain(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : "Bad command line";
    const lacking = /^Option '(?:-\w, )?(--[\w-]+).*argument (?:is ambiguous|missing)/.exec(message)?.[1];
    throw new StartError(`${lacking ? `${lacking} wants a value` : message.split(/\.\s/)[0]}. Try --help.`, 2);
  }
}

function complete(values: z.infer<typeof settings>): RelayConfig {
  const { tlsCert, tlsKey, registration, amqp, publicUrl, ...rest } = values;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new StartError("--tls-cert and --tls-key go together: give both, or neither.", 2);
  }
  const tls = tlsCert !== undefined && tlsKey !== undefined ? { cert: tlsCert, key: tlsKey } : undefined;
  return {
    ...rest,
    amqp,
    tls,
    publicUrl: publicUrl?.replace(/\/+$/, "") ?? ownAddress(values, tls !== undefined),
    registration: registration ?? (isLoopback(values.host) ? "open" : "invite"),
  };
}

/** The best guess where nobody has said it: an address that listens everywhere is reached by the machine's name. */
function ownAddress({ host, port }: { host: string; port: number }, secure: boolean): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? hostname() : isIP(host) === 6 ? `[${host}]` : host;
  return `${secure ? "https" : "http"}://${name}:${port}`;
}

function explain(error: z.ZodError, given: Readonly<Record<string, string>>): string {
  const issue = error.issues[0];
  const key = String(issue?.path[0] ?? "");
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  // an address may carry a password: never repeat it
  const value = key === "amqp" ? "" : ` "${given[key] ?? ""}"`;
  const wants = issue?.code === "custom" ? issue.message : (issue?.message ?? "is not valid");
  return `--${flag}${value}: ${wants}. Try --help.`;
}
