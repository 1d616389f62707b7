import type { WireError } from "../wire/contract.ts";
import type { Locale } from "../wire/ipc.ts";
import { en } from "./text.en.ts";
import { ptBR } from "./text.pt-BR.ts";

/** Every word the window can say. The Portuguese catalogue is the original: another that lacks a key does not compile. */
export type Text = typeof ptBR;

const catalogues: Readonly<Record<Locale, Text>> = { "pt-BR": ptBR, en };

export function catalogueFor(locale: Locale): Text {
  return catalogues[locale];
}

/** What a refusal is about, for its sentence. */
export interface About {
  /** the person or account that the request named */
  readonly name: string;
  readonly relay: string;
}

/** The sentence a person reads for a refusal: what happened and what to do. */
export function sentence(text: Text, error: WireError, about: About): string {
  const waitSeconds = error.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(error.retryAfterMs / 1_000));
  return text.errors[error.code]({ ...about, ...(waitSeconds !== undefined && { waitSeconds }) });
}

/** The relay as people say it: without the scheme they did not choose. */
export function relayLabel(relay: string): string {
  return relay.replace(/^(https?|wss?):\/\//, "").replace(/\/+$/, "");
}
