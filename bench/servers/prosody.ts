import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { nameOf, password } from "../people.ts";
import { endProcess, freePort, removeFolder, startProcess, temporaryFolder } from "./process.ts";
import { type StartServer } from "./server.ts";

/** Debian's Prosody with nothing that throttles: no limits, no TLS, passwords compared as they are. */
const settings = (folder: string, port: number): string => `
run_as_root = true
daemonize = false
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
certificates = "${folder}"
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
s2s_ports = {}
network_backend = "epoll"
network_settings = { tcp_backlog = 4096 }
modules_enabled = { "saslauth", "roster", "offline", "smacks", "message", "presence", "iq", "c2s" }
modules_disabled = { "s2s", "tls", "posix" }
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
authentication = "internal_plain"
storage = "internal"
log = { error = "${folder}/prosody.log" }
VirtualHost "localhost"
`;

/** Prosody from Debian's package; its accounts are files, so importing is writing them. */
export const prosody: StartServer = async ({ users }) => {
  const folder = await temporaryFolder("prosody");
  const accounts = path.join(folder, "data", "localhost", "accounts");
  await mkdir(accounts, { recursive: true });
  for (let user = 0; user < users; user++)
    await writeFile(path.join(accounts, `${nameOf(user)}.dat`), `return { ["password"] = "${password}" };\n`);
  const port = await freePort();
  const file = path.join(folder, "prosody.cfg.lua");
  await writeFile(file, settings(folder, port));
  const start = () => startProcess("prosody", ["-F", "--config", file], {}, port);
  let child = await start();
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
