import { type Child, type Launch } from "./child.ts";

/** Every process that was started, so that none outlives the one that breaks them, whatever ends it. */
export class Processes {
  readonly #children = new Set<Child>();
  readonly #insist = (): void => this.killAll();

  constructor(private readonly start: Launch) {
    process.once("exit", this.#insist);
  }

  readonly launch: Launch = (...what) => {
    const child = this.start(...what);
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    return child;
  };

  /** SIGKILL to each by its own handle; synchronous, because an exiting process can do nothing else. */
  killAll(): void {
    for (const child of this.#children) child.kill();
  }

  close(): void {
    process.off("exit", this.#insist);
    this.killAll();
  }
}
