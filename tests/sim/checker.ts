import { type Ending, type Fact, type History, type MessageKey } from "./history.ts";
import { checkLogs } from "./checker-logs.ts";
import { checkStatus } from "./checker-status.ts";

/** One broken promise: the rule's number as wire/SPEC.md has it, and what was seen. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}

/** A message as the facts tell of it, whoever tells. */
export interface Told {
  readonly key: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly device: string;
  readonly body: string;
  /** the place in the order in which this device wrote to this recipient */
  readonly place: number;
  readonly writtenAt: number;
  askedAt?: number;
  acceptedAt?: number;
  chain?: string | undefined;
  number?: number | undefined;
}

export interface DeviceTold {
  readonly device: string;
  readonly account: string;
  readonly addedAt: number;
  removedAt?: number;
  /** when it answered for a message, by key */
  readonly answered: Map<string, number>;
}

/** The facts, sorted by whom and what they are about. Times are places in the list of facts. */
export interface Testimony {
  readonly facts: readonly Fact[];
  readonly ending: Ending;
  readonly messages: ReadonlyMap<string, Told>;
  readonly devices: ReadonlyMap<string, DeviceTold>;
  /** from whom to whom a block or a refused contact may have discarded, and when */
  readonly shut: readonly Shut[];
}

export interface Shut {
  readonly by: string;
  readonly against: string;
  readonly from: number;
  until: number;
}

export const keyOf = (message: MessageKey): string => `${message.from} ${message.id}`;

/**
 * Judges one history by the promises of wire/SPEC.md (G1 to G6, G8, G11, O6, O9). It was written from that page alone:
 * it knows nothing of how the relay and the app keep their word.
 * @returns every broken promise, empty when all were kept
 */
export function check(history: History): readonly Violation[] {
  const found: Violation[] = [];
  const report = (rule: string, what: string) => void found.push({ rule, what });
  const testimony = hear(history, report);
  checkKept(testimony, report);
  checkNumbers(testimony, report);
  checkHeld(testimony, report);
  checkLogs(testimony, report);
  checkStatus(testimony, report);
  checkEmptied(testimony, report);
  return found;
}

export type Report = (rule: string, what: string) => void;

function hear({ facts, ending }: History, report: Report): Testimony {
  const messages = new Map<string, Told>();
  const byWriter = new Map<string, Told>();
  const devices = new Map<string, DeviceTold>();
  const shut: Shut[] = [];
  const places = new Map<string, number>();
  const accountOf = (device: string): string => devices.get(device)?.account ?? "nobody";
  facts.forEach((fact, at) => {
    switch (fact.kind) {
      case "device-added":
        devices.set(fact.device, { device: fact.device, account: fact.account, addedAt: at, answered: new Map() });
        break;
      case "device-removed": {
        const device = devices.get(fact.device);
        if (device) device.removedAt ??= at;
        break;
      }
      case "written": {
        const stream = `${fact.device} ${fact.to}`;
        const place = (places.get(stream) ?? 0) + 1;
        places.set(stream, place);
        const from = accountOf(fact.device);
        const { device, to, id, body } = fact;
        const told: Told = { key: keyOf({ from, id }), id, from, to, device, body, place, writtenAt: at };
        messages.set(told.key, told);
        byWriter.set(`${device} ${id}`, told);
        break;
      }
      case "asked": {
        const told = byWriter.get(`${fact.device} ${fact.id}`);
        if (!told) {
          report("O1", `the relay was asked for ${fact.id}, which nobody had seen in the outbox of ${fact.device}`);
          break;
        }
        if (told.to !== fact.to) report("G4", `${fact.id} was written to ${told.to} and sent to ${fact.to}`);
        if (told.acceptedAt === undefined) {
          told.askedAt ??= at;
          // `number` counts accepted messages, so it may change until the acceptance, never after (O2)
          told.chain = fact.chain;
          told.number = fact.number;
        } else if (told.number !== fact.number || told.chain !== fact.chain) {
          report("O2", `${fact.id} was accepted as number ${told.number ?? "none"} and sent again as another`);
        }
        break;
      }
      case "accepted": {
        const told = byWriter.get(`${fact.device} ${fact.id}`);
        if (told?.askedAt === undefined) report("G4", `${fact.id} was accepted for ${fact.device}, which never asked`);
        else told.acceptedAt ??= at;
        break;
      }
      case "answered":
        for (const message of fact.messages) {
          const answered = devices.get(fact.device)?.answered;
          if (answered && !answered.has(keyOf(message))) answered.set(keyOf(message), at);
        }
        break;
      case "shut":
        shut.push({ by: fact.by, against: fact.against, from: at, until: Infinity });
        break;
      case "opened":
        for (const one of shut) {
          if (one.by === fact.by && one.against === fact.against) one.until = Math.min(one.until, at);
        }
        break;
      default:
        break;
    }
  });
  return { facts, ending, messages, devices, shut };
}

