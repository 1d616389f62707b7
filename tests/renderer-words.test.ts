import { describe, expect, it } from "vitest";
import { bodyBytes, bodyFrom, bytesLeft } from "../renderer/body-size.ts";
import { previewOf } from "../renderer/body-preview.ts";
import { connectionNotice, ownPresence } from "../renderer/connection-words.ts";
import {
  compareContacts,
  contactLabel,
  contactLine,
  lastLine,
  matchesContact,
  rowLine,
  slipPatienceMs,
} from "../renderer/contact-words.ts";
import { formatFor } from "../renderer/format.ts";
import { messageLabel, statusWords, waitingSlips } from "../renderer/message-words.ts";
import { fieldAtFault } from "../renderer/sign-in-form.ts";
import { catalogueFor, relayLabel, sentence } from "../renderer/text.ts";
import { errorCodes, refusal, type ErrorCode } from "../wire/contract.ts";
import { type ConnectionState } from "../wire/ipc.ts";
import { limits, utf8Length } from "../wire/model.ts";
import { account, contact, message, today } from "./renderer-harness/world.ts";

const locales = ["pt-BR", "en"] as const;
const codes = Object.keys(errorCodes) as ErrorCode[];
const about = { name: "Bruno", relay: "casa.local" };
const now = today(15, 0);
const words = (locale: "pt-BR" | "en", at = now) => ({
  text: catalogueFor(locale),
  format: formatFor(locale),
  now: at,
});
const pt = words("pt-BR");
const en = words("en");
const online: ConnectionState = { kind: "online", since: 0 };
const held: ConnectionState = { kind: "held", since: 0, waiting: 0 };
const cut = (retryInMs: number, code: ErrorCode = "relay-unreachable"): ConnectionState => ({
  kind: "unreachable",
  attempt: 2,
  retryAt: now + retryInMs,
  error: refusal(code, ""),
});

describe("the catalogues", () => {
  it.each(locales)("[W4] every error code has a sentence that ends and names nothing undefined (%s)", (locale) => {
    for (const code of codes) {
      const said = sentence(catalogueFor(locale), refusal(code, ""), about);
      expect(said, code).toMatch(/^\p{Lu}.*\.$/su);
      expect(said, code).not.toContain("undefined");
      expect(said.length, code).toBeGreaterThan(25);
    }
  });

  it("[W4] no sentence is left untranslated", () => {
    for (const code of codes) {
      const error = refusal(code, "");
      expect(sentence(pt.text, error, about), code).not.toBe(sentence(en.text, error, about));
    }
  });

  it("[W4] how long to wait is said in seconds, rounded up", () => {
    expect(sentence(pt.text, refusal("rate-limited", "", 1_200), about)).toContain("em 2 segundos");
    expect(sentence(en.text, refusal("rate-limited", "", 10), about)).toContain("in 1 second.");
  });

  it("[W4] plurals and numbers are right in both languages", () => {
    expect(pt.text.contacts.unread(1)).toBe("1 mensagem não lida");
    expect(pt.text.contacts.unread(1_200)).toBe("1.200 mensagens não lidas");
    expect(en.text.contacts.unread(1_200)).toBe("1,200 unread messages");
  });

  it("[W4] times are said as people say them", () => {
    const format = formatFor("pt-BR");
    expect(format.moment(today(14, 2), now)).toBe("14:02");
    expect(format.moment(today(14, 2) - 86_400_000, now)).toBe("ontem, 14:02");
    expect(formatFor("en").day(now, now)).toBe("today");
    expect(format.listed(new Date(2020, 10, 12, 9).getTime(), new Date(2020, 10, 30).getTime())).toContain("12");
    expect(format.listed(new Date(2019, 10, 12, 9).getTime(), new Date(2020, 10, 30).getTime())).toContain("2019");
  });

  it("[W4] a refusal of sign-in leads to the field at fault", () => {
    expect(fieldAtFault("name-taken")).toBe("name");
    expect(fieldAtFault("credentials-invalid")).toBe("password");
    expect(fieldAtFault("invite-needed")).toBe("invite");
    expect(fieldAtFault("relay-not-found")).toBe("relay");
    expect(fieldAtFault("unavailable")).toBeUndefined();
  });
});

