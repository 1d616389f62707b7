import { type MessageStatus } from "../../wire/message-status.ts";
import { excused, keyOf, type Report, type Testimony, type Told } from "./checker.ts";

// The ranks as wire.md's table of words gives them; not taken from the code, which is judged here.
const rank: Readonly<Record<MessageStatus, number>> = { pending: 0, refused: 1, accepted: 2, delivered: 3, read: 4 };

/** O6: a status only moves up, never says more than is so, and does not stay behind once all has healed. */
export function checkStatus(testimony: Testimony, report: Report): void {
  checkHonest(testimony, report);
  checkArrived(testimony, report);
}

function checkHonest(testimony: Testimony, report: Report): void {
  const known = new Map<string, MessageStatus>();
  const accepted = new Set<string>();
  const stored = new Set<string>();
  const looked = new Set<string>();
  const accountOf = (device: string): string => testimony.devices.get(device)?.account ?? "nobody";
  for (const fact of testimony.facts) {
    switch (fact.kind) {
      case "accepted":
        accepted.add(`${fact.device} ${fact.id}`);
        break;
      case "answered":
        for (const message of fact.messages) stored.add(`${accountOf(fact.device)} ${message.id}`);
        break;
      case "looked":
        for (const id of fact.ids) looked.add(`${accountOf(fact.device)} ${id}`);
        break;
      case "status": {
        const account = accountOf(fact.device);
        const told = testimony.messages.get(keyOf({ from: account, id: fact.id }));
        if (!told) break;
        const screen = `${fact.device} ${fact.id}`;
        const before = known.get(screen);
        if (before !== undefined && rank[before] > rank[fact.status]) {
          report("O6", `${told.key} went from ${before} down to ${fact.status} on ${fact.device}`);
        }
        known.set(screen, fact.status);
        const own = fact.device === told.device;
        if (fact.status === "accepted" && own && !accepted.has(screen)) {
          report("O6", `${told.key} is shown as accepted before the relay said so`);
        }
        const reader = `${told.to} ${told.id}`;
        if ((fact.status === "delivered" || fact.status === "read") && !stored.has(reader)) {
          report("O6", `${told.key} is shown as ${fact.status} before a device of ${told.to} had it`);
        }
        if (fact.status === "read" && !looked.has(reader)) {
          report("O6", `${told.key} is shown as read and nobody has looked at it`);
        }
        break;
      }
      default:
        break;
    }
  }
}

/** At rest an own message is pending only while the relay says "later" for a reason that lasts, and the outbox agrees. */
function checkArrived(testimony: Testimony, report: Report): void {
  const receiptsGivenUp = testimony.facts.some((fact) => fact.kind === "relay-disk-full");
  for (const end of testimony.ending.devices) {
    let waiting = 0;
    for (const message of end.log) {
      const told = message.from === end.account ? testimony.messages.get(keyOf(message)) : undefined;
      if (!told) continue;
      if (message.status === "pending") {
        waiting++;
        // before it is mutual, 20 messages at most (G8): what is beyond them waits
        if (message.waitsFor !== "inbox-full") report("O3", `${told.key} is pending for ever on ${end.device}`);
        if (told.acceptedAt !== undefined) report("O2", `${told.key} was accepted and is still pending`);
      }
      if (message.status === "accepted" && isOwedReceipt(testimony, told) && !receiptsGivenUp) {
        report("O6", `${told.key} was delivered and its sender's ${end.device} never heard of it`);
      }
    }
    if (end.outbox !== waiting)
      report("O3", `the outbox of ${end.device} holds ${end.outbox} rows for ${waiting} pending`);
  }
}

/** Whether the sender has a right to know (G7): the two were mutual from before it was written and stayed so. */
function isOwedReceipt(testimony: Testimony, told: Told): boolean {
  if (excused(testimony, told)) return false;
  let mutual = false;
  for (const [at, fact] of testimony.facts.entries()) {
    if (fact.kind !== "befriended" && fact.kind !== "estranged") continue;
    const pair = new Set([fact.one, fact.other]);
    if (!pair.has(told.from) || !pair.has(told.to)) continue;
    if (at < told.writtenAt) mutual = fact.kind === "befriended";
    else if (fact.kind === "estranged") return false;
  }
  // one that is gone may have answered a session that was over: then the message waits for the next device, unreported
  const delivered = [...testimony.devices.values()].some(
    (device) => device.account === told.to && device.removedAt === undefined && device.answered.has(told.key),
  );
  return mutual && delivered;
}
