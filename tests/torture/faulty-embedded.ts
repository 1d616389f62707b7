import { openEmbeddedInboxes as openReal } from "../../server/inboxes/embedded.ts";
import { plantInto } from "./faulty-inboxes.ts";
import { chosenFault } from "./planted.ts";

/** In place of server/inboxes/embedded.ts in the torture's faulty relay. */
export const openEmbeddedInboxes: typeof openReal = async (...args) =>
  plantInto(await openReal(...args), chosenFault());
