import { type Clock } from "./clock.ts";

/** how often it is looked whether somebody came back: within this, contacts see it */
const returnMs = 3_000;
/** never rarer: the limit may be changed, and a clock that jumps over more than this has slept */
const lookMs = 60_000;
const sleptMs = 30_000;

/** The system's word on whether somebody is here; every listener may be told twice or never. */
export interface Power {
  /** milliseconds since a key or the pointer was last touched, in whichever program */
  idleMs(): number;
  isLocked(): boolean;
  on(event: "lock" | "unlock" | "sleep" | "wake", listener: () => void): void;
}

export interface AttendanceNeeds {
  readonly power: Power;
  readonly clock: Clock;
  /** minutes without a touch until one is away; 0: never, but a locked screen is away all the same */
  readonly awayAfterMinutes: () => number;
  readonly away: (away: boolean) => void;
  /** the computer is about to sleep: leave properly */
  readonly asleep: () => void;
  /** it woke up, or has slept without anybody saying so */
  readonly awake: () => void;
}

/** Whether somebody is at this computer: by its idle time, its lock and its sleep. */
export class Attendance {
  readonly #needs: AttendanceNeeds;
  #cancel: (() => void) | undefined;
  #locked = false;
  #away = false;
  #closed = false;

  constructor(needs: AttendanceNeeds) {
    this.#needs = needs;
    const { power } = needs;
    power.on("lock", () => this.#turn(() => (this.#locked = true)));
    power.on("unlock", () => this.#turn(() => (this.#locked = false)));
    power.on("sleep", () => this.#turn(() => needs.asleep()));
    power.on("wake", () => this.#turn(() => needs.awake()));
  }

  /** Looks now, and again whenever something may have changed. */
  look(): void {
    if (this.#closed) return;
    this.#cancel?.();
    const { power, clock, awayAfterMinutes } = this.#needs;
    const limitMs = awayAfterMinutes() * 60_000;
    const idleMs = power.idleMs();
    const away = this.#locked || power.isLocked() || (limitMs > 0 && idleMs >= limitMs);
    if (away !== this.#away) {
      this.#away = away;
      this.#needs.away(away);
    }
    const wait = away ? returnMs : Math.min(lookMs, limitMs > 0 ? Math.max(returnMs, limitMs - idleMs) : lookMs);
    const due = clock.now() + wait;
    this.#cancel = clock.after(wait, () => {
      // timers stand still while a computer sleeps, its clock does not
      if (clock.now() - due > sleptMs) this.#needs.awake();
      this.look();
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #turn(act: () => void): void {
    if (this.#closed) return;
    act();
    this.look();
  }
}
