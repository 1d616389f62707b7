import { type MessageStatus } from "../wire/message-status.ts";
import { type MessageId } from "../wire/model.ts";
import { type Child, type Launch } from "./child.ts";
import { word, type OrderWithoutNumber, type Word } from "./orders.ts";

export interface AppPlace {
  /** as it is called in reports: account and device */
  readonly label: string;
  readonly account: string;
  readonly folder: string;
  readonly launch: Launch;
  /** the bundle of app.ts, as `launch` knows it */
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Life {
  readonly child: Child;
  readonly asked: Map<number, { resolve: (id: MessageId | undefined) => void; reject: (error: Error) => void }>;
  ready: boolean;
  connection: string;
}

/** A headless app in a process of its own, over all its lives on one folder. */
export class AppProcess {
  readonly label: string;
  readonly account: string;
  readonly folder: string;
  readonly mutual = new Set<string>();
  /** what it was heard to say on standard error */
  readonly complaints: string[] = [];
  #life: Life | undefined;
  #n = 0;
  /** while somebody ends and starts it, nobody else does */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: AppPlace,
    private readonly heard: (app: AppProcess, id: MessageId, status: MessageStatus) => void,
  ) {
    this.label = place.label;
    this.account = place.account;
    this.folder = place.folder;
  }

  /** signed in and connected, as far as it has said */
  get connection(): string {
    return this.#life?.connection ?? "none";
  }

  /** @throws Error when it is not running */
  get pid(): number {
    const pid = this.#life?.child.pid;
    if (pid === undefined) throw new Error(`${this.label} is not running.`);
    return pid;
  }

  get ready(): boolean {
    return this.#life?.ready ?? false;
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /** `kill -9`, and starts it again on what its disk has. `during` runs between the two. */
  crash(during: () => Promise<void> = async () => undefined): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end("kill");
      await during();
      await this.#start();
    });
  }

  /** SIGKILL at this very moment; `crash` afterwards starts it again. */
  killNow(): void {
    this.#life?.child.kill();
  }

  /** @returns the id of what was written. @throws Error when it refuses, or dies before it answers */
  ask(asked: OrderWithoutNumber): Promise<MessageId | undefined> {
    const life = this.#life;
    if (!life?.ready) return Promise.reject(new Error(`${this.label} is not running.`));
    const n = ++this.#n;
    return new Promise((resolve, reject) => {
      life.asked.set(n, { resolve, reject });
      life.child.tell(JSON.stringify({ n, ...asked }));
    });
  }

  /** Ends it for good. Safe to call twice. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#end("stop"));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const line = (text: string): void => {
        const said = readWord(text);
        if (said?.say === "ready") {
          life.ready = true;
          resolve();
        } else if (said) this.#hear(life, said);
      };
      const complaint = (text: string): void => {
        if (this.complaints.length < 100) this.complaints.push(text);
      };
      const { launch, script, env } = this.place;
      const child = launch(script, [this.folder], { line, complaint }, env);
      const life: Life = { child, asked: new Map(), ready: false, connection: "none" };
      this.#life = life;
      void child.ended.then(() => {
        life.ready = false;
        const why = new Error(`${this.label} ended: ${this.complaints.slice(-5).join(" / ")}`);
        for (const { reject: lost } of life.asked.values()) lost(why);
        life.asked.clear();
        reject(why);
      });
    });
  }

  #hear(life: Life, said: Word): void {
    switch (said.say) {
      case "ready":
        break;
      case "done":
        life.asked.get(said.n)?.resolve(said.id);
        life.asked.delete(said.n);
        break;
      case "failed":
        life.asked.get(said.n)?.reject(new Error(`${this.label}: ${said.reason}`));
        life.asked.delete(said.n);
        break;
      case "connection":
        life.connection = said.kind;
        break;
      case "mutual":
        for (const name of said.names) this.mutual.add(name);
        break;
      case "status":
        this.heard(this, said.id, said.status);
        break;
    }
  }

  async #end(how: "kill" | "stop"): Promise<void> {
    const child = this.#life?.child;
    this.#life = undefined;
    if (!child) return;
    if (child.running) child[how]();
    await child.ended;
  }
}

/** Its last line may be cut off by the kill. */
function readWord(line: string): Word | undefined {
  try {
    return word.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
