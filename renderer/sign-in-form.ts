import type { ErrorCode } from "../wire/contract.ts";

export type SignInField = "relay" | "name" | "password" | "invite";

/** The field that a refusal of sign-in is about, so that the focus can go there; `undefined` when it is about none. */
export function fieldAtFault(code: ErrorCode): SignInField | undefined {
  switch (code) {
    case "name-invalid":
    case "name-taken":
    case "unknown-name":
    case "account-open":
      return "name";
    case "password-weak":
    case "credentials-invalid":
    case "token-invalid":
      return "password";
    case "invite-needed":
      return "invite";
    case "relay-unreachable":
    case "relay-not-found":
    case "relay-address-invalid":
    case "not-a-relay":
    case "certificate-untrusted":
    case "protocol-unsupported":
      return "relay";
    case "invalid":
    case "relay-full":
    case "rate-limited":
    case "unavailable":
    case "offline":
    case "not-a-contact":
    case "too-long":
    case "inbox-full":
    case "own-name":
    case "already-contact":
    case "blocked":
    case "account-unknown":
    case "storage-failed":
    case "link-refused":
      return undefined;
  }
}
