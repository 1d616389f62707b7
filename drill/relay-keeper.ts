import { setTimeout as pause } from "node:timers/promises";
import { startRelay, type RelayNeeds, type RelayProcess } from "./relay-process.ts";

/** how long a planned stop may take */
export const drainLimitMs = 10_000;
const startLimitMs = 90_000;

/** Keeps one relay running, as systemd would: started again after every end, also while its broker is away. */
export class RelayKeeper {
  /** what a planned stop did other than to end with 0 in time */
  readonly complaints: string[] = [];
  readonly #relay: RelayProcess;
  #turn: Promise<void> = Promise.resolve();
  #longestStopMs = 0;

  private constructor(relay: RelayProcess) {
    this.#relay = relay;
  }

  static async open(needs: RelayNeeds): Promise<RelayKeeper> {
    return new RelayKeeper(await startRelay({ ...needs, args: ["--limits", "none", ...needs.args] }));
  }

  get port(): number {
    return Number(new URL(this.#relay.url).port);
  }

  get url(): string {
    return this.#relay.url;
  }

  get pid(): number {
    return this.#relay.pid;
  }

  get longestStopMs(): number {
    return this.#longestStopMs;
  }

  /** SIGKILL at this very moment; `crash` afterwards starts it again. */
  killNow(): void {
    this.#relay.killNow();
  }

  /** `kill -9` and start again. */
  crash(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#relay.kill();
      await this.#restart();
    });
  }

  /** SIGTERM and start again: what an upgrade does. */
  roll(): Promise<void> {
    return this.#inTurn(async () => {
      const begin = performance.now();
      const code = await this.#relay.stop();
      const tookMs = Math.round(performance.now() - begin);
      this.#longestStopMs = Math.max(this.#longestStopMs, tookMs);
      if (code !== 0) this.complaints.push(`SIGTERM ended the relay with ${code}, not 0`);
      if (tookMs > drainLimitMs) this.complaints.push(`SIGTERM took ${tookMs} ms, more than ${drainLimitMs}`);
      await this.#restart();
    });
  }

  /** Safe to call twice. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#relay.close());
  }

  async #restart(): Promise<void> {
    const limit = Date.now() + startLimitMs;
    for (;;) {
      try {
        await this.#relay.restart();
        return;
      } catch (error) {
        if (Date.now() > limit) throw error;
        await pause(200); // its broker is away: it says so and ends, and is started again
      }
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
