import { advance, type MessageStatus } from "../wire/message-status.ts";
import { tokenIn, type Attempt } from "./journal.ts";
import { type ShownRow } from "./shown.ts";

/** One device's log at the end, and whose it is. */
export interface Log {
  readonly device: string;
  readonly account: string;
  readonly rows: readonly ShownRow[];
}

/** One device's word does not bind another: each has an inbox, and receipts, of its own. */
export type HeardStatuses = ReadonlyMap<string, ReadonlyMap<string, MessageStatus>>;

/** Everything that was seen from outside. Written from wire/SPEC.md; it knows nothing of how the promises are kept. */
export interface Evidence {
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** token to id, for what an app has answered for */
  readonly written: ReadonlyMap<string, string>;
  readonly logs: readonly Log[];
  /** the highest status that each device was heard to say of a message: by device, then by id */
  readonly heard: HeardStatuses;
  /** a witness's accounts and what they saw of the wire itself */
  readonly accusations: readonly string[];
  /** statuses that may stay behind: receipts given up while the broker was away (G5) */
  readonly receiptsMayBeGivenUp: boolean;
}

export type Offence = "lost" | "doubled" | "disorder" | "wrong person" | "stuck" | "status" | "in flight" | "refused";
export const offences: readonly Offence[] = [
  "lost",
  "doubled",
  "disorder",
  "wrong person",
  "stuck",
  "status",
  "in flight",
  "refused",
];

export interface Violation {
  readonly offence: Offence;
  readonly rule: string;
  readonly what: string;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  readonly sent: number;
  readonly accepted: number;
  readonly shown: number;
  /** delivered, and the sender not told: allowed only where receipts may be given up */
  readonly receiptsGivenUp: number;
}

const rank = ["pending", "refused", "accepted", "delivered", "read"] as const satisfies readonly MessageStatus[];
const atLeast = (status: MessageStatus | undefined, least: MessageStatus): boolean =>
  status !== undefined && rank.indexOf(status) >= rank.indexOf(least);

/** Judges a run after everything was healed and had time to come to rest. */
export function judge(evidence: Evidence): Judgement {
  const violations: Violation[] = evidence.accusations.map((what) => ({ offence: "in flight", rule: "G5", what }));
  const accuse = (offence: Offence, rule: string, what: string): void => void violations.push({ offence, rule, what });
  const seen = new Map<string, Set<string>>();
  for (const log of evidence.logs) seen.set(log.device, judgeLog(log, evidence.attempts, accuse));

  let sent = 0;
  let accepted = 0;
  let shown = 0;
  let receiptsGivenUp = 0;
  for (const log of evidence.logs) {
    const heardHere = evidence.heard.get(log.device);
    const own = new Map<string, ShownRow>();
    for (const row of log.rows) {
      if (row.mine !== 1) continue;
      own.set(tokenIn(row.body), row);
      const heard = heardHere?.get(row.id);
      if (heard !== undefined && advance(row.status, heard) !== row.status)
        accuse("status", "O6", `${tokenIn(row.body)} was ${heard} on ${log.device} and is ${row.status} now`);
    }
    for (const [token, attempt] of evidence.attempts) {
      if (attempt.device !== log.device) continue;
      const row = own.get(token);
      const id = evidence.written.get(token);
      if (!row) {
        if (id !== undefined) accuse("lost", "O1", `${token} was written and is not in its writer's log`);
        continue;
      }
      sent++;
      const wasAccepted = atLeast(row.status, "accepted") || atLeast(heardHere?.get(row.id), "accepted");
      const why = row.refusal ? `: ${row.refusal}` : "";
      if (row.status === "refused") accuse("refused", "G1", `${token} was refused${why}`);
      else if (!wasAccepted) accuse("stuck", "G1", `${token} is still ${row.status} at its sender${why}`);
      if (wasAccepted) accepted++;
      const readers = evidence.logs.filter(({ account }) => account === attempt.to);
      const missing = readers.filter(({ device }) => !seen.get(device)?.has(token));
      if (missing.length === 0) shown++;
      for (const { device } of missing) {
        if (atLeast(row.status, "delivered") && missing.length === readers.length)
          accuse("status", "G5", `${token} is ${row.status} at its sender, and ${device} does not have it`);
        if (wasAccepted) accuse("lost", "G1", `${token} was accepted and is not shown on ${device}`);
      }
      if (wasAccepted) {
        for (const other of evidence.logs)
          if (other.account === attempt.from && other.device !== attempt.device && !seen.get(other.device)?.has(token))
            accuse("lost", "G1", `${token} was accepted and its copy is not on ${other.device}`);
      }
      if (missing.length === 0 && !atLeast(row.status, "delivered")) {
        if (evidence.receiptsMayBeGivenUp) receiptsGivenUp++;
        else accuse("status", "G5", `${token} is shown to its reader and still ${row.status} at its sender`);
      }
    }
  }
  return { violations, sent, accepted, shown, receiptsGivenUp };
}

/** What one device shows: each once, in order, attempted, to the right person. @returns the tokens in it */
function judgeLog(
  { device, account, rows }: Log,
  attempts: ReadonlyMap<string, Attempt>,
  accuse: (offence: Offence, rule: string, what: string) => void,
): Set<string> {
  const tokens = new Set<string>();
  const last = new Map<string, number>();
  for (const row of rows) {
    const token = tokenIn(row.body);
    const attempt = attempts.get(token);
    if (!attempt) {
      accuse("wrong person", "G4", `${device} shows ${row.id}, which nobody has written`);
      continue;
    }
    if (tokens.has(token)) accuse("doubled", "G2", `${device} shows ${token} twice`);
    tokens.add(token);
    const fits =
      row.mine === 1
        ? attempt.from === account && row.sender === account && row.peer === attempt.to
        : attempt.to === account && row.sender === attempt.from && row.peer === attempt.from;
    if (!fits) accuse("wrong person", "G4", `${device} of ${account} shows ${token} as from ${row.sender}`);
    const stream = `${attempt.device} ${attempt.to}`;
    const before = last.get(stream) ?? 0;
    if (attempt.place <= before)
      accuse("disorder", "G3", `${device} shows ${token} after number ${before} of the same device and recipient`);
    last.set(stream, Math.max(before, attempt.place));
  }
  return tokens;
}

/** Whether a status is told before its fact. The senders' logs have to be read before the readers'. */
export function judgeStatuses(senders: readonly Log[], readers: readonly Log[]): Violation[] {
  const has = new Map(readers.map((log) => [log.device, new Set(log.rows.map(({ body }) => tokenIn(body)))]));
  const violations: Violation[] = [];
  for (const log of senders) {
    for (const row of log.rows) {
      if (row.mine !== 1 || !atLeast(row.status, "delivered")) continue;
      const devices = readers.filter(({ account }) => account === row.peer);
      if (devices.some(({ device }) => has.get(device)?.has(tokenIn(row.body)))) continue;
      violations.push({
        offence: "status",
        rule: "G5",
        what: `${tokenIn(row.body)} is ${row.status} on ${log.device} before ${row.peer} has it`,
      });
    }
  }
  return violations;
}
