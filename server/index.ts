import { existsSync } from "node:fs";
import path from "node:path";
import { linkText } from "../wire/link.ts";
import { listAccounts, type RegisteredAccount, renewPassword } from "./account-register.ts";
import { systemClock } from "./clock.ts";
import { readCommand, StartError, usage } from "./config.ts";
import { addressOf, databaseName, openDataFolder } from "./data-folder.ts";
import { type Database } from "./database.ts";
import { makeInvite } from "./invites.ts";
import { openLog } from "./log.ts";
import { moveInboxes } from "./move-inboxes.ts";
import { openPasswords } from "./passwords.ts";
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
    case "accounts": {
      const accounts = await visit(command.data, listAccounts);
      process.stdout.write(accountTable(accounts));
      return;
    }
    case "password": {
      const renewed = await visit(command.data, (database) => renewPassword(database, openPasswords(), command.name));
      if (!renewed)
        throw new StartError(`${command.data} has no account "${command.name}". The command accounts lists them.`, 1);
      process.stdout.write(`${renewed.password}\n`);
      process.stderr.write(
        `The new password of ${renewed.name}: it is shown this once. Their devices have to sign in with it; one that is connected ` +
          `now stays so until its connection ends, or the relay is started again.\n`,
      );
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

/** Looks something up beside the relay. Nothing is made where none has run. */
async function visit<T>(data: string, look: (database: Database) => Promise<T>): Promise<T> {
  if (!existsSync(path.join(data, databaseName)))
    throw new StartError(`No relay has run on the folder ${data} yet. If yours has another, give --data.`, 1);
  const folder = await openDataFolder(data, "visitor");
  try {
    return await look(folder.database);
  } finally {
    await folder.close();
  }
}

/** For people to read, and in columns for scripts. */
function accountTable(accounts: readonly RegisteredAccount[]): string {
  const rows = accounts.map(({ name, devices, lastSeenAt, createdAt }) => [
    name,
    String(devices),
    lastSeenAt === undefined ? "never" : new Date(lastSeenAt).toISOString(),
    new Date(createdAt).toISOString(),
  ]);
  const table = [["name", "devices", "last seen", "since"], ...rows];
  const width = Math.max(...table.map(([name = ""]) => name.length));
  const line = ([name = "", devices = "", seen = "", since = ""]: readonly string[]): string =>
    `${name.padEnd(width)}  ${devices.padStart(7)}  ${seen.padEnd(24)}  ${since}\n`;
  return table.map(line).join("");
}

/** What is broken for good ends here: whoever watches over the relay starts it again, and nothing accepted is lost. */
function fail(error: unknown): never {
  const known = error instanceof StartError;
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(known ? `${error.message}\n` : `The relay failed by a fault of its own: ${fault}\n`);
  process.exit(known ? error.exitCode : 1);
}

main().catch(fail);
