import { type AccountId, type WindowView } from "../wire/ipc.ts";

/** A conversation of an account: what a notification, a link or a search result points to. */
export interface Target {
  readonly account: AccountId;
  /** the contact's key */
  readonly conversation: string;
}

/** A window as far as the choice between them goes. */
export interface Candidate {
  readonly view: WindowView;
  /** when a person last looked at it, in milliseconds */
  readonly focusedAt: number;
}

export const accountIn = (view: WindowView): AccountId | undefined =>
  view.kind === "sign-in" ? undefined : view.account;

/** Whether a window with this view has the conversation open. */
export const reads = (view: WindowView, { account, conversation }: Target): boolean =>
  view.kind !== "sign-in" && view.account === account && view.conversation === conversation;

/**
 * Where a person would look for a conversation: its own window, one that has it open, one of its account, any other but
 * somebody else's conversation; among equals the one looked at last. `undefined`: none fits.
 */
export function bestFor<Window extends Candidate>(target: Target, windows: readonly Window[]): Window | undefined {
  const rank = ({ view }: Candidate): number => {
    if (reads(view, target)) return view.kind === "conversation" ? 0 : 1;
    if (view.kind === "conversation") return 4;
    return accountIn(view) === target.account ? 2 : 3;
  };
  return windows.filter((window) => rank(window) < 4).sort((a, b) => rank(a) - rank(b) || b.focusedAt - a.focusedAt)[0];
}
