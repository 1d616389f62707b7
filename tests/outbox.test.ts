import fc from "fast-check";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SendOutcome } from "../main/outbox-batch.ts";
import { Outbox } from "../main/outbox.ts";
import { databaseName, type Store } from "../main/store.ts";
import { Refusal, refusal, type ErrorCode } from "../wire/contract.ts";
import { foldName, limits, type Outgoing } from "../wire/model.ts";
import { type SendResult } from "../wire/socket.ts";
import { ManualClock, settled } from "./manual-clock.ts";
import { ana, storePlace, write, type StorePlace } from "./store-place.ts";

let place: StorePlace;
let store: Store;
let clock: ManualClock;
let failures: unknown[];

beforeEach(async () => {
  place = storePlace();
  store = await place.open();
  clock = new ManualClock();
  failures = [];
});
afterEach(() => {
  store.close();
  place.remove();
});

const openOutbox = (outboxStore = store.outbox): Outbox =>
  new Outbox({
    store: outboxStore,
    clock,
    random: () => 0.5,
    changed: () => undefined,
    failed: (error) => failures.push(error),
  });
const session = { batch: limits.batch, requestBytes: limits.requestBytes };

/** A relay in memory: keeps what it accepted, answers as it is told to. */
class MemoryRelay {
  readonly asked: Outgoing[][] = [];
  readonly accepted: Outgoing[] = [];
  /** what it says about a message; nothing: accepts it */
  verdict: (message: Outgoing) => ErrorCode | undefined = () => undefined;
  /** requests in flight right now, and the most there ever were */
  inFlight = 0;
  most = 0;

  readonly send = async (messages: readonly Outgoing[]): Promise<SendOutcome> => {
    this.asked.push([...messages]);
    this.inFlight++;
    this.most = Math.max(this.most, this.inFlight);
    await settled();
    this.inFlight--;
    return { kind: "answered", results: this.take(messages) };
  };

  take(messages: readonly Outgoing[]): SendResult[] {
    const refusedFor = new Map<string, ErrorCode>();
    return messages.map((message): SendResult => {
      const known = this.accepted.some(({ id }) => id === message.id);
      const code = known ? undefined : (refusedFor.get(message.to) ?? this.verdict(message));
      if (code !== undefined) {
        refusedFor.set(message.to, code);
        return { id: message.id, ok: false, error: refusal(code, "") };
      }
      if (!known) this.accepted.push(message);
      return { id: message.id, ok: true, acceptedAt: 7 };
    });
  }

  bodies(to: string): string[] {
    return this.accepted.filter((message) => message.to === to).map(({ body }) => body);
  }
}

const idle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await settled();
};

