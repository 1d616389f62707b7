/** @param {number[]} all @param {number} share from 0 to 1 */
export function quantile(all, share) {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * When a window first showed what it has to show, by the browser's own measure (the largest part painted).
 * @param {import("playwright").Page} page
 * @returns {Promise<number>} milliseconds of the system's clock
 */
export const usableAt = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => {
          const last = list.getEntries().at(-1);
          if (last) resolve(performance.timeOrigin + last.startTime);
        }).observe({ type: "largest-contentful-paint", buffered: true });
      }),
  );

/**
 * From the click on a contact to its messages on the screen.
 * @param {import("playwright").Page} page
 * @param {string} name
 * @returns {Promise<number>} milliseconds
 */
export const openingMs = (page, name) =>
  page.evaluate(async (wanted) => {
    const button = [...document.querySelectorAll("nav ul button")].find((one) =>
      one.getAttribute("aria-label")?.startsWith(`${wanted},`),
    );
    if (!(button instanceof HTMLElement)) throw new Error(`no ${wanted}`);
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const begin = performance.now();
    button.click();
    const there = () =>
      document.querySelector("[role=log]")?.getAttribute("aria-label")?.endsWith(wanted) &&
      document.querySelector("[role=log] [data-position]");
    while (!there()) await new Promise((resolve) => setTimeout(resolve));
    await painted();
    return performance.now() - begin;
  }, name);

/**
 * From a change of the field to its results on the screen.
 * @param {import("playwright").Page} page with the search open
 * @param {string} query
 * @returns {Promise<number>} milliseconds
 */
export const searchMs = (page, query) =>
  page.evaluate(async (typed) => {
    const field = document.querySelector("[role=search] input");
    const said = document.querySelector("[role=search] [role=status]");
    if (!(field instanceof HTMLInputElement) || !said) throw new Error("no search");
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    while (said.textContent !== "") await new Promise((resolve) => setTimeout(resolve));
    const begin = performance.now();
    field.value = typed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    while (said.textContent === "") await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin;
  }, query);

/**
 * The times between frames while something is done to a page.
 * @param {import("playwright").Page} page
 * @param {() => Promise<void>} act
 * @returns {Promise<number[]>} milliseconds
 */
export async function framesDuring(page, act) {
  await page.evaluate(() => {
    const frames = { times: /** @type {number[]} */ ([]), on: true };
    Object.assign(window, { frames_: frames });
    let before = performance.now();
    const next = () => {
      const now = performance.now();
      frames.times.push(now - before);
      before = now;
      if (frames.on) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await act();
  return page.evaluate(() => {
    const frames = /** @type {{ frames_: { times: number[], on: boolean } }} */ (/** @type {unknown} */ (window))
      .frames_;
    frames.on = false;
    return frames.times.slice(1);
  });
}

/** Remembers when the next key goes down in a page. @param {import("playwright").Page} page */
export const watchKey = (page) =>
  page.evaluate(() => {
    const note = (/** @type {KeyboardEvent} */ event) =>
      Object.assign(window, { key_: performance.timeOrigin + event.timeStamp });
    window.addEventListener("keydown", note, { capture: true, once: true });
  });

/** @param {import("playwright").Page} page @returns {Promise<number>} milliseconds of the system's clock */
export const keyAt = (page) =>
  page.evaluate(() => /** @type {{ key_: number }} */ (/** @type {unknown} */ (window)).key_);

/**
 * Begins to wait, in the page itself, for a text to be painted somewhere in it; ask `seenAt` for the time.
 * @param {import("playwright").Page} page
 * @param {string} selector of what holds it
 * @param {string} text
 */
export const watchText = (page, selector, text) =>
  page.evaluate(([where, wanted]) => {
    const seen = new Promise((resolve) => {
      const look = () => {
        const found = [...document.querySelectorAll(where)].some(
          (one) => (one instanceof HTMLTextAreaElement ? one.value : one.textContent) === wanted,
        );
        if (found) requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
        else setTimeout(look, 1);
      };
      look();
    });
    Object.assign(window, { seen_: seen });
  }, /** @type {[string, string]} */ ([selector, text]));

/** @param {import("playwright").Page} page @returns {Promise<number>} milliseconds of the system's clock */
export const seenAt = (page) =>
  page.evaluate(() => /** @type {{ seen_: Promise<number> }} */ (/** @type {unknown} */ (window)).seen_);
