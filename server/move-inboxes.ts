import { type RelayConfig, StartError } from "./config.ts";
import { type Engine, openDataFolder, setEngine } from "./data-folder.ts";
import { InboxError, inboxId, type InboxId, type Inboxes } from "./inbox.ts";
import { type Ground, openInboxes } from "./serve.ts";

const appetite = { envelopes: 256, bytes: 1_048_576 };

/**
 * Moves every inbox to the other engine, in order, with the relay stopped: put there, then settled here.
 * Interrupted, it is simply run again; readers drop what came over twice (G2).
 * @returns how many envelopes went over
 * @throws StartError when the folder or the broker cannot be reached, or a relay is running
 */
export async function moveInboxes(config: RelayConfig, to: Engine, ground: Ground): Promise<number> {
  const folder = await openDataFolder(config.data, "relay");
  let embedded: Inboxes | undefined;
  let rabbit: Inboxes | undefined;
  try {
    embedded = await openInboxes({ ...config, amqp: undefined }, folder, ground);
    rabbit = await openInboxes(config, folder, ground);
    const [source, target] = to === "rabbitmq" ? [embedded, rabbit] : [rabbit, embedded];
    const rows = await folder.database.selectFrom("inbox").select("id").execute();
    let moved = 0;
    for (const { id } of rows) moved += await moveOne(inboxId(id), source, target);
    await setEngine(folder.database, to);
    for (const { id } of rows) await source.remove(inboxId(id));
    return moved;
  } catch (error) {
    if (error instanceof InboxError)
      throw new StartError(`${error.message} Nothing is lost: run the same command again.`, 1);
    throw error;
  } finally {
    await rabbit?.close();
    await embedded?.close();
    await folder.close();
  }
}

async function moveOne(inbox: InboxId, source: Inboxes, target: Inboxes): Promise<number> {
  await target.open(inbox);
  await source.open(inbox);
  let moved = 0;
  let failure: unknown;
  const consumption = await source.consume(
    inbox,
    async (batch) => {
      try {
        await target.put(
          [inbox],
          batch.map(({ stored }) => stored),
        );
        moved += batch.length;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    () => appetite,
  );
  while (source.waiting(inbox).envelopes > 0 && failure === undefined)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await consumption.stop();
  if (failure instanceof Error) throw failure;
  return moved;
}
