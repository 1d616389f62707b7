import type { UpdateState } from "../wire/update.ts";
import type { Format } from "./format.ts";
import type { Text } from "./text.ts";

/** What the update bar says, and what can be done about it. */
export interface UpdateNotice {
  readonly tone: "calm" | "bad";
  readonly sentence: string;
  readonly action: "download" | "open-page" | "apply" | "check" | "none";
  readonly dismissable: boolean;
}

/** `undefined`: there is nothing to say. */
export function updateNotice(update: UpdateState, { update: words }: Text, format: Format): UpdateNotice | undefined {
  const calm = { tone: "calm", action: "none", dismissable: true } as const;
  switch (update.kind) {
    case "quiet":
      return undefined;
    case "checking":
      return { ...calm, sentence: words.checking, dismissable: false };
    case "current":
      return { ...calm, sentence: words.current };
    case "off":
      return { ...calm, sentence: words.off[update.reason] };
    case "available":
      return update.way === "by-hand"
        ? { ...calm, sentence: words.availableByHand(update.version), action: "open-page" }
        : { ...calm, sentence: words.available(update.version), action: "download" };
    case "downloading":
      return {
        ...calm,
        sentence: words.downloading(update.version, format.number(Math.floor(update.percent))),
        dismissable: false,
      };
    case "ready":
      return { ...calm, sentence: words.ready[update.way](update.version), action: "apply" };
    case "failed":
      return { tone: "bad", sentence: words.failed[update.reason], action: "check", dismissable: true };
  }
}
