import { type Clock, pause } from "./clock.ts";
import { isLoopback, type RelayConfig, StartError } from "./config.ts";
import { checkEngine, type DataFolder, openDataFolder, setAddress, usageKeeper } from "./data-folder.ts";
import { listen, openHttp } from "./http.ts";
import { InboxError, type Inboxes } from "./inbox.ts";
import { openEmbeddedInboxes } from "./inboxes/embedded.ts";
import { openRabbitInboxes } from "./inboxes/rabbitmq.ts";
import { limitsFor } from "./inboxes/usage.ts";
import { type Log } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { openPasswords } from "./passwords.ts";
import { noRates, openRates } from "./rates.ts";
import { openRelay } from "./relay.ts";
import { buildRooms } from "./rooms.ts";
import { SqliteOpenError } from "./sqlite.ts";

/** A planned stop may take 10 s: this long what is in flight may be answered, and this long everything, the process's own end aside. */
const drainMs = 7_000;
const stopMs = 9_000;
const sweepEveryMs = 3_600_000;

/** What a process brings along for its inboxes. */
export interface Ground {
  /** the built inbox-worker.ts */
  readonly worker: URL;
  readonly log: Log;
  /** told when the inboxes can never be written again by this process: it has to end, and to be started anew */
  readonly broken: (error: Error) => void;
}

/** @throws StartError when the folder or the broker cannot be used */
export async function openInboxes(config: RelayConfig, folder: DataFolder, ground: Ground): Promise<Inboxes> {
  const { worker, log, broken } = ground;
  const limits = limitsFor(config.inboxLimit);
  const park: DataFolder["park"] = async (inbox, raw, reason) => {
    await folder.park(inbox, raw, reason);
    log.error(
      { event: "envelope-parked", inbox, reason },
      "a stored envelope could not be read and was set aside in the folder 'parked'",
    );
  };
  try {
    if (config.amqp !== undefined)
      return await openRabbitInboxes(config.amqp, { limits, park, keeper: usageKeeper(folder.database) });
    return await openEmbeddedInboxes(
      { file: folder.inboxFile, worker },
      {
        limits,
        park,
        failed: (error) => {
          log.fatal(
            { event: "inboxes-failed", err: error },
            "the inboxes cannot be written any more; start the relay again",
          );
          broken(error);
        },
      },
    );
  } catch (error) {
    if (error instanceof SqliteOpenError || error instanceof InboxError) throw new StartError(error.message, 1);
    throw error;
  }
}

/**
 * Builds the relay from its parts and runs it.
 * @returns what stops it: refuses new work, lets what is in flight end, closes everything; resolves after 9 s at the latest,
 *   with what did not answer still open, so the process has to end then
 * @throws StartError
 */
export async function serve(
  config: RelayConfig,
  ground: Ground,
  clock: Clock,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { log } = ground;
  const failed = (error: unknown): void =>
    log.error({ event: "background-failed", err: error }, "something in the background failed and will be tried again");
  const folder = await openDataFolder(config.data, "relay");
  const { database } = folder;
  await checkEngine(database, config.data, config.amqp === undefined ? "embedded" : "rabbitmq");
  const inboxes = await openInboxes(config, folder, ground);
  const rates = config.limits === "none" ? noRates : openRates();
  const { rooms, presences, last, activity } = await buildRooms({
    database,
    inboxes,
    passwords: openPasswords(),
    rates,
    registration: config.registration,
    clock,
    delivered: (envelopes) => metrics.delivered(envelopes),
    failed,
  });
  const { deviceRemoval, notices, receipts, sessions } = rooms;
  const metrics = new Metrics({ sessions: () => sessions.count, ready: () => inboxes.ready() });
  const http = openHttp(config, {
    ready: () => inboxes.ready(),
    metrics: async () => ({ type: metrics.contentType, text: await metrics.text() }),
  });
  const relay = openRelay(http, rooms, activity, metrics, log, clock, { mostSessions: config.sessionLimit });
  let sweeping = (): void => undefined;
  const sweep = (): void => {
    deviceRemoval.sweep().catch(failed);
    sweeping = clock.after(sweepEveryMs, sweep);
  };

  const close = async (): Promise<void> => {
    sweeping();
    await sessions.stop(drainMs);
    await relay.close();
    receipts.close();
    await notices.close();
    await deviceRemoval.close();
    await inboxes.close();
    await Promise.all([last.close(), activity.close(), presences.close()]);
    await folder.close();
  };

  /**
   * A broker that says nothing may hold up any of it: putting receipts, closing a channel. What was accepted is safe at every
   * moment (G1), so a stop that is out of time ends where it is, and the next start goes on from there.
   */
  const closeInTime = async (): Promise<void> => {
    const patience = new AbortController();
    const late = pause(clock, stopMs, patience.signal).then(() => "late" as const);
    if ((await Promise.race([close(), late])) === "late")
      log.warn({ event: "stop-cut-short" }, "ended before everything was closed: something did not answer in time");
    patience.abort();
  };
  let stopping: Promise<void> | undefined;

  let url: string;
  try {
    url = await listen(http.server, config);
  } catch (error) {
    await close();
    throw error;
  }
  // port 0 was any port: now it has a number. A full disk is no reason not to start.
  await setAddress(database, config.publicUrl.replace(/:0$/, `:${new URL(url).port}`)).catch(failed);
  if (!config.tls && !isLoopback(config.host)) {
    log.warn(
      { event: "unencrypted" },
      "passwords and messages cross the network unencrypted: give --tls-cert and --tls-key, or let a proxy end TLS",
    );
  }
  log.info({ event: "listening", url, inboxes: inboxes.engine, registration: config.registration }, "listening");
  void notices.put(); // owed since before the last stop
  sweep();
  return { url, stop: () => (stopping ??= closeInTime()) };
}
