import { type UpdateFailure, type UpdateState } from "../wire/update.ts";
import { type Clock, type Random } from "./clock.ts";
import { factsOf, type Log } from "./log.ts";
import { type UpdatesOn, type UpdateSource, updateWay } from "./update-source.ts";

/** soon after the start, when the windows are up */
const firstCheckMs = 15_000;
/** four times a day, so that no server sees everybody at once when it is spread */
const checkEveryMs = 6 * 3_600_000;

/** Why an update did not come about; the old version goes on. */
export class UpdateFailed extends Error {
  override readonly name = "UpdateFailed";
  readonly reason: UpdateFailure;

  constructor(reason: UpdateFailure, cause?: unknown) {
    super(`update failed: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Who fetches and installs: electron-updater (updater.ts). Everything rejects with {@link UpdateFailed}. */
export interface Updater {
  /** @returns the newer version that the source announces, its signature checked (U2); `undefined` when this is the newest */
  check(): Promise<string | undefined>;
  /** Fetches what `check` found, and checks it against what was signed. */
  download(progress: (percent: number) => void): Promise<void>;
  /** Installs it and ends the app; comes back only when that failed. */
  apply(): Promise<void>;
}

export interface UpdatesNeeds {
  readonly source: UpdateSource;
  /** asked for only where updates are on, and not before the first look */
  readonly updater: (source: UpdatesOn) => Promise<Updater>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly changed: (state: UpdateState) => void;
  readonly openPage: (address: string) => void;
}

/** Looks for a newer version, tells, and does the rest only when a person clicks (U1 to U4). */
export class Updates {
  readonly #needs: UpdatesNeeds;
  #updater: Promise<Updater> | undefined;
  #state: UpdateState = { kind: "quiet" };
  #dismissed: string | undefined;
  #timer: (() => void) | undefined;
  #closed = false;

  constructor(needs: UpdatesNeeds) {
    this.#needs = needs;
  }

  get state(): UpdateState {
    return this.#state;
  }

  /** Begins to look by itself, from time to time. What goes wrong then is logged and not shown: nobody asked. */
  start(): void {
    if (this.#needs.source.kind === "on") this.#checkIn(firstCheckMs);
  }

  /** A person asks: the answer is shown, whatever it is. */
  async check(): Promise<void> {
    const { source } = this.#needs;
    if (source.kind === "off") {
      this.#become({ kind: "off", reason: source.reason });
      return;
    }
    if (this.#isBusy()) return;
    this.#dismissed = undefined;
    this.#become({ kind: "checking" });
    await this.#look(source, true);
  }

  async download(): Promise<void> {
    if (this.#state.kind !== "available" || this.#state.way === "by-hand") return;
    const { version, way } = this.#state;
    this.#become({ kind: "downloading", version, percent: 0 });
    try {
      await (
        await this.#updater
      )?.download((percent) => {
        if (this.#state.kind === "downloading")
          this.#become({ kind: "downloading", version, percent: Math.min(100, percent) });
      });
      this.#needs.log.info("update downloaded", { version });
      this.#become({ kind: "ready", version, way });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Only ever by a click, so never in mid-typing (U3). */
  async apply(): Promise<void> {
    if (this.#state.kind !== "ready") return;
    this.#needs.log.info("update applied", { version: this.#state.version });
    try {
      await (await this.#updater)?.apply();
    } catch (error) {
      this.#fail(error);
    }
  }

  openPage(): void {
    const { source, openPage } = this.#needs;
    if (source.kind === "on" && source.downloadPage !== undefined) openPage(source.downloadPage);
  }

  dismiss(): void {
    if (this.#state.kind === "checking" || this.#state.kind === "downloading") return;
    if (this.#state.kind === "available" || this.#state.kind === "ready") this.#dismissed = this.#state.version;
    this.#become({ kind: "quiet" });
  }

  /** Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#timer?.();
  }

  #isBusy(): boolean {
    return ["checking", "downloading", "ready"].includes(this.#state.kind);
  }

  #checkIn(ms: number): void {
    if (this.#closed) return;
    this.#timer = this.#needs.clock.after(ms, () => void this.#checkByItself());
  }

  async #checkByItself(): Promise<void> {
    const { source, random } = this.#needs;
    if (source.kind === "on" && this.#state.kind === "quiet") await this.#look(source, false);
    this.#checkIn(checkEveryMs * (0.75 + random() / 2));
  }

  async #look(source: UpdatesOn, asked: boolean): Promise<void> {
    try {
      this.#updater ??= this.#needs.updater(source);
      const version = await (await this.#updater).check();
      if (version !== undefined && version !== this.#dismissed) {
        this.#become({ kind: "available", version, way: updateWay(source.installer) });
      } else if (asked) this.#become({ kind: "current" });
    } catch (error) {
      const reason = this.#reasonOf(error);
      // an announcement that is not ours is news even to those who did not ask
      if (asked || reason === "untrusted") this.#become({ kind: "failed", reason });
    }
  }

  #fail(error: unknown): void {
    this.#become({ kind: "failed", reason: this.#reasonOf(error) });
  }

  #reasonOf(error: unknown): UpdateFailure {
    const reason = error instanceof UpdateFailed ? error.reason : "not-applied";
    this.#needs.log.warn("update failed", { reason, ...factsOf(error instanceof UpdateFailed ? error.cause : error) });
    return reason;
  }

  #become(state: UpdateState): void {
    this.#state = state;
    this.#needs.changed(state);
  }
}
