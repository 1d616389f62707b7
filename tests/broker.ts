import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** The scripts themselves: the wrapper in /usr/sbin changes the user and reads the system's configuration. */
const scripts = "/usr/lib/rabbitmq/bin";
const startLimitMs = 60_000;

/**
 * A quorum queue declared less than about 4 s before a SIGKILL cannot be used any more on RabbitMQ 3.10; on a busy machine, 6 s.
 * @param declaredAt when the youngest queue was declared
 * @returns how long to let it live yet, in milliseconds
 */
export const untilQueueSurvives = (declaredAt: number): number => Math.max(0, declaredAt + 10_000 - Date.now());

/** A private RabbitMQ on loopback, for one test file; everything it writes is in a temporary folder. */
export interface Broker {
  readonly url: string;
  /** Runs rabbitmqctl against it. @returns what it wrote */
  ctl(...args: readonly string[]): Promise<string>;
  /** SIGKILL, as a crash: what its disk has is what is left */
  kill(): Promise<void>;
  /** Starts it again on the same ports and folder (after `kill`; else stops it first). */
  restart(): Promise<void>;
  /** Stops it and its port mapper and removes the folder. Safe to call twice. */
  close(): Promise<void>;
}

/** @throws Error with a next step when RabbitMQ is not installed or does not come up */
export async function startBroker(): Promise<Broker> {
  if (!existsSync(path.join(scripts, "rabbitmq-server"))) {
    throw new Error("These tests need a real RabbitMQ: apt-get install rabbitmq-server (npm test does it on Debian).");
  }
  const folder = await mkdtemp(path.join(tmpdir(), "recado-broker-"));
  const [port, distPort, mapperPort] = await freePorts();
  const environment = await prepare(folder, port, distPort, mapperPort);
  const broker = new PrivateBroker(folder, port, mapperPort, environment);
  try {
    await broker.restart();
  } catch (error) {
    await broker.close();
    throw error;
  }
  return broker;
}

async function prepare(folder: string, port: number, distPort: number, mapperPort: number) {
  const within = (name: string) => path.join(folder, name);
  await Promise.all(["home", "mnesia", "log", "config"].map((name) => mkdir(within(name))));
  await writeFile(within("rabbitmq.conf"), "disk_free_limit.absolute = 1MB\nvm_memory_high_watermark.relative = 0.9\n");
  await writeFile(within("plugins"), "[].");
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: within("home"),
    LANG: "C.UTF-8",
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_NODENAME: `recado${randomUUID().slice(0, 8)}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: within("mnesia"),
    RABBITMQ_LOG_BASE: within("log"),
    RABBITMQ_PID_FILE: within("pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: within("plugins"),
    RABBITMQ_CONFIG_FILE: within("rabbitmq.conf"),
    RABBITMQ_GENERATED_CONFIG_DIR: within("config"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    ERL_EPMD_PORT: String(mapperPort),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
}

class PrivateBroker implements Broker {
  readonly url: string;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #said = "";
  #closed: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly mapperPort: number,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    this.url = `amqp://guest:guest@127.0.0.1:${port}`;
  }

  async ctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(path.join(scripts, "rabbitmqctl"), ["--quiet", ...args], {
      env: this.environment,
      timeout: startLimitMs,
    });
    return stdout;
  }

  async restart(): Promise<void> {
    await this.kill();
    const child = spawn(path.join(scripts, "rabbitmq-server"), [], {
      env: this.environment,
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      // the Erlang machine is a child of a shell: a group of its own, so that it can be ended whole
      detached: true,
    });
    this.#process = child;
    this.#said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4_000)));
    }
    this.#exited = new Promise((resolve) => child.once("exit", () => resolve()));
    await this.#untilAnswering(child);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = undefined;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      // the machine writes its own pid; the shell above it goes with the group
      const pid = Number(await readFile(path.join(this.folder, "pid"), "utf8").catch(() => ""));
      if (pid > 0) tryKill(pid);
      tryKill(-child.pid);
    }
    await this.#exited;
    while (await answers(this.port)) await pause(20);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.kill();
    await this.#endMapper();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** epmd leaves the group and outlives the broker; it ends itself when nobody is registered. */
  async #endMapper(): Promise<void> {
    for (let tries = 0; tries < 100 && (await answers(this.mapperPort)); tries++) {
      await promisify(execFile)("epmd", ["-port", String(this.mapperPort), "-kill"], { env: this.environment }).catch(
        () => undefined, // a name is still registered for a moment
      );
      await pause(50);
    }
  }

  async #untilAnswering(child: ChildProcess): Promise<void> {
    const limit = Date.now() + startLimitMs;
    const { connect } = await import("amqplib");
    for (;;) {
      if (child.exitCode !== null) throw new Error(`RabbitMQ ended while starting: ${this.#said}`);
      try {
        const connection = await connect(this.url, { timeout: 5_000 });
        await connection.close();
        return;
      } catch {
        if (Date.now() > limit) throw new Error(`RabbitMQ did not come up in ${startLimitMs} ms: ${this.#said}`);
        await pause(100);
      }
    }
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Three different ports that nobody has just now. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const take = async (server: (typeof servers)[number]): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("No free port.");
    return address.port;
  };
  const ports: [number, number, number] = [await take(servers[0]), await take(servers[1]), await take(servers[2])];
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()));
  return ports;
}