describe("the words of a message", () => {
  const own = (change: Parameters<typeof message>[1]) => message(1, { mine: true, sentAt: today(14, 2), ...change });

  it("[W3] each status has its word, and somebody else's message has none", () => {
    const said = (change: Parameters<typeof message>[1]) => statusWords(own(change), online, about, pt).words;
    expect(said({ status: "pending" })).toBe("enviando");
    expect(said({ status: "accepted" })).toBe("aceita");
    expect(said({ status: "delivered" })).toBe("entregue");
    expect(said({ status: "read" })).toBe("lida");
    expect(said({ status: "refused" })).toBe("recusada");
    expect(statusWords(message(1), online, about, pt)).toEqual({ mark: "none", words: "" });
  });

  it("[W3] a pending message without a connection says since when it waits, and one made to wait says why", () => {
    expect(statusWords(own({ status: "pending" }), cut(1), about, pt).words).toBe("na fila desde 14:02");
    const full = statusWords(own({ status: "pending", refusal: refusal("inbox-full", "") }), online, about, pt);
    expect(full.words).toBe("na fila desde 14:02");
    expect(full.why).toContain("A caixa de Bruno");
  });

  it("[W3] a message that waits for its reader says since when, and how many of one's own come before it", () => {
    const kept = own({ status: "accepted", acceptedAt: today(14, 2) });
    expect(statusWords(kept, online, about, pt).whole).toBe("guardada no relay desde 14:02");
    // a later one has arrived: this one does not wait, whatever became of it
    expect(statusWords(kept, online, about, pt, "overtaken")).toEqual({
      mark: "tray",
      words: "enviada, chegada não confirmada",
    });
    expect(statusWords(kept, online, about, pt, 2).whole).toBe(
      "guardada no relay desde 14:02, depois de 2 anteriores suas",
    );
  });

  it("[W3] a relay that cannot store is said so; nobody is asked to try again what is tried again by itself", () => {
    const waits = own({ status: "pending", refusal: refusal("unavailable", "", 2_000) });
    expect(statusWords(waits, online, about, pt).why).toBe(pt.text.message.notStored);
  });

  it("[W3] the accessible name of a message is who, what, when and how far", () => {
    const read = own({ body: "oi", status: "read" });
    expect(messageLabel(read, "Bruno", statusWords(read, online, about, pt), pt)).toBe("Você: oi. 14:02, lida");
    const heard = message(1, { body: "oi", sentAt: today(14, 2) });
    expect(messageLabel(heard, "Bruno", statusWords(heard, online, about, en), en)).toBe("Bruno: oi. 14:02");
    const refused = own({ body: "oi", status: "refused", refusal: refusal("unknown-name", "") });
    expect(messageLabel(refused, "Bruno", statusWords(refused, online, about, en), en)).toMatch(/refused\. Nobody/);
  });

  it("[W3] what the relay keeps for an absent reader is said with its number and since when", () => {
    const bruno = contact("Bruno", { presence: "offline", waiting: { count: 3, since: today(14, 2) } });
    expect(waitingSlips(bruno, [], online, pt)).toEqual(["3 mensagens guardadas para Bruno desde 14:02"]);
    expect(waitingSlips(bruno, [], online, en)).toEqual(["3 messages kept for Bruno since 14:02"]);
    expect(waitingSlips(contact("Bruno", { presence: "offline" }), [], online, pt)).toEqual([]);
  });

  it("[W3] with the reader online a slip only comes when a delivery is slow", () => {
    const bruno = contact("Bruno", { waiting: { count: 1, since: now - slipPatienceMs + 1 } });
    expect(waitingSlips(bruno, [], online, pt)).toEqual([]);
    expect(waitingSlips(bruno, [], online, words("pt-BR", now + 1))).toHaveLength(1);
  });

  it("[W3] what this computer keeps for the relay is said by its cause", () => {
    const bruno = contact("Bruno");
    const pending = [own({ status: "pending", sentAt: today(13, 58) }), own({ status: "pending" })];
    expect(waitingSlips(bruno, pending, cut(1), pt)).toEqual(["2 mensagens esperando conexão desde 13:58"]);
    expect(waitingSlips(bruno, pending, held, pt)).toEqual(["2 mensagens esperando você ficar online desde 13:58"]);
    expect(waitingSlips(bruno, pending, online, en)).toEqual(["2 messages queued since 13:58"]);
    expect(waitingSlips(bruno, [own({ status: "pending", sentAt: now })], online, pt)).toEqual([]);
  });
});

