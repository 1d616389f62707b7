import { writeFile } from "node:fs/promises";
import path from "node:path";
import { nameOf, password } from "../people.ts";
import { endProcess, freePort, removeFolder, startProcess, temporaryFolder } from "./process.ts";
import { type StartServer } from "./server.ts";

/** Debian's ejabberd with nothing that throttles: no shapers, no limits, no TLS, passwords compared as they are. */
const settings = (port: number, apiPort: number): string => `
hosts: [localhost]
loglevel: 2
listen:
  - { port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: none, access: all, starttls: false, backlog: 4096 }
  - { port: ${apiPort}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: { /api: mod_http_api } }
auth_method: internal
auth_password_format: plain
api_permissions:
  bench: { who: { ip: 127.0.0.1/8 }, what: "*" }
modules:
  mod_offline: { access_max_user_messages: most_offline, store_groupchat: false }
  mod_roster: {}
  mod_stream_mgmt: { max_ack_queue: infinity, ack_timeout: infinity }
  mod_http_api: {}
shaper_rules:
  most_offline: 1000000
`;

/** ejabberd from Debian's package, started as its own script does, without its service and its user. */
export const ejabberd: StartServer = async ({ users }) => {
  const folder = await temporaryFolder("ejabberd");
  const inFolder = (name: string) => path.join(folder, name);
  const [port, apiPort] = [await freePort(), await freePort()];
  await writeFile(inFolder("ejabberd.yml"), settings(port, apiPort));
  const people = Array.from({ length: users }, (_, user) => `<user name='${nameOf(user)}' password='${password}'/>`);
  const file = `<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'>${people.join("")}</host></server-data>`;
  await writeFile(inFolder("people.xml"), file);
  const start = () =>
    startProcess(
      "erl",
      ["+K", "true", "+P", "250000", "-noinput", "-mnesia", "dir", `"${inFolder("spool")}"`, "-s", "ejabberd"],
      {
        EJABBERD_CONFIG_PATH: inFolder("ejabberd.yml"),
        EJABBERD_LOG_PATH: inFolder("ejabberd.log"),
        ERL_CRASH_DUMP_BYTES: "0",
        ERL_LIBS: "/usr/lib/x86_64-linux-gnu",
        HOME: folder,
      },
      port,
    );
  let child = await start();
  const answer = await fetch(`http://127.0.0.1:${apiPort}/api/import_piefxis`, {
    method: "POST",
    body: JSON.stringify({ file: inFolder("people.xml") }),
  });
  if (!answer.ok) throw new Error(`ejabberd did not take the accounts: ${await answer.text()}`);
  return {
    port,
    get processes() {
      return { server: child.pid };
    },
    async restart() {
      await endProcess(child);
      child = await start();
    },
    async close() {
      await endProcess(child);
      await removeFolder(folder);
    },
  };
};
