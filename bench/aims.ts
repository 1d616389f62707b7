import { type Figures, type Measurement, outcomesOf, spread } from "./figures.ts";

/** One row of the aims: what was wanted, and what came of it. */
export interface Aim {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  /** undefined: reported only, or not measured */
  readonly met: boolean | undefined;
}

type Outcome = Measurement["outcome"];

/** Ours against a peer's, round by round, because what disturbs a round disturbs both. */
function ratio<W extends Outcome["workload"]>(
  found: Figures,
  workload: W,
  ours: string,
  theirs: string,
  of: (outcome: Extract<Outcome, { workload: W }>) => number,
): number | undefined {
  const [own, other] = [outcomesOf(found, ours, workload), outcomesOf(found, theirs, workload)];
  return spread(own.flatMap((one, i) => (other[i] ? [of(one) / of(other[i])] : [])))?.median;
}

const sum = (parts: Readonly<Record<string, number>>): number => Object.values(parts).reduce((a, b) => a + b, 0);
const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} times`;

interface Bar {
  readonly embedded: number;
  readonly rabbitmq: number;
}

/** W1 against a peer, in messages a second; and in CPU per message, which a busy machine disturbs less. */
function online(found: Figures, ours: string, theirs: string, what: string, wanted: number | undefined): Aim[] {
  const speed = ratio(found, "online", ours, theirs, ({ perSecond }) => perSecond);
  const cpu = ratio(found, "online", theirs, ours, ({ cpuUs }) => sum(cpuUs));
  if (speed === undefined || cpu === undefined) return [];
  return [
    {
      what,
      wanted: wanted === undefined ? "reported" : times(wanted),
      found: `${times(speed)} (messages per CPU second: ${times(cpu)})`,
      met: wanted === undefined ? undefined : speed >= wanted,
    },
  ];
}

function latency(found: Figures, id: string, beside: boolean, p50: number, p99: number): Aim[] {
  const runs = outcomesOf(found, id, "paced", beside ? { beside } : {});
  const half = spread(runs.map((run) => run.p50))?.median;
  const most = spread(runs.map((run) => run.p99))?.median;
  if (half === undefined || most === undefined) return [];
  return [
    {
      what: `W1 at 500/s${beside ? " while another inbox drains 20,000" : ""}`,
      wanted: `p50 ${p50} ms, p99 ${p99} ms`,
      found: `p50 ${half.toFixed(2)} ms, p99 ${most.toFixed(1)} ms`,
      met: half <= p50 && most <= p99,
    },
  ];
}

function atLeast(what: string, value: number | undefined, wanted: number, words = times): Aim[] {
  return value === undefined ? [] : [{ what, wanted: words(wanted), found: words(value), met: value >= wanted }];
}

function atMost(what: string, value: number | undefined, wanted: number, unit: string): Aim[] {
  if (value === undefined) return [];
  return [{ what, wanted: `at most ${wanted} ${unit}`, found: `${value.toFixed(2)} ${unit}`, met: value <= wanted }];
}

function killed(found: Figures, id: string): Aim[] {
  const runs = found.measurements.filter(({ variant, killed: process }) => variant === id && process !== undefined);
  if (runs.length === 0) return [];
  const lost = runs.reduce((count, { outcome }) => count + ("lost" in outcome ? outcome.lost : 0), 0);
  return [{ what: "W2 and kill -9", wanted: "0 lost", found: `${lost} lost in ${runs.length} runs`, met: lost === 0 }];
}

function aimsOf(found: Figures, engine: keyof Bar): Aim[] {
  const id = `recado-${engine}`;
  const receiver = `${id}-receiver`;
  const wanted = (embedded: number, rabbitmq: number): number => (engine === "embedded" ? embedded : rabbitmq);
  const offline = outcomesOf(found, receiver, "offline");
  const idle = outcomesOf(found, id, "idle");
  const bareIdle = outcomesOf(found, "bare", "idle");
  const relay = (kib: Readonly<Record<string, number>>): number => kib["relay"] ?? 0;
  const stored = (against: string) => ratio(found, "offline", receiver, against, (one) => one.storedPerSecond);
  const memory = idle[0] && bareIdle[0] ? relay(idle[0].kibPerUser) / relay(bareIdle[0].kibPerUser) : undefined;
  return [
    ...online(found, receiver, "ejabberd-receiver", "W1 against ejabberd, the reader answers", wanted(5, 3)),
    ...online(found, id, "bare", "W1 against the bare socket.io relay", wanted(1.3, 0.9)),
    ...online(found, id, "bare-batched", "W1 against the bare socket.io relay, batched", undefined),
    ...latency(found, id, false, wanted(0.5, 1), wanted(10, 15)),
    ...latency(found, id, true, wanted(0.5, 1), wanted(10, 15)),
    ...(engine === "embedded" ? atLeast("W2 stored/s against Prosody", stored("prosody"), 6) : []),
    ...atLeast("W2 stored/s against RabbitMQ alone, singly", stored("rabbitmq"), 1),
    ...atMost("W2 drain of 20,000", spread(offline.map((one) => one.drainSeconds))?.median, wanted(0.5, 0.8), "s"),
    ...killed(found, receiver),
    ...atMost("W3 relay's memory per idle user against the bare relay's", memory, 1, "times"),
    ...atLeast("W3 sign-ins a second", idle[0]?.signInsPerSecond, 1_200, (value) => value.toFixed(0)),
  ];
}

/** The aims table of this run, for both engines. */
export const aims = (found: Figures): Readonly<Record<keyof Bar, readonly Aim[]>> => ({
  embedded: aimsOf(found, "embedded"),
  rabbitmq: aimsOf(found, "rabbitmq"),
});
