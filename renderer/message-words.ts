import type { ConnectionState, ContactView, MessageView } from "../wire/ipc.ts";
import { shownName, slipPatienceMs } from "./contact-words.ts";
import type { Format } from "./format.ts";
import { splitQuote } from "./quote.ts";
import { sentence, type About, type Text } from "./text.ts";

/** What the words about a message depend on, besides the message. */
export interface Words {
  readonly text: Text;
  readonly format: Format;
  readonly now: number;
}

/** Of the connection only its kind is said in the log. */
type Connected = Pick<ConnectionState, "kind">;

/**
 * What every message of a log needs to know about the conversation. It is another one only when something in it changed: a
 * contact and an account are told anew at every word, and the whole log would be worked out anew with them.
 */
export interface Talk {
  /** the other one */
  readonly name: string;
  readonly writable: boolean;
  readonly connection: Connected;
  readonly about: About;
}

/** The small sign beside a status; `none` for what somebody else wrote. */
export type StatusMark = "none" | "clock" | "tray" | "check" | "checks" | "cross";

export interface StatusWords {
  readonly mark: StatusMark;
  readonly words: string;
  /** the same with all that is known, for whoever points at the message or hears it read */
  readonly whole?: string;
  /** why it was refused or is made to wait, and what to do: a sentence */
  readonly why?: string;
}

/**
 * The status of a message in words.
 * @param ahead own messages to the same person that wait before it; `overtaken`: a later one has arrived already
 */
export function statusWords(
  message: MessageView,
  connection: Connected,
  about: About,
  { text, format, now }: Words,
  ahead: number | "overtaken" = 0,
): StatusWords {
  if (!message.mine) return { mark: "none", words: "" };
  // what waits is sent again by itself: "try again" would be somebody else's work
  const waits = message.status === "pending" && message.refusal?.code === "unavailable";
  const why = message.refusal && { why: waits ? text.message.notStored : sentence(text, message.refusal, about) };
  switch (message.status) {
    case "pending": {
      const leaving = connection.kind === "online" && !message.refusal;
      const words = leaving ? text.message.sending : text.message.queued(format.moment(message.sentAt, now));
      return { mark: "clock", words, ...why };
    }
    case "refused":
      return { mark: "cross", words: text.message.refused, ...why };
    case "accepted":
      // in order (G3): it was taken without a receipt, or will never come. Neither is known, so neither is said.
      if (ahead === "overtaken") return { mark: "tray", words: text.message.unconfirmed };
      return {
        mark: "tray",
        words: text.message.accepted,
        whole: text.message.keptSince(format.moment(message.acceptedAt ?? message.sentAt, now), ahead),
      };
    case "delivered":
      return { mark: "check", words: text.message.delivered };
    case "read":
      return { mark: "checks", words: text.message.read };
  }
}

/** What a screen reader says for one message: who, what, when, and how far it has come. */
export function messageLabel(
  message: MessageView,
  sender: string,
  status: StatusWords,
  { text, format, now }: Words,
): string {
  const words = status.why ? text.listAnd(`${status.words}.`, status.why) : (status.whole ?? status.words);
  const { quote, answer } = splitQuote(message.body);
  return text.message.label(
    message.mine ? text.message.you : sender,
    quote === undefined ? answer : text.message.answers(quote, answer),
    format.moment(message.sentAt, now),
    words,
  );
}

/**
 * The amber slips of a conversation: what the relay keeps for its reader, and what this computer keeps for the relay.
 * @param pending own messages of this conversation that the relay has not accepted, oldest first
 */
export function waitingSlips(
  contact: ContactView,
  pending: readonly MessageView[],
  connection: Connected,
  { text, format, now }: Words,
): string[] {
  const slips: string[] = [];
  const { waiting } = contact;
  if (waiting && waiting.count > 0 && (contact.presence === "offline" || now - waiting.since >= slipPatienceMs)) {
    slips.push(text.message.kept(waiting.count, shownName(contact), format.moment(waiting.since, now)));
  }
  const oldest = pending[0];
  if (oldest) {
    const since = format.moment(oldest.sentAt, now);
    if (connection.kind === "held") slips.push(text.message.waitingOnline(pending.length, since));
    else if (connection.kind !== "online") slips.push(text.message.waitingConnection(pending.length, since));
    else if (now - oldest.sentAt >= slipPatienceMs) slips.push(text.message.waitingRelay(pending.length, since));
  }
  return slips;
}