describe("the pump", () => {
  it("[O2] batches form by themselves: what gathers while one is in flight goes as the next, one request at a time", async () => {
    const relay = new MemoryRelay();
    const outbox = openOutbox();
    write(store, "Bia", "0");
    outbox.attach(relay.send, session);
    for (let i = 1; i < 10; i++) {
      write(store, "Bia", `${i}`);
      outbox.wake();
    }
    await idle();
    expect(relay.asked.map((batch) => batch.length)).toEqual([1, 9]);
    expect(relay.most).toBe(1);
    expect(relay.bodies("Bia")).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(store.outbox.count()).toBe(0);
    outbox.close();
  });

  it("[O1] a message alone is stored, numbered and on its way after one sync", async () => {
    const relay = new MemoryRelay();
    const outbox = openOutbox();
    // every commit adds to the write-ahead log
    const logged = (): number => statSync(join(place.folder, `${databaseName}-wal`)).size;
    const sizes: number[] = [];
    outbox.attach((messages) => {
      sizes.push(logged());
      return relay.send(messages);
    }, session);
    for (const body of ["um", "dois"]) {
      store.transact(() => {
        write(store, "Bia", body);
        outbox.form();
      });
      sizes.push(logged());
      outbox.wake();
    }
    await idle();
    const [afterFirst, sendingFirst, , sendingSecond] = sizes;
    expect(sendingFirst).toBe(afterFirst);
    // what is written while one is on its way is formed when its turn comes
    expect(sendingSecond).toBeGreaterThan(sendingFirst ?? 0);
    expect(relay.asked.map((batch) => batch.map(({ number }) => number))).toEqual([[1], [2]]);
    expect(relay.bodies("Bia")).toEqual(["um", "dois"]);
    outbox.close();
  });

  it("[O1] what could not be stored was never formed", async () => {
    const relay = new MemoryRelay();
    const outbox = openOutbox();
    outbox.attach(relay.send, session);
    const full = new Error("no room");
    expect(() =>
      store.transact(() => {
        write(store, "Bia", "um");
        outbox.form();
        throw full;
      }),
    ).toThrow(full);
    outbox.wake();
    await idle();
    expect(relay.asked).toEqual([]);
    expect(store.outbox.count()).toBe(0);
    outbox.close();
  });

  it("[O2] a lost reply is answered by sending the same again, then the rest", async () => {
    const relay = new MemoryRelay();
    const outbox = openOutbox();
    write(store, "Bia", "um");
    const asked: Outgoing[][] = [];
    outbox.attach(async (messages) => {
      asked.push([...messages]);
      relay.take(messages);
      return { kind: "lost" };
    }, session);
    await idle();
    write(store, "Bia", "dois");
    outbox.wake();
    await idle();
    expect(asked).toHaveLength(1);
    outbox.attach(relay.send, session);
    await idle();
    expect(relay.asked[0]).toEqual(asked[0]);
    expect(relay.bodies("Bia")).toEqual(["um", "dois"]);
    expect(relay.accepted.map(({ number }) => number)).toEqual([1, 2]);
    outbox.close();
  });

  it("[O4] a refusal that may pass holds its recipient and nobody else, and nothing overtakes", async () => {
    const relay = new MemoryRelay();
    let full = true;
    relay.verdict = ({ to }) => (to === "Caio" && full ? "inbox-full" : undefined);
    const outbox = openOutbox();
    for (const body of ["1", "2"]) {
      write(store, "Caio", body);
      write(store, "Bia", body);
    }
    outbox.attach(relay.send, session);
    await idle();
    write(store, "Caio", "3");
    write(store, "Bia", "3");
    outbox.wake();
    await idle();
    expect(relay.bodies("Bia")).toEqual(["1", "2", "3"]);
    expect(relay.bodies("Caio")).toEqual([]);
    const shown = store.messages.page(foldName("Caio"), 10).messages;
    expect(shown[0]).toMatchObject({ status: "pending" });
    expect(shown[0]?.refusal).toContain("inbox-full");
    full = false;
    await clock.pass(60_000);
    expect(relay.bodies("Caio")).toEqual(["1", "2", "3"]);
    expect(store.messages.page(foldName("Caio"), 10).messages[0]?.refusal).toBeUndefined();
    outbox.close();
  });

  it("[O4] a clock that is set back by an hour makes nobody wait for an hour", async () => {
    const relay = new MemoryRelay();
    let full = true;
    relay.verdict = () => (full ? "inbox-full" : undefined);
    const outbox = openOutbox();
    write(store, "Caio", "1");
    outbox.attach(relay.send, session);
    await idle();
    full = false;
    clock.setBack(3_600_000);
    await clock.pass(60_000);
    expect(relay.bodies("Caio")).toEqual(["1"]);
    outbox.close();
  });

  it("[O4] a timer that runs a moment early, as Node's may, wakes what it was set for", async () => {
    const exact = clock;
    let looks = 0;
    clock = new (class extends ManualClock {
      override now(): number {
        return exact.now() + looks++;
      }
      override after(ms: number, run: () => void): () => void {
        return exact.after(Math.max(0, ms - 2), run);
      }
    })();
    const relay = new MemoryRelay();
    let refusals = 0;
    relay.verdict = () => (refusals++ < 20 ? "inbox-full" : undefined);
    const outbox = openOutbox();
    write(store, "Caio", "1");
    outbox.attach(relay.send, session);
    for (let minute = 0; minute < 20; minute++) {
      await exact.pass(60_000);
      await idle();
    }
    expect(relay.bodies("Caio")).toEqual(["1"]);
    outbox.close();
  });

  it("[O3] the relay's own time to wait is respected", async () => {
    const outbox = openOutbox();
    let asked = 0;
    write(store, "Bia", "um");
    outbox.attach(async (messages) => {
      asked++;
      const error = refusal("rate-limited", "", 30_000);
      return { kind: "answered", results: messages.map(({ id }) => ({ id, ok: false, error })) };
    }, session);
    await idle();
    await clock.pass(29_999);
    expect(asked).toBe(1);
    await clock.pass(10_000);
    expect(asked).toBe(2);
    outbox.close();
  });

  it("[O3] a final refusal is shown with its reason and the others go on", async () => {
    const relay = new MemoryRelay();
    relay.verdict = ({ to }) => (to === "Caio" ? "not-a-contact" : undefined);
    const outbox = openOutbox();
    const id = write(store, "Caio", "um");
    write(store, "Bia", "um");
    outbox.attach(relay.send, session);
    await idle();
    expect(store.messages.find(ana, id)).toMatchObject({ status: "refused" });
    expect(store.messages.find(ana, id)?.refusal).toContain("not-a-contact");
    expect(relay.bodies("Bia")).toEqual(["um"]);
    expect(store.outbox.count()).toBe(0);
    outbox.close();
  });

  it("[O3] when the request itself does not fit, the one that spoils it is found and the others get through", async () => {
    const relay = new MemoryRelay();
    const outbox = openOutbox();
    for (const body of ["a", "mau", "b"]) write(store, "Bia", body);
    outbox.attach(async (messages) => {
      if (messages.some(({ body }) => body === "mau")) return { kind: "refused", error: refusal("invalid", "") };
      return relay.send(messages);
    }, session);
    await idle();
    expect(relay.bodies("Bia")).toEqual(["a", "b"]);
    // the refused one gave its number back: the recipient sees no hole (O9)
    expect(relay.accepted.map(({ number }) => number)).toEqual([1, 2]);
    outbox.close();
  });

  it("[O3] an answer that settles nothing does not become a loop", async () => {
    const outbox = openOutbox();
    let asked = 0;
    write(store, "Bia", "um");
    outbox.attach(async () => {
      asked++;
      return { kind: "answered", results: [] };
    }, session);
    await idle();
    expect(asked).toBe(1);
    expect(clock.nextMs).toBeGreaterThan(500);
    await clock.pass(3_000);
    expect(asked).toBe(2);
    outbox.close();
  });

  it("[O1] a disk that refuses is told, and the message goes when it works again", async () => {
    const relay = new MemoryRelay();
    const broken = new Proxy(store.outbox, {
      get: (target, key): unknown => {
        if (key === "form" && failures.length < 2) {
          return () => {
            throw new Refusal("storage-failed", "full");
          };
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const outbox = openOutbox(broken);
    write(store, "Bia", "um");
    outbox.attach(relay.send, session);
    await clock.pass(60_000);
    expect(failures).toHaveLength(2);
    expect(relay.bodies("Bia")).toEqual(["um"]);
    outbox.close();
  });

  it("[O2] hostile limits stop nothing and allow nothing more", async () => {
    const relay = new MemoryRelay();
    const outbox = openOutbox();
    for (let i = 0; i < 70; i++) write(store, "Bia", `${i}`);
    outbox.attach(relay.send, { batch: 1e9, requestBytes: -5 });
    await clock.pass(1);
    for (let i = 0; i < 80; i++) await settled();
    expect(relay.accepted).toHaveLength(70);
    expect(Math.max(...relay.asked.map((batch) => batch.length))).toBe(1);
    outbox.close();
  });
});

describe("histories", () => {
  it("[O2] [O4] [O9] through cuts, lost answers, refusals and restarts: everything once, in order, numbered without holes", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant("write" as const), to: fc.constantFrom("Bia", "Caio") }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("cut", "lose", "restart", "wait", "open" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("full", "free" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const own = storePlace();
        let local = await own.open();
        const relay = new MemoryRelay();
        let lose = false;
        let full = false;
        relay.verdict = ({ to }) => (to === "Caio" && full ? "inbox-full" : undefined);
        const send = async (messages: readonly Outgoing[]): Promise<SendOutcome> => {
          const outcome = await relay.send(messages);
          if (!lose) return outcome;
          lose = false;
          return { kind: "lost" };
        };
        let outbox = openOutbox(local.outbox);
        const written: Record<string, string[]> = { Bia: [], Caio: [] };
        try {
          for (const [index, each] of steps.entries()) {
            switch (each.do) {
              case "write":
                write(local, each.to, `${index}`);
                written[each.to]?.push(`${index}`);
                outbox.wake();
                break;
              case "cut":
                outbox.detach();
                break;
              case "open":
                outbox.attach(send, session);
                break;
              case "lose":
                lose = true;
                break;
              case "restart":
                outbox.close();
                await idle();
                local.close();
                local = await own.open();
                outbox = openOutbox(local.outbox);
                outbox.attach(send, session);
                break;
              case "full":
              case "free":
                full = each.do === "full";
                break;
              case "wait":
                await clock.pass(5_000);
                break;
            }
            await settled();
          }
          full = false;
          lose = false;
          outbox.attach(send, session);
          await idle();
          await clock.pass(200_000);
          await idle();
          for (const to of ["Bia", "Caio"]) {
            expect(relay.bodies(to)).toEqual(written[to]);
            const numbers = relay.accepted.filter((message) => message.to === to).map(({ number }) => number);
            expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
          }
          expect(local.outbox.count()).toBe(0);
          expect(relay.most).toBeLessThanOrEqual(1);
        } finally {
          outbox.close();
          await idle();
          local.close();
          own.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
});
