import { parseArgs } from "node:util";

export const usage = `Usage: npm run bench -- [flags]

  --quick            one short round: under two minutes, good for a comparison, not for a claim
  --rounds N         rounds of everything, interleaved (3)
  --only A,B         only these: recado-embedded, recado-rabbitmq, bare, ejabberd, prosody, rabbitmq
  --parts A,B        only these: online, paced, offline, idle, kill
  --seconds N        how long W1 is measured, and W1 at 500/s (4)
  --kills N          kill -9 runs of W2 for each process that can be killed (1)
  --growth           cost as work grows, in place of the comparison (about ten minutes)
  --profile          where our relay's time and memory go in W1, in place of the comparison
  --compare FILE     print ratios against an earlier run's JSON
  --json FILE        where to write the figures (a temporary file)
  --write-docs       write docs/performance.md, its chart and its figures
  --node-flags="F"   flags of Node for our relay
`;

export interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  readonly only: readonly string[];
  readonly parts: readonly string[];
  readonly seconds: number;
  readonly kills: number;
  readonly growth: boolean;
  readonly profile: boolean;
  readonly compare: string | undefined;
  readonly json: string | undefined;
  readonly writeDocs: boolean;
  readonly nodeFlags: readonly string[];
}

/** @throws Error with one sentence when a flag is not known */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string", default: "" },
      parts: { type: "string", default: "online,paced,offline,idle,kill" },
      seconds: { type: "string" },
      kills: { type: "string" },
      growth: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      compare: { type: "string" },
      json: { type: "string" },
      "write-docs": { type: "boolean", default: false },
      "node-flags": { type: "string", default: "" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const whole = (text: string | undefined, otherwise: number): number => {
    const number = text === undefined ? otherwise : Number(text);
    if (!Number.isInteger(number) || number < 0) throw new Error(`"${text}" is not a number of times. Try --help.`);
    return number;
  };
  return {
    quick: values.quick,
    rounds: Math.max(1, whole(values.rounds, values.quick ? 1 : 3)),
    only: values.only.split(",").filter((id) => id !== ""),
    parts: values.parts.split(","),
    seconds: Math.max(1, whole(values.seconds, values.quick ? 2 : 4)),
    kills: whole(values.kills, 1),
    growth: values.growth,
    profile: values.profile,
    compare: values.compare,
    json: values.json,
    writeDocs: values["write-docs"],
    nodeFlags: values["node-flags"].split(" ").filter((flag) => flag !== ""),
  };
}
