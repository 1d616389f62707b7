import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { messageId } from "../wire/model.ts";
import { bundle } from "./inbox-bundle.ts";
import { until } from "./app-desk.ts";
import { ana, bia, storePlace } from "./store-place.ts";

const numbers = z.array(z.tuple([z.string(), z.number()]));

describe("kill -9 of the app", () => {
  let child: URL;
  beforeAll(async () => {
    child = await bundle("tests/store-child.ts");
  });
  afterAll(() => rmSync(fileURLToPath(child), { force: true }));

  it.each([1, 40, 90, 200, 350])(
    "[O1] [O5] [O9] after %i lines: all that was said to be kept is there, and numbers stay what they were",
    async (lines) => {
      const place = storePlace();
      const app = spawn(process.execPath, [fileURLToPath(child), place.folder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      app.stdout.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
      await until(() => said.split("\n").length > lines);
      const gone = once(app, "exit");
      app.kill("SIGKILL");
      await gone;

      const store = await place.open();
      const whole = said.slice(0, said.lastIndexOf("\n")).split("\n");
      const about = (word: string) =>
        whole.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
      for (const id of about("written ")) {
        const row = store.messages.find(ana, messageId.parse(id));
        expect(row, `${id} was on the screen`).toBeDefined();
        if (row?.status !== "pending") expect(row?.status).toBe("accepted");
      }
      for (const id of about("stored ")) expect(store.messages.find(bia, messageId.parse(id))).toBeDefined();
      // what is pending is in the outbox, and nothing else is
      const { messages } = store.messages.page(bia, 100_000);
      expect(store.outbox.count()).toBe(messages.filter(({ status }) => status === "pending").length);
      const given = new Map(about("formed ").flatMap((line) => numbers.parse(JSON.parse(line))));
      for (const [id, number] of given) expect(store.messages.find(ana, messageId.parse(id))?.number).toBe(number);
      store.close();
      place.remove();
    },
  );
});
