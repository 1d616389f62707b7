import { keyAt, openingMs, seenAt, watchKey, watchText } from "./measures.mjs";
import { open, row } from "./person.mjs";

/** Up through the history and down again, by the wheel. @param {import("playwright").Page} page */
export async function scroll(page) {
  const box = await page.getByRole("log").boundingBox();
  if (!box) throw new Error("no log");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let turn = 0; turn < 160; turn++) {
    await page.mouse.wheel(0, turn < 110 ? -240 : 240);
    await page.waitForTimeout(16);
  }
}

/**
 * From the key to the message on the other's screen, in milliseconds.
 * @param {import("playwright").Page} from
 * @param {import("playwright").Page} to
 * @param {string} word
 * @param {number} times
 */
export async function keyPresses(from, to, word, times) {
  const field = from.getByRole("textbox", { name: "Message" });
  const taken = [];
  for (let time = 0; time < times; time++) {
    const text = `${word} ${time}`;
    await field.fill(text);
    await watchText(to, "[role=log] .body", text);
    await watchKey(from);
    await field.press("Enter");
    taken.push((await seenAt(to)) - (await keyAt(from)));
  }
  return taken;
}

/** A second window of the same account: what is sent and what is typed in the one is in the other. @param {import("./app/desk.mjs").Desk} desk @param {import("playwright").Page} first */
export async function inStep(desk, first) {
  const before = desk.pages().length;
  await first.keyboard.press("Control+n");
  const second = await desk.nth(before + 1);
  const list = row(second, "Bia");
  const choose = second.getByRole("button", { name: /^Ana\b/ });
  await list.or(choose).first().waitFor();
  if ((await list.count()) === 0) await choose.first().click();
  await open(second, "Bia");
  const sent = await keyPresses(first, second, "passo", 30);
  const typed = [];
  const field = first.getByRole("textbox", { name: "Message" });
  let text = "";
  for (let time = 0; time < 20; time++) {
    text += "a";
    await watchText(second, "textarea", text);
    await watchKey(first);
    await field.press("a");
    typed.push((await seenAt(second)) - (await keyAt(first)));
  }
  await field.fill("");
  await second.evaluate("window.close()");
  return { sent, typed };
}

/** 5,000 messages wait; then their reader comes back. @param {import("playwright").Page} ana @param {import("./person.mjs").Writer} writer */
export async function drain(ana, writer) {
  await row(ana, "Pessoa0").click();
  await ana.getByRole("log", { name: /Pessoa0$/ }).waitFor();
  await ana.getByRole("button", { name: "Go offline", exact: true }).click();
  await ana.getByText("You are offline.").waitFor();
  for (let sent = 0; sent < 5_000; sent += 50) {
    await writer.send(
      "Ana",
      Array.from({ length: 50 }, (_, at) => `esperou ${sent + at}`),
    );
  }
  await watchText(ana, "nav ul .unread", "5,000");
  const begin = await ana.evaluate(() => {
    const button = [...document.querySelectorAll("button")].find((one) => one.textContent.trim() === "Go online");
    button?.click();
    return performance.timeOrigin + performance.now();
  });
  const stored = (await seenAt(ana)) - begin;
  const opening = await openingMs(ana, "Bia");
  return { stored, opening };
}
