import { memoryKib, startCounting, type Spent } from "../machine.ts";
import { type OutcomeOf, type PlanOf } from "../plan.ts";
import { Crowd, inParallel, pause } from "./crowd.ts";
import { quantile, type Ledger } from "./ledger.ts";

const account = ({ lost, again, disorder, refused }: Ledger) => ({ lost, again, disorder, refused });
const disturbance = ({ otherOnServerCore, generator, steal }: Spent) => ({ otherOnServerCore, generator, steal });
type ByServer = Readonly<Record<string, number>>;
const each = (parts: ByServer, of: (value: number, name: string) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, of(value, name)]));
const memoryOf = (servers: ByServer): Record<string, number> => each(servers, memoryKib);
/** Microseconds of CPU per message, by server. */
const perMessage = ({ servers }: Spent, messages: number): Record<string, number> =>
  each(servers, (ms) => (ms * 1_000) / Math.max(1, messages));

/** W1: every pair keeps `window` messages under way, for a while. */
export async function online(plan: PlanOf<"online">): Promise<OutcomeOf<"online">> {
  const crowd = await Crowd.gather(plan);
  await crowd.enter("reader", plan.devices);
  await crowd.enter("writer");
  const next = new Map<number, number>();
  let going = true;
  crowd.freed = (pair, count) => {
    if (!going || count === 0) return;
    const first = next.get(pair) ?? 0;
    next.set(pair, first + count);
    crowd.send(pair, first, count);
  };
  for (let pair = plan.firstPair; pair < plan.firstPair + plan.pairs; pair++) crowd.freed(pair, plan.window);
  await pause(plan.warmMs);
  const before = crowd.ledger.received;
  const count = startCounting(plan.servers);
  await pause(plan.measureMs);
  const spent = count();
  const messages = crowd.ledger.received - before;
  going = false;
  await crowd.settled();
  crowd.leave();
  return {
    workload: "online",
    perSecond: (messages * 1_000) / spent.elapsedMs,
    cpuUs: perMessage(spent, messages),
    ...account(crowd.ledger),
    ...disturbance(spent),
  };
}

/** W1 at a fixed rate, whatever the server does. Times are from the writer's hand to the reader's. */
export async function paced(plan: PlanOf<"paced">): Promise<OutcomeOf<"paced">> {
  const crowd = await Crowd.gather(plan);
  await crowd.enter("reader");
  await crowd.enter("writer");
  const beside = crowd.beside(plan.firstPair + plan.pairs, plan.beside > 0 ? 1 : 0, plan.offset);
  if (plan.beside > 0) {
    await beside.enter("writer");
    await beside.sendAll(plan.beside, 64);
  }
  const times: number[] = [];
  const warmMs = 500;
  let counting = startCounting(plan.servers);
  let coming = Promise.resolve();
  const begin = performance.now();
  let sent = 0;
  for (;;) {
    const elapsed = performance.now() - begin;
    if (elapsed > warmMs && !crowd.ledger.timed) {
      crowd.ledger.timed = (ms) => times.push(ms);
      counting = startCounting(plan.servers);
      coming = beside.enter("reader");
    }
    if (elapsed > warmMs + plan.measureMs) break;
    for (const due = (elapsed * plan.perSecond) / 1_000; sent < due; sent++)
      crowd.send(plan.firstPair + (sent % plan.pairs), Math.floor(sent / plan.pairs), 1);
    await pause(1);
  }
  const spent = counting();
  await coming;
  await crowd.settled();
  await beside.settled();
  crowd.leave();
  beside.leave();
  const missing = beside.ledger.lost + Math.max(0, plan.beside - beside.ledger.accepted);
  return {
    workload: "paced",
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    worst: quantile(times, 1),
    cpuUs: perMessage(spent, times.length),
    ...account(crowd.ledger),
    lost: crowd.ledger.lost + missing,
    ...disturbance(spent),
  };
}

/** W2: to users who are away, until all is accepted; then they all come back at once. */
export async function offline(
  plan: PlanOf<"offline">,
  killed: () => Promise<{ port: number }>,
): Promise<OutcomeOf<"offline">> {
  const crowd = await Crowd.gather(plan);
  // whoever comes here is not there: writers go on when the server has answered
  const storing = crowd.answeredByServer();
  await storing.enter("writer");
  const { kill } = plan;
  const memory = memoryOf(plan.servers);
  const count = startCounting(plan.servers);
  const begin = performance.now();
  const until = kill ? Math.floor(plan.messages * kill.at) : Infinity;
  const stop = await storing.sendAll(Math.ceil(plan.messages / plan.pairs), plan.window, until);
  const took = performance.now() - begin;
  const spent = count();
  const { ledger } = crowd;
  const grown = memoryOf(plan.servers);
  let { port } = plan;
  if (kill) {
    process.kill(plan.servers[kill.server] ?? 0, "SIGKILL");
    await pause(100); // what it had said before is still heard
    stop();
    ({ port } = await killed());
  }
  const back = crowd.at(port);
  const home = performance.now();
  await back.enter("reader");
  await back.settled();
  const draining = back.lastNews - home;
  back.leave();
  storing.leave();
  return {
    workload: "offline",
    storedPerSecond: (ledger.accepted * 1_000) / took,
    drainSeconds: draining / 1_000,
    accepted: ledger.accepted,
    kibPerWaiting: each(grown, (kib, name) => (kib - (memory[name] ?? 0)) / Math.max(1, ledger.accepted)),
    cpuUs: perMessage(spent, ledger.accepted),
    ...account(ledger),
    ...disturbance(spent),
  };
}

/** W3: thousands sign in and do nothing. */
export async function idle(plan: PlanOf<"idle">): Promise<OutcomeOf<"idle">> {
  const crowd = await Crowd.gather(plan);
  const before = memoryOf(plan.servers);
  const begin = performance.now();
  const counting = startCounting(plan.servers);
  const users = Array.from({ length: plan.users }, (_, user) => user);
  await inParallel(plan.atOnce, users, (user) => crowd.join(user));
  const signingIn = performance.now() - begin;
  const spent = counting();
  await pause(1_000); // what signing in has begun ends
  const resting = startCounting(plan.servers);
  await pause(plan.restMs);
  const rest = resting();
  const after = memoryOf(plan.servers);
  crowd.leave();
  return {
    workload: "idle",
    signInsPerSecond: (plan.users * 1_000) / signingIn,
    kibPerUser: each(after, (kib, name) => (kib - (before[name] ?? 0)) / plan.users),
    cpuPerMinute: each(rest.servers, (ms) => (ms * 60_000) / rest.elapsedMs),
    ...disturbance(spent),
  };
}
