import { type Inboxes } from "../../server/inbox.ts";
import { changedInboxes, inboxFaults } from "../changed-inboxes.ts";
import { type PlantedFault } from "./planted.ts";

/** Either engine with the fault that was asked for; faults of other parts leave it as it is. */
export function plantInto(real: Inboxes, fault: PlantedFault): Inboxes {
  switch (fault) {
    case "answer-long-before-commit":
      return changedInboxes(real, {
        put: (...put) => {
          setTimeout(() => void real.put(...put).catch(() => undefined), 250);
          return Promise.resolve();
        },
      });
    case "two-in-flight": // faulty-link.ts
    case "forget-on-lost-reply": // faulty-outbox.ts
      return real;
    default:
      return inboxFaults[fault](real);
  }
}
