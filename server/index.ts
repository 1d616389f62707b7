import { linkText } from "../wire/link.ts";
import { systemClock } from "./clock.ts";
import { readCommand, StartError, usage } from "./config.ts";
import { addressOf, openDataFolder } from "./data-folder.ts";
import { makeInvite } from "./invites.ts";
import { openLog } from "./log.ts";
import { moveInboxes } from "./move-inboxes.ts";
import { serve } from "./serve.ts";

/** Composition root: the command line, the signals, and the exit codes. */
const worker = new URL("./inbox-worker.mjs", import.meta.url);

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2), process.env);
  switch (command.kind) {
    case "help":
      process.stdout.write(usage);
      return;
    case "invite": {
      const folder = await openDataFolder(command.data, "visitor");
      const address = await addressOf(folder.database);
      const { code, expiresAt } = await makeInvite(folder.database, Date.now());
      await folder.close();
      process.stdout.write(`${code}\n`);
      // the code alone is on standard output, for scripts; the link is for people who have the app
      const relay = (command.guessed ? address : undefined) ?? command.publicUrl;
      const link = linkText({ kind: "join", relay, invite: code });
      process.stderr.write(`For one person, until ${new Date(expiresAt).toUTCString()}. As a link: ${link}\n`);
      if (address === undefined) {
        process.stderr.write(
          `No relay has run on the folder ${command.data} yet. If yours has another, the code is of no use there: give --data.\n`,
        );
      }
      return;
    }
    case "move-inboxes": {
      const moved = await moveInboxes(command.config, command.to, { worker, log: openLog("warn"), broken: fail });
      process.stdout.write(`Moved ${moved} envelopes to ${command.to}.\n`);
      return;
    }
    case "serve": {
      const log = openLog(process.env["RECADO_LOG"] ?? "info");
      const starting = serve(command.config, { worker, log, broken: fail }, systemClock);
      const stop = (signal: string): void => {
        log.info({ event: "stopping", signal }, "stopping");
        starting
          .then((relay) => relay.stop())
          .then(
            () => process.exit(0),
            (error: unknown) => {
              log.error({ event: "stop-failed", err: error }, "the relay did not stop cleanly");
              process.exit(1);
            },
          );
      };
      // before it says that it listens: whoever reads that may stop it at once
      process.on("SIGTERM", stop);
      process.on("SIGINT", stop);
      await starting;
      return;
    }
  }
}

/** What is broken for good ends here: whoever watches over the relay starts it again, and nothing accepted is lost. */
function fail(error: unknown): never {
  const known = error instanceof StartError;
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(known ? `${error.message}\n` : `The relay failed by a fault of its own: ${fault}\n`);
  process.exit(known ? error.exitCode : 1);
}

main().catch(fail);
