import { type Inboxes } from "../../server/inbox.ts";
import { inboxFaults } from "../changed-inboxes.ts";
import { type PlantedFault } from "./planted.ts";

/** Either engine with the fault that was asked for; faults of other parts leave it as it is. */
export function plantInto(real: Inboxes, fault: PlantedFault): Inboxes {
  switch (fault) {
    case "two-in-flight": // faulty-link.ts
    case "forget-on-lost-reply": // faulty-outbox.ts
      return real;
    default:
      return inboxFaults[fault](real);
  }
}