describe("the words of the connection", () => {
  const notice = (change: Parameters<typeof account>[0], locale: "pt-BR" | "en" = "pt-BR") =>
    connectionNotice(account(change), words(locale).text, words(locale).format, now);

  it("[W5] nothing is said while all is well, nor during the first try", () => {
    expect(notice({})).toBeUndefined();
    expect(notice({ connection: { kind: "connecting", attempt: 1 } })).toBeUndefined();
    expect(notice({ connection: { kind: "connecting", attempt: 2 } })?.title).toBe("Conectando de novo…");
  });

  it("[W5] an unreachable relay has a countdown, what waits, and a way to try now", () => {
    const said = notice({ connection: cut(11_100), pending: 2 });
    expect(said).toMatchObject({
      title: "Sem conexão com casa.local:4567.",
      countdown: "Nova tentativa em 12 segundos.",
      details: ["2 mensagens suas estão guardadas aqui e saem sozinhas."],
      action: "retry",
    });
    expect(notice({ connection: cut(500) }, "en")?.countdown).toBe("Next try in 1 second.");
    expect(notice({ connection: cut(-5) }, "en")?.countdown).toBe("Trying now…");
  });

  it("[W5] another reason than silence is said in a sentence", () => {
    expect(notice({ connection: cut(1, "not-a-relay") })?.details[0]).toContain("não é um relay");
  });

  it("[W5] offline by choice says so, and how many wait", () => {
    const connection = { kind: "held", since: 0, waiting: 3, oldestAt: today(14, 2) } as const;
    const said = notice({ connection, wish: "offline", pending: 1 });
    expect(said?.title).toBe("Você está offline.");
    expect(said?.details).toEqual([
      "3 mensagens esperam por você desde 14:02.",
      "1 mensagem sua sai quando você ficar online.",
    ]);
    expect(notice({ connection: held }, "en")?.details[0]).toContain("Nothing is waiting");
    expect(notice({ connection: { kind: "connecting", attempt: 1 }, wish: "offline" }, "en")?.title).toBe(
      "You are offline.",
    );
  });

  it("[W5] an ended session says why and what to do", () => {
    const ended = (reason: Extract<ConnectionState, { kind: "ended" }>["reason"]) =>
      notice({ connection: { kind: "ended", reason } });
    expect(ended("replaced")?.action).toBe("resume");
    expect(ended("revoked")?.action).toBe("password");
    expect(ended("token-invalid")?.action).toBe("password");
    expect(ended("signed-out")?.action).toBe("password");
    expect(ended("protocol-unsupported")?.title).toContain("outra versão");
  });

  it("[W5] one's own presence is a word in every state", () => {
    const said = [online, held, cut(1), { kind: "connecting", attempt: 1 } as const].map(
      (connection) => ownPresence(connection, false, pt.text).word,
    );
    expect(said).toEqual(["online", "offline", "sem conexão", "conectando…"]);
  });

  it("[W5] a relay is called as people typed it, without the scheme", () => {
    expect(relayLabel("https://recado.example.org/")).toBe("recado.example.org");
  });
});

