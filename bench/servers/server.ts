/** A server that runs, private to this run: its own folder, its own port on loopback. */
export interface RunningServer {
  /** where clients connect */
  readonly port: number;
  /** its processes by name; changes when one is started again */
  readonly processes: Readonly<Record<string, number>>;
  /** Starts what was killed again. */
  restart(process: string): Promise<void>;
  /** Ends it by its pids and removes its folder. Safe to call twice. */
  close(): Promise<void>;
}

/** What a server is set up with before anybody is timed. */
export interface Population {
  /** accounts, imported; each even one is a contact of the next */
  readonly users: number;
  readonly devices: number;
}

export type StartServer = (population: Population) => Promise<RunningServer>;