/** Whether a block or a declined request explains that a message was discarded (G1's sole exception). */
export function excused(testimony: Testimony, told: Told): boolean {
  const until = told.acceptedAt ?? Infinity;
  return testimony.shut.some(
    (one) => one.by === told.to && one.against === told.from && one.from <= until && one.until >= told.writtenAt,
  );
}

/**
 * G1 with G11: what was accepted is in the log of every device of its reader (and every other one of its writer) that
 * existed when the relay was asked; where such a device has gone before it had taken delivery, of those that inherited.
 */
function checkKept(testimony: Testimony, report: Report): void {
  const logs = new Map(
    testimony.ending.devices.map((end) => [end.device, new Set(end.log.map((message) => keyOf(message)))]),
  );
  const deleted = new Set<string>();
  for (const fact of testimony.facts) {
    if (fact.kind === "deleted") deleted.add(`${fact.device} ${keyOf(fact)}`);
  }
  const all = [...testimony.devices.values()];
  for (const told of testimony.messages.values()) {
    if (told.acceptedAt === undefined || excused(testimony, told)) continue;
    for (const account of new Set([told.to, told.from])) {
      for (const device of owing(all, told, account)) {
        if (logs.get(device.device)?.has(told.key) === true || deleted.has(`${device.device} ${told.key}`)) continue;
        report(
          "G1",
          `${told.key} to ${told.to} was accepted and is lost to ${device.account}'s device ${device.device}`,
        );
      }
    }
  }
}

/** The devices of an account that must have a message at the end. */
function owing(all: readonly DeviceTold[], told: Told, account: string): readonly DeviceTold[] {
  const asked = told.askedAt ?? 0;
  const own = all.filter((device) => device.account === account && device.device !== told.device);
  const owed = new Set(own.filter((device) => device.addedAt < asked && (device.removedAt ?? Infinity) > asked));
  if (owed.size === 0 && account === told.to) {
    // nobody was signed in: the account's inbox waits for the next device (G11)
    const next = own.find((device) => device.addedAt > asked);
    if (next) owed.add(next);
  }
  // a removed device hands on what it had not answered for: to those that are there, or to the next one that comes
  for (const device of owed) {
    if (device.removedAt === undefined) continue;
    owed.delete(device);
    const gone = device.removedAt;
    if ((device.answered.get(told.key) ?? Infinity) < gone) continue;
    const there = own.filter((other) => other.addedAt < gone && (other.removedAt ?? Infinity) > gone);
    const next = own.find((other) => other.addedAt > gone);
    if (account === told.from && there.length === 0) continue;
    for (const heir of there.length > 0 ? there : next ? [next] : []) owed.add(heir);
  }
  return [...owed];
}

/** O9: the accepted messages of one chain are numbered from 1 without a gap, in the order in which they were written. */
function checkNumbers(testimony: Testimony, report: Report): void {
  const chains = new Map<string, Told[]>();
  for (const told of testimony.messages.values()) {
    if (told.acceptedAt === undefined) continue;
    if (told.chain === undefined || told.number === undefined) {
      report("O9", `${told.key} was accepted without a number`);
      continue;
    }
    const chain = chains.get(told.chain);
    if (chain) chain.push(told);
    else chains.set(told.chain, [told]);
  }
  for (const [chain, accepted] of chains) {
    accepted.sort((a, b) => a.place - b.place);
    accepted.forEach((told, index) => {
      const first = accepted[0] ?? told;
      if (told.number !== index + 1) {
        report("O9", `${told.key} is accepted message ${index + 1} of chain ${chain} and numbered ${told.number ?? 0}`);
      }
      if (told.device !== first.device || told.to !== first.to) report("O9", `chain ${chain} has two streams`);
    });
  }
}

/** G6: after `presence:set offline` was answered nothing is handed over on that session. One batch in flight (G5). */
function checkHeld(testimony: Testimony, report: Report): void {
  const held = new Set<number>();
  const flying = new Map<number, number>();
  for (const fact of testimony.facts) {
    switch (fact.kind) {
      case "held":
        held.add(fact.session);
        if (flying.has(fact.session))
          report("G6", `session ${fact.session} was answered offline with a batch in flight`);
        break;
      case "released":
        held.delete(fact.session);
        break;
      case "handed":
        if (held.has(fact.session)) report("G6", `something was delivered to the offline session ${fact.session}`);
        if (flying.has(fact.session)) report("G6", `two batches were in flight on session ${fact.session}`);
        flying.set(fact.session, fact.batch);
        break;
      case "batch-over":
        if (flying.get(fact.session) === fact.batch) flying.delete(fact.session);
        break;
      case "session-over":
        flying.delete(fact.session);
        break;
      default:
        break;
    }
  }
}

/** When all is healed nothing is left over: the world is quiet, every inbox that is read is empty. */
function checkEmptied({ ending }: Testimony, report: Report): void {
  if (!ending.quiet) report("G1", "the world never came to rest after everything had healed");
  for (const inbox of ending.inboxes) {
    if (inbox.read && inbox.envelopes > 0)
      report("G5", `${inbox.envelopes} envelopes are stuck in inbox ${inbox.inbox}`);
  }
}