describe("the words of a contact", () => {
  it("[W6] its accessible name is the name, the presence and what is unread", () => {
    expect(contactLabel(contact("Bruno"), pt)).toBe("Bruno, online");
    expect(contactLabel(contact("Bruno", { presence: "offline", unread: 2 }), en)).toBe(
      "Bruno, offline, 2 unread messages",
    );
    expect(contactLabel(contact("Bruno", { state: "pending" }), pt)).toBe("Bruno, pedido enviado");
  });

  it("[W10] an alias comes first, the name itself is said and found, and so is what is muted or marked", () => {
    const bia = contact("bia.souza", { alias: "Beatriz", muted: true, marked: true });
    expect(contactLabel(bia, en)).toBe("Beatriz, online, marked as unread, username bia.souza, muted");
    expect(matchesContact(bia, "BEAT")).toBe(true);
    expect(matchesContact(bia, "souza")).toBe(true);
    expect(matchesContact(bia, "bruno")).toBe(false);
  });

  it("[W3] what waits for somebody is said in the list, in words and in the name, and not before it is news", () => {
    const waiting = { count: 3, since: today(14, 2) };
    const last = { body: "até já", mine: true, at: today(14, 3), status: "accepted" } as const;
    const away = contact("Bruno", { presence: "offline", waiting, last });
    expect(contactLabel(away, pt)).toBe("Bruno, offline, 3 mensagens esperando desde 14:02");
    expect(rowLine(away, en)).toEqual({ kind: "waiting", words: "3 waiting since 14:02" });
    // their own word is not hidden behind it
    const theirs = { body: "oi", mine: false, at: today(14, 4), status: "delivered" } as const;
    expect(rowLine({ ...away, last: theirs }, en)).toEqual({ kind: "said", words: "oi" });
    // somebody who is there usually has it within milliseconds
    const fresh = contact("Bruno", { last, waiting: { count: 1, since: now - slipPatienceMs + 1 } });
    expect(rowLine(fresh, en)).toEqual({ kind: "said", words: "You: até já" });
    // and what was begun and not sent comes before all of it
    expect(rowLine({ ...away, draft: "quase\n pronto" }, pt)).toEqual({
      kind: "draft",
      words: "Rascunho: quase pronto",
    });
    // what has not left this computer counts too, from the older of both
    const both = { ...away, pending: { count: 2, since: today(13, 50) } };
    expect(contactLabel(both, en)).toBe("Bruno, offline, 5 messages waiting since 13:50");
  });

  it("[W6] when an absent contact was last seen is said, and nothing is claimed about one that is not mutual", () => {
    const seen = { presence: "offline", lastSeen: today(14, 1) } as const;
    expect(contactLine(contact("Bruno", seen), pt.text, pt.format, now)).toBe("offline · visto: 14:01");
    expect(contactLine(contact("Bruno", { ...seen, state: "blocked" }), pt.text, pt.format, now)).toBe("bloqueado");
    const untold = contact("Bruno", { ...seen, presence: "unknown" });
    expect(contactLine(untold, pt.text, pt.format, now)).toBe("visto: 14:01");
    expect(contactLabel(untold, pt)).toBe("Bruno");
  });

  it("[W6] the list is in order of the last word, then by name, and is found without accents", () => {
    const last = { body: "a\n b", mine: true, at: 2, status: "read" } as const;
    const list = [contact("Zeca"), contact("Ábaco"), contact("Caio", { last })].sort(compareContacts);
    expect(list.map((one) => one.name)).toEqual(["Caio", "Ábaco", "Zeca"]);
    expect(lastLine(contact("Caio", { last }), pt.text)).toBe("Você: a b");
    expect(matchesContact(contact("João"), " joao ")).toBe(true);
    expect(matchesContact(contact("João"), "z")).toBe(false);
  });
});

describe("the size of what is typed", () => {
  it("[G9] the interface has the relay's limit, counted as the relay counts", () => {
    expect(bodyBytes).toBe(limits.bodyBytes);
    const exact = "é".repeat(limits.bodyBytes / 2);
    expect(utf8Length(exact)).toBe(limits.bodyBytes);
    expect(bytesLeft(exact)).toBe(0);
    expect(bytesLeft(`${exact}a`)).toBe(-1);
    expect(bytesLeft("short")).toBeUndefined();
  });

  it("[G9] what is sent is valid UTF-8, without blank ends, and never empty", () => {
    expect(bodyFrom("  \n ")).toBe("");
    expect(bodyFrom("\n\n  a\n b \n")).toBe("  a\n b");
    expect(bodyFrom("\ud800a").isWellFormed()).toBe(true);
  });

  it("[W6] a very long message is shown in part, an ordinary one whole", () => {
    expect(previewOf("a\n".repeat(20))).toBeUndefined();
    expect(previewOf("x".repeat(2_600))).toBeUndefined();
    expect(previewOf("x".repeat(65_536))?.length).toBe(2_501);
    expect(previewOf("a\n".repeat(500))?.split("\n")).toHaveLength(40);
  });
});
