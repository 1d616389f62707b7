import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { inProject } from "../../scripts/project.mjs";

/** contacts that the history is spread over, besides the one who is talked to */
const others = 60;

const syllables = "ma ca re lo pa ti su vá ção den go bi qua tro men fe li xo ju ro".split(" ");

/** The same words in every run. @returns {() => number} from 0 to 1 */
function dice() {
  let seed = 20_261_124;
  return () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
}

/** A text of ordinary length from a vocabulary as uneven as a language's. @param {() => number} roll */
export function sentences(roll = dice()) {
  const vocabulary = Array.from({ length: 8_000 }, () =>
    Array.from({ length: 1 + Math.floor(roll() * 4) }, () => syllables[Math.floor(roll() * syllables.length)]).join(""),
  );
  return () =>
    Array.from({ length: 3 + Math.floor(roll() ** 2 * 24) }, () => vocabulary[Math.floor(roll() ** 3 * 8_000)]).join(
      " ",
    );
}

/** The app's own store, as the app would write: what is measured later is its real schema and its real index. */
async function loadStore() {
  const { rolldown } = await import("rolldown");
  const made = await rolldown({
    input: inProject("main/store.ts"),
    platform: "node",
    external: ["@photostructure/sqlite", /^node:/],
    logLevel: "silent",
  });
  const file = inProject("dist/bench/store.mjs");
  await made.write({ file, format: "esm", codeSplitting: false });
  await made.close();
  return import(file);
}

/**
 * Fills the only account in a folder of the app's data with history.
 * @param {string} userData
 * @param {string} friend the contact who has half of it
 * @param {number} count messages in all
 * @returns {Promise<string>} which account that is
 */
export async function fillHistory(userData, friend, count) {
  const { openStore } = await loadStore();
  const accounts = path.join(userData, "accounts");
  /** @type {string[]} */
  const filled = [];
  for (const id of readdirSync(accounts)) {
    const store = await openStore(path.join(accounts, id), randomUUID, Date.now);
    const facts = store.facts();
    if (facts?.name === "Ana") {
      fill(store, friend, count);
      filled.push(id);
    }
    store.close();
  }
  const [only] = filled;
  if (only === undefined || filled.length > 1) throw new Error("The account to fill is not here.");
  return only;
}

/** @param {any} store @param {string} friend @param {number} count */
function fill(store, friend, count) {
  const roll = dice();
  const say = sentences(roll);
  const begin = Date.now() - count * 60_000;
  for (let at = 0; at < others; at++) {
    store.transact(() => store.contacts.put({ name: `Pessoa${at}`, state: "mutual", presence: "offline" }));
  }
  for (let done = 0; done < count; done += 5_000) {
    store.transact(() => {
      for (let at = done; at < Math.min(count, done + 5_000); at++) {
        const name = roll() < 0.5 ? friend : `Pessoa${Math.floor(roll() * others)}`;
        const mine = roll() < 0.5;
        store.messages.add({
          peer: name.toLowerCase(),
          sender: mine ? "ana" : name.toLowerCase(),
          senderName: mine ? "Ana" : name,
          id: randomUUID(),
          mine,
          body: say(),
          sentAt: begin + at * 60_000,
          acceptedAt: begin + at * 60_000,
          status: mine ? "read" : "accepted",
          unread: false,
        });
      }
    });
  }
}
