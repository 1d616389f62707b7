import { socketLink as linkReal } from "../../server/socket-link.ts";
import { chosenFault } from "./planted.ts";

/** In place of server/socket-link.ts in the torture's faulty relay: the second half of a batch does not wait for the first's answer. */
export const socketLink: typeof linkReal = (socket, clock) => {
  const first = linkReal(socket, clock);
  if (chosenFault() !== "two-in-flight") return first;
  const second = linkReal(socket, clock);
  return {
    ...first,
    closed: () => {
      first.closed();
      second.closed();
    },
    end: (why) => {
      second.closed();
      first.end(why);
    },
    deliver: async (envelopes) => {
      const half = Math.ceil(envelopes.length / 2);
      if (half === envelopes.length) return first.deliver(envelopes);
      const [, answer] = await Promise.all([
        first.deliver(envelopes.slice(0, half)),
        second.deliver(envelopes.slice(half)),
      ]);
      return answer; // what the device said to the later half settles both
    },
  };
};
