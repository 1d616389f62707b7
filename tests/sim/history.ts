import { type ErrorCode } from "../../wire/contract.ts";
import { type MessageStatus } from "../../wire/message-status.ts";

/**
 * What was seen from outside during one history, in the order in which it happened.
 * Names are folded names; ids and devices are their UUIDs. A fact says what somebody could observe
 * (a person at a window, a wire tap), never what the code under test meant to do.
 */
export type Fact =
  | { readonly kind: "device-added"; readonly device: string; readonly account: string }
  /** signed out or revoked, and the relay has said so */
  | { readonly kind: "device-removed"; readonly device: string }
  /** a person wrote, and the window showed it as pending */
  | {
      readonly kind: "written";
      readonly device: string;
      readonly to: string;
      readonly id: string;
      readonly body: string;
    }
  /** a request with this message reached the relay */
  | {
      readonly kind: "asked";
      readonly device: string;
      readonly to: string;
      readonly id: string;
      readonly chain?: string | undefined;
      readonly number?: number | undefined;
    }
  /** the relay said `ok: true` for it, whether or not the words arrived */
  | { readonly kind: "accepted"; readonly device: string; readonly id: string }
  | { readonly kind: "refused"; readonly device: string; readonly id: string; readonly code: ErrorCode }
  /** the relay put a batch on this session's wire; `batch` tells the batches of one history apart */
  | { readonly kind: "handed"; readonly session: number; readonly batch: number }
  /** the batch was answered, well or ill */
  | { readonly kind: "batch-over"; readonly session: number; readonly batch: number }
  /** the relay knows that the connection is gone, or has died itself */
  | { readonly kind: "session-over"; readonly session: number }
  /** the device answered `ok: true` for a batch that held these messages */
  | { readonly kind: "answered"; readonly device: string; readonly messages: readonly MessageKey[] }
  /** a window heard of a new message */
  | { readonly kind: "shown"; readonly device: string; readonly message: ShownMessage }
  | { readonly kind: "deleted"; readonly device: string; readonly from: string; readonly id: string }
  /** a person looked at these messages of one conversation */
  | { readonly kind: "looked"; readonly device: string; readonly ids: readonly string[] }
  /** a window heard of a status of an own message */
  | { readonly kind: "status"; readonly device: string; readonly id: string; readonly status: MessageStatus }
  /** from here on `by` may be blocked or declined by `against`'s wish: asked for, perhaps not yet done */
  | { readonly kind: "shut"; readonly by: string; readonly against: string }
  /** unblocked or added again, and the relay has said so */
  | { readonly kind: "opened"; readonly by: string; readonly against: string }
  /** the relay answered `presence:set offline` on this session */
  | { readonly kind: "held"; readonly session: number }
  /** `presence:set online` left the device on this session */
  | { readonly kind: "released"; readonly session: number }
  /** the relay could not store for a while: receipts may be given up (G5) */
  | { readonly kind: "relay-disk-full" }
  /** two accounts are mutual, as the relay said to one of them */
  | { readonly kind: "befriended"; readonly one: string; readonly other: string }
  /** they may no longer be */
  | { readonly kind: "estranged"; readonly one: string; readonly other: string };

export interface MessageKey {
  readonly from: string;
  readonly id: string;
}

export interface ShownMessage extends MessageKey {
  /** the person the conversation is with */
  readonly with: string;
  readonly body: string;
}

/** One device's log as its database has it at the end, in the order of the window. */
export interface LoggedMessage extends ShownMessage {
  readonly status: MessageStatus;
  readonly waitsFor?: ErrorCode | undefined;
}

export interface DeviceEnd {
  readonly device: string;
  readonly account: string;
  readonly log: readonly LoggedMessage[];
  /** rows still in the outbox */
  readonly outbox: number;
}

export interface InboxEnd {
  readonly inbox: string;
  /** whether a device that still exists reads it; the inbox of a last device waits for the next (G11) */
  readonly read: boolean;
  readonly envelopes: number;
}

/** How the world stood when everything was healed and nothing moved any more. */
export interface Ending {
  /** false: it was still moving when the time was up */
  readonly quiet: boolean;
  readonly devices: readonly DeviceEnd[];
  readonly inboxes: readonly InboxEnd[];
}

export interface History {
  readonly facts: readonly Fact[];
  readonly ending: Ending;
}
