import { argv, stdout } from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { openEmbeddedInboxes } from "../server/inboxes/embedded.ts";
import { openRabbitInboxes } from "../server/inboxes/rabbitmq.ts";
import { limitsFor } from "../server/inboxes/usage.ts";
import { type Inboxes, type InboxId } from "../server/inbox.ts";
import { z } from "zod";
import { letter } from "./inbox-letters.ts";

const inboxId = z.string().transform((text) => text as InboxId);
const childTask = z.discriminatedUnion("engine", [
  z.object({
    engine: z.literal("embedded"),
    file: z.string(),
    worker: z.string(),
    inbox: inboxId,
    /** says that a put is stored before it is: the rule must notice */
    fault: z.literal("early").optional(),
  }),
  z.object({ engine: z.literal("rabbitmq"), url: z.string(), inbox: inboxId, fault: z.undefined().optional() }),
]);
export type ChildTask = z.infer<typeof childTask>;

/** Puts 0, 1, 2, … for ever, a few at a time, and writes each number when it is said to be stored. Ended with SIGKILL. */
async function putForEver(inboxes: Inboxes, inbox: InboxId, early: boolean): Promise<void> {
  await inboxes.open(inbox);
  let next = 0;
  const one = async (): Promise<void> => {
    const number = next++;
    const put = async () => inboxes.put([inbox], [letter(number)]);
    if (early) void pause(100).then(put);
    else await put();
    stdout.write(`${number}\n`);
  };
  for (;;) {
    await Promise.all([one(), one(), one()]);
    await pause(1);
  }
}

const task = childTask.parse(JSON.parse(argv[2] ?? ""));
const parts = { limits: limitsFor(1_000_000), park: () => Promise.resolve(), failed: () => undefined };
const inboxes =
  task.engine === "embedded"
    ? await openEmbeddedInboxes({ file: task.file, worker: new URL(task.worker) }, parts)
    : await openRabbitInboxes(task.url, parts);
await putForEver(inboxes, task.inbox, task.fault === "early");
