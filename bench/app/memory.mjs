import { setTimeout as pause } from "node:timers/promises";
import { pssByKind } from "./desk.mjs";
import { isOnline, open, row, signInAgain, Writer } from "./person.mjs";

/**
 * What the app holds above an empty window while one message a second comes into the conversation that is open.
 * @param {import("./stage.mjs").Stage} stage
 * @param {number} minutes
 * @param {(line: string) => void} say hears how it is on the way
 * @returns {Promise<{ above: number, ours: number, floor: number, kinds: string }>} MB, and which processes hold them
 */
export async function memoryAbove(stage, minutes, say) {
  const empty = await stage.startEmpty();
  await empty.nth(1);
  const desk = await stage.startAlone();
  const ana = await desk.nth(1);
  await row(ana, "Bia").waitFor();
  await signInAgain(ana);
  await open(ana, "Bia");
  const writer = await Writer.signIn(stage.relayUrl, "Bia");
  stage.closeLater(() => writer.close());
  const measure = () => {
    const [ours, floor] = [pssByKind(desk.pid), pssByKind(empty.pid)];
    const sum = (/** @type {Map<string, number>} */ kinds) => [...kinds.values()].reduce((all, one) => all + one, 0);
    const kinds = [...ours].map(([kind, mb]) => `${kind} ${(mb - (floor.get(kind) ?? 0)).toFixed(0)}`).join(", ");
    return { above: sum(ours) - sum(floor), ours: sum(ours), floor: sum(floor), kinds };
  };
  const begin = Date.now();
  for (let written = 0; Date.now() - begin < minutes * 60_000;) {
    await writer.send("Ana", [`de segundo em segundo ${written++}`]);
    await pause(Math.max(0, begin + written * 1_000 - Date.now()));
    if (written === 10 || written === 60 || written % 300 === 0) {
      const { above, kinds } = measure();
      say(`  after ${(written / 60).toFixed(1)} min: ${above.toFixed(0)} MB above an empty window (${kinds})`);
    }
  }
  const measured = measure();
  await isOnline(ana);
  return measured;
}
