import { createInterface } from "node:readline";
import { stopWord } from "../wire/stop-word.ts";
import { portOfUtility } from "./utility.ts";

/**
 * Hears what this process is told, line by line: on standard input, or in a utility process of Electron, which has none,
 * through its port. There SIGTERM kills without a word, so a planned stop is told as well, and means the same.
 * @param ended whoever told it is gone; a utility process is ended by Electron then
 */
export function hearTold(line: (text: string) => void, ended: () => void): void {
  const port = portOfUtility();
  if (!port) {
    createInterface({ input: process.stdin }).on("line", line).on("close", ended);
    return;
  }
  port.on("message", ({ data }) => {
    const text = String(data);
    if (text === stopWord) process.emit("SIGTERM");
    else line(text);
  });
}
