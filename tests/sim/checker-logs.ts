import { excused, keyOf, type Report, type Testimony, type Told } from "./checker.ts";
import { type LoggedMessage } from "./history.ts";

/**
 * What people see: each message once (G2), in order (G3), from whom it is and to whom it was written (G4),
 * for ever once it was on the screen (O1, G5), and its numbers prove that nothing is missing (O9).
 */
export function checkLogs(testimony: Testimony, report: Report): void {
  checkScreens(testimony, report);
  const removed = new Map<string, Set<string>>();
  for (const fact of testimony.facts) {
    if (fact.kind !== "deleted") continue;
    const keys = removed.get(fact.device) ?? new Set();
    keys.add(keyOf(fact));
    removed.set(fact.device, keys);
  }
  for (const end of testimony.ending.devices) {
    const deleted = removed.get(end.device) ?? new Set<string>();
    const seen = new Set<string>();
    for (const message of end.log) {
      const key = keyOf(message);
      if (seen.has(key)) report("G2", `${key} is twice in the log of ${end.device}`);
      if (deleted.has(key)) report("G2", `${key} was deleted on ${end.device} and is back`);
      seen.add(key);
      checkOwner(testimony, end.account, end.device, message, report);
    }
    checkOrder(testimony, end.device, end.log, report);
    checkComplete(testimony, end.device, end.account, [...seen, ...deleted], report);
    checkStays(testimony, end.device, new Set([...seen, ...deleted]), report);
  }
}

/** Nothing comes on a screen twice, not even over a restart, and it comes in order. */
function checkScreens(testimony: Testimony, report: Report): void {
  const screens = new Map<string, Set<string>>();
  for (const fact of testimony.facts) {
    if (fact.kind !== "shown") continue;
    const seen = screens.get(fact.device) ?? new Set();
    screens.set(fact.device, seen);
    const key = keyOf(fact.message);
    if (seen.has(key)) report("G2", `${key} was shown twice on ${fact.device}`);
    seen.add(key);
  }
}

function checkOwner(
  testimony: Testimony,
  account: string,
  device: string,
  message: LoggedMessage,
  report: Report,
): void {
  const told = testimony.messages.get(keyOf(message));
  if (!told) {
    report("G4", `${device} of ${account} shows ${keyOf(message)}, which ${message.from} never wrote`);
    return;
  }
  if (told.body !== message.body) report("G2", `${told.key} shows another text than was written`);
  if (account !== told.to && account !== told.from) {
    report("G4", `${told.key} to ${told.to} is in the log of ${account}`);
  }
  const other = account === told.from ? told.to : told.from;
  if (message.with !== other) report("G4", `${told.key} is in the conversation with ${message.with}, not ${other}`);
}

/**
 * G3: per writing device and recipient, in the order written. What a device inherited from one that was removed (G11) was
 * sent before it existed; it comes when it comes.
 */
function checkOrder(testimony: Testimony, device: string, log: readonly LoggedMessage[], report: Report): void {
  const born = testimony.devices.get(device)?.addedAt ?? 0;
  const last = new Map<string, Told>();
  for (const message of log) {
    const told = testimony.messages.get(keyOf(message));
    if (!told || (told.device !== device && (told.askedAt ?? 0) < born)) continue;
    const stream = `${told.device} ${told.to}`;
    const before = last.get(stream);
    if (before && before.place > told.place) {
      report("G3", `${told.key} (${told.place}.) comes after ${before.key} (${before.place}.) in the log of ${device}`);
    }
    last.set(stream, told);
  }
}

/** O9: from the first number that a reader has of a chain, nothing is missing that a block of its own does not explain. */
function checkComplete(
  testimony: Testimony,
  device: string,
  account: string,
  keys: readonly string[],
  report: Report,
): void {
  const chains = new Map<string, Map<number, string>>();
  for (const key of keys) {
    const told = testimony.messages.get(key);
    if (told?.to !== account || told.chain === undefined || told.number === undefined) continue;
    const numbers = chains.get(told.chain) ?? new Map<number, string>();
    chains.set(told.chain, numbers);
    const twin = numbers.get(told.number);
    // two messages with one number: only one that was never accepted may have had it before
    if (twin !== undefined && twin !== key) report("O9", `${key} and ${twin} have the same number on ${device}`);
    numbers.set(told.number, key);
  }
  for (const [chain, numbers] of chains) {
    const first = Math.min(...numbers.keys());
    const end = Math.max(...numbers.keys());
    for (let number = first; number < end; number++) {
      if (numbers.has(number) || isExcused(testimony, chain, number)) continue;
      report("O9", `number ${number} of chain ${chain} is missing on ${device}`);
    }
  }
}

function isExcused(testimony: Testimony, chain: string, number: number): boolean {
  for (const told of testimony.messages.values()) {
    if (told.chain === chain && told.number === number && excused(testimony, told)) return true;
  }
  return false;
}

/** What a person wrote or saw, and what a device answered for, is there after every crash (O1, O5, G5). */
function checkStays(testimony: Testimony, device: string, kept: ReadonlySet<string>, report: Report): void {
  const account = testimony.devices.get(device)?.account ?? "nobody";
  for (const fact of testimony.facts) {
    if (!("device" in fact) || fact.device !== device) continue;
    if (fact.kind === "written" && !kept.has(keyOf({ from: account, id: fact.id }))) {
      report("O1", `${fact.id} was written on ${device} and is gone`);
    } else if (fact.kind === "shown" && !kept.has(keyOf(fact.message))) {
      report("O5", `${keyOf(fact.message)} was on the screen of ${device} and is gone`);
    } else if (fact.kind === "answered") {
      for (const message of fact.messages) {
        if (!kept.has(keyOf(message))) report("G5", `${device} answered for ${keyOf(message)} and has not stored it`);
      }
    }
  }
}
