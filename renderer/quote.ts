/** A quote repeats enough to know what is meant, not the whole message. */
const longestQuote = 280;
const quoteLines = 4;

const leading = /^(?:>[^\n]*(?:\n|$))+/;

/**
 * Takes a body apart: the leading lines that begin with `>` are a quote (W21), the rest is the answer.
 * A body of such lines only answers nothing: it is left as it is.
 */
export function splitQuote(body: string): { quote?: string; answer: string } {
  const [lines = ""] = leading.exec(body) ?? [];
  const answer = body.slice(lines.length).replace(/^\n/, "");
  if (lines === "" || answer.trim() === "") return { answer: body };
  return { quote: lines.replace(/\n$/, "").replace(/^> ?/gm, ""), answer };
}

/** The body of an answer as it goes over the wire: plain text that any other client can read (W21). */
export function joinQuote(quote: string | undefined, answer: string): string {
  return quote === undefined ? answer : `${quote.replace(/^/gm, "> ")}\n${answer}`;
}

/** What is typed but not sent, taken apart as far as it has come: an answer may still be empty. */
export function splitDraft(draft: string): { quote?: string; answer: string } {
  const [lines = ""] = leading.exec(draft) ?? [];
  if (lines === "" || !lines.endsWith("\n")) return { answer: draft };
  return { quote: lines.replace(/\n$/, "").replace(/^> ?/gm, ""), answer: draft.slice(lines.length) };
}

/** What an answer to `body` repeats of it: what was chosen, or its own words without what they quote. */
export function quoteOf(body: string, chosen = ""): string {
  const words = (chosen.trim() === "" ? splitQuote(body).answer : chosen).trim();
  const lines = words.split(/\s*\n\s*/);
  const text = lines.slice(0, quoteLines).join("\n");
  const cut = text.slice(0, longestQuote).toWellFormed();
  return cut.length < text.length || lines.length > quoteLines ? `${cut.trimEnd()}…` : cut;
}

/** A text as quotes are compared: on one line, however it is spaced. */
const onOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Whether a message says what is quoted, in its own words. */
export function isQuoteOf(quote: string, body: string): boolean {
  const wanted = onOneLine(quote.replace(/…$/, ""));
  return wanted !== "" && onOneLine(splitQuote(body).answer).includes(wanted);
}
