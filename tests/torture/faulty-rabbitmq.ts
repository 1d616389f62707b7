import { openRabbitInboxes as openReal } from "../../server/inboxes/rabbitmq.ts";
import { plantInto } from "./faulty-inboxes.ts";
import { chosenFault } from "./planted.ts";

/** In place of server/inboxes/rabbitmq.ts in the torture's faulty relay. */
export const openRabbitInboxes: typeof openReal = async (...args) => plantInto(await openReal(...args), chosenFault());
