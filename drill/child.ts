/** A program of ours in a process of its own. */
export interface Child {
  /** known from its first line on */
  readonly pid: number | undefined;
  readonly running: boolean;
  /** 0 when it ended well; anything else, or nothing, when it did not */
  readonly ended: Promise<number | null>;
  /** Tells it a line; what a process hears that is about to die may be lost. */
  tell(line: string): void;
  /** Asks it to end as before an update: SIGTERM, where there is one. */
  stop(): void;
  /** SIGKILL at this very moment. */
  kill(): void;
}

/** Who listens to a child: whole lines, in order, none after it has ended. */
export interface Hearing {
  line(text: string): void;
  /** a line on its standard error */
  complaint(text: string): void;
}

/** How a child is started, which differs: Node's own way for the commands, Electron's for the installed app. */
export type Launch = (
  script: string,
  args: readonly string[],
  hearing: Hearing,
  env?: Readonly<Record<string, string>>,
) => Child;
