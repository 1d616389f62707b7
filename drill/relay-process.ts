import { z } from "zod";
import { type Child, type Launch } from "./child.ts";

const listening = z.object({ msg: z.literal("listening"), url: z.string(), inboxes: z.enum(["embedded", "rabbitmq"]) });
const logLine = z.record(z.string(), z.unknown());
export type LogLine = z.infer<typeof logLine>;

export interface RelayNeeds {
  readonly launch: Launch;
  /** the relay to start, as `launch` knows it */
  readonly script: string;
  /** its folder, which stays when it ends */
  readonly data: string;
  /** default: any free one */
  readonly port?: number;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A real relay in a process of its own, over all its lives on one port and one folder. */
export interface RelayProcess {
  readonly url: string;
  readonly data: string;
  readonly inboxes: "embedded" | "rabbitmq";
  readonly pid: number;
  /** every line of its log so far, over all its lives */
  readonly log: readonly LogLine[];
  /** what it wrote on standard error, over all its lives */
  readonly complaints: readonly string[];
  /** SIGKILL at this very moment; `kill` afterwards waits for it */
  killNow(): void;
  /** SIGKILL: what a crash leaves is what there is */
  kill(): Promise<void>;
  /** SIGTERM; the exit code (null: ended by a signal) */
  stop(): Promise<number | null>;
  /** Starts it again on the same port and folder, after `kill` or `stop` or in place of them. */
  restart(): Promise<void>;
  /** Stops it. Safe to call twice. */
  close(): Promise<void>;
}

interface Life {
  readonly child: Child;
  readonly pid: number;
  readonly url: string;
  readonly inboxes: "embedded" | "rabbitmq";
}

/**
 * Starts a relay and waits until it listens.
 * @throws Error with its exit code and its sentence when it ends before that
 */
export async function startRelay(needs: RelayNeeds): Promise<RelayProcess> {
  const log: LogLine[] = [];
  const complaints: string[] = [];

  function live(port: number): Promise<Life> {
    const args = ["--port", String(port), "--data", needs.data, ...needs.args];
    return new Promise((resolve, reject) => {
      const line = (text: string): void => {
        const entry = logLine.parse(JSON.parse(text));
        log.push(entry);
        const ready = listening.safeParse(entry).data;
        if (ready && child.pid !== undefined) resolve({ ...ready, child, pid: child.pid });
      };
      const complaint = (text: string): void => void complaints.push(text);
      const child = needs.launch(needs.script, args, { line, complaint }, needs.env);
      void child.ended.then((code) => reject(new Error(`The relay ended with ${code}: ${complaints.join("\n")}`)));
    });
  }

  let life = await live(needs.port ?? 0);
  const end = (how: "stop" | "kill"): Promise<number | null> => {
    if (life.child.running) life.child[how]();
    return life.child.ended;
  };
  return {
    data: needs.data,
    log,
    complaints,
    get url() {
      return life.url;
    },
    get inboxes() {
      return life.inboxes;
    },
    get pid() {
      return life.pid;
    },
    killNow: () => life.child.kill(),
    kill: async () => {
      await end("kill");
    },
    stop: () => end("stop"),
    restart: async () => {
      await end("stop");
      life = await live(Number(new URL(life.url).port));
    },
    close: async () => {
      await end("stop");
    },
  };
}
