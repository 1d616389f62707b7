import { setTimeout as pause } from "node:timers/promises";
import { readShown, readTally } from "../../drill/shown.ts";
import { judge, judgeStatuses, type Judgement, type Log, type Violation } from "../../drill/verdict.ts";
import { Chaos, type Plan } from "./chaos.ts";
import { type Chance } from "./chance.ts";
import { type Ground } from "./ground.ts";
import { type Tallies } from "./tallies.ts";

export interface RoundNeeds {
  readonly ground: Ground;
  readonly tallies: Tallies;
  readonly chance: Chance;
  readonly plan: Plan;
  readonly chaosMs: number;
  /** how long everything may take to come to rest after healing; what has not is `stuck` or `lost` */
  readonly restLimitMs: number;
  /** gives up earlier when nothing has moved for so long */
  readonly stillLimitMs: number;
}

export interface RoundOutcome {
  readonly judgement: Judgement;
  readonly violations: readonly Violation[];
  /** from healing to everything shown and confirmed */
  readonly convergedMs: number;
  /** at healing somebody held a batch that they never answer: the relay waits 20 s for them */
  readonly silentReader: boolean;
  /** who was the last to come to rest, and what they still waited for */
  readonly last: string;
  readonly converged: boolean;
}

const snapshotEveryMs = 2_000;

/** Breaks for a while, heals, waits for rest, judges. */
export async function runRound(needs: RoundNeeds): Promise<RoundOutcome> {
  const { ground, tallies, chance, plan } = needs;
  const early: Violation[] = [];
  ground.witness.unruly = true;
  const stopChaos = new AbortController();
  const chaos = new Chaos(ground, tallies, chance.fork(), plan).run(stopChaos.signal);
  const end = Date.now() + needs.chaosMs;
  while (Date.now() < end) {
    await Promise.race([pause(Math.min(snapshotEveryMs, Math.max(1, end - Date.now()))), chaos]);
    // the senders first: what they say is delivered must be in the readers' logs, which are read after that
    const senders = readLogs(ground);
    early.push(...judgeStatuses(senders, readLogs(ground)));
    if (early.length > 0 || ground.witness.accusations.length > 0) break;
  }
  stopChaos.abort();
  await chaos;

  const begin = performance.now();
  const silentReader = ground.witness.silent;
  await heal(ground);
  const { converged, last, stillMs } = await untilAtRest(ground, needs.restLimitMs, needs.stillLimitMs);
  const convergedMs = Math.round(performance.now() - begin - stillMs);
  const judgement = judge({
    attempts: ground.journal.attempts,
    written: ground.journal.written,
    logs: readLogs(ground),
    heard: ground.heard,
    accusations: ground.witness.accusations,
    receiptsMayBeGivenUp: ground.engine === "rabbitmq",
  });
  const stops = ground.relay.complaints.map((what): Violation => ({ offence: "stuck", rule: "SIGTERM", what }));
  const violations = [...early, ...judgement.violations, ...stops];
  return { judgement, violations, convergedMs, converged, silentReader, last };
}

async function heal({ seats, witness, witnessWay, brokerWay }: Ground): Promise<void> {
  witness.unruly = false;
  for (const way of [...seats.map((seat) => seat.way), witnessWay, ...(brokerWay ? [brokerWay] : [])]) way.heal();
  for (const { app } of seats) await app.ask({ do: "wish", presence: "online" });
}

/** Everything written is shown to everybody it is for, and its sender knows. */
async function untilAtRest(
  ground: Ground,
  limitMs: number,
  stillLimitMs: number,
): Promise<{
  readonly converged: boolean;
  readonly last: string;
  /** spent on making sure that nothing moves any more */
  readonly stillMs: number;
}> {
  const begin = Date.now();
  let last = "nobody";
  let still = { picture: "", since: begin };
  for (;;) {
    const tallies = ground.seats.map(({ app }) => ({ app, ...readTally(app.folder, app.label) }));
    const expected = expectedPerAccount(ground);
    const arrived = tallies.every(
      ({ app, received, outbox }) => outbox === 0 && received >= (expected.get(app.account) ?? 0),
    );
    const witnessed = ground.witness.stored.length >= (expected.get(ground.witness.account) ?? 0);
    const confirmed = tallies.every(({ unconfirmed }) => unconfirmed === 0);
    if (arrived && witnessed && confirmed) return { converged: true, last, stillMs: 0 };
    last = [
      ...tallies.flatMap(({ app, received, outbox, unconfirmed }) => {
        const lacking = Math.max(0, (expected.get(app.account) ?? 0) - received);
        if (outbox + lacking + unconfirmed === 0) return [];
        return `${app.label} (${app.connection}: ${outbox} to send, ${lacking} to get, ${unconfirmed} unconfirmed)`;
      }),
      ...(witnessed ? [] : [`the witness (${ground.witness.connected ? "connected" : "not connected"})`]),
    ].join(", ");
    const picture = JSON.stringify([
      tallies.map(({ received, outbox, unconfirmed }) => [received, outbox, unconfirmed]),
      witnessed,
    ]);
    // who is not connected yet waits for its next try, and a silent reader for the relay's patience to end: that is not standing still
    const { connected, holding } = ground.witness;
    const idle = ground.seats.every(({ app }) => app.connection === "online") && connected && !holding;
    if (picture !== still.picture || !idle) still = { picture, since: Date.now() };
    const movedMs = Date.now() - still.since;
    // a receipt that was given up never comes: there is nothing to wait for (G5)
    if (arrived && witnessed && ground.engine === "rabbitmq" && movedMs > 5_000)
      return { converged: true, last, stillMs: movedMs };
    if (Date.now() - begin > limitMs || movedMs > stillLimitMs) return { converged: false, last, stillMs: 0 };
    await pause(200);
  }
}

/** What each account has to receive, by what its senders' databases hold: an attempt that never was is not waited for. */
function expectedPerAccount({ seats, journal }: Ground): Map<string, number> {
  const expected = new Map<string, number>();
  for (const { app } of seats) {
    for (const row of readShown(app.folder)) {
      const attempt = row.mine === 1 ? journal.attempts.get(row.body.slice(0, row.body.indexOf("|"))) : undefined;
      if (attempt?.device === app.label) expected.set(attempt.to, (expected.get(attempt.to) ?? 0) + 1);
    }
  }
  return expected;
}

export function readLogs({ seats, witness }: Ground): Log[] {
  const logs: Log[] = seats.map(({ app }) => ({
    device: app.label,
    account: app.account,
    rows: readShown(app.folder),
  }));
  const rows = witness.stored.map(({ id, from, body }, position) => {
    return { position, peer: from, sender: from, id, mine: 0, body, status: "accepted" as const };
  });
  return [...logs, { device: "witness", account: witness.account, rows }];
}
