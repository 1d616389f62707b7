import { type ChildProcess } from "node:child_process";

/** Every process that was started, so that none outlives the harness, whatever ends it. */
export class Processes {
  readonly #children = new Set<ChildProcess>();
  readonly #insist = (): void => this.killAll();

  constructor() {
    process.once("exit", this.#insist);
  }

  add(child: ChildProcess): void {
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
  }

  /** SIGKILL to each by its own handle; synchronous, because an exiting process can do nothing else. */
  killAll(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }

  close(): void {
    process.off("exit", this.#insist);
    this.killAll();
  }
}
