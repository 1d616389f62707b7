import { describe, expect, it } from "vitest";
import { openLink, parseLink } from "../main/open-link.ts";

describe("opening an address outside of the app", () => {
  it("[W22] pages are opened as they are, and nothing else of the web", async () => {
    const opened: string[] = [];
    const needs = { open: async (href: string) => void opened.push(href), askToWrite: async () => false };
    await openLink("https://recado.example.org/um?x=1#y", 1, needs);
    await openLink("http://127.0.0.1:4567/", 1, needs);
    expect(opened).toEqual(["https://recado.example.org/um?x=1#y", "http://127.0.0.1:4567/"]);
  });

  it("[W22] a letter is written only after asking, and only its address is taken over", async () => {
    const opened: string[] = [];
    const asked: string[] = [];
    let answer = false;
    const needs = {
      open: async (href: string) => void opened.push(href),
      askToWrite: async (address: string) => {
        asked.push(address);
        return answer;
      },
    };
    await openLink("mailto:bia@example.org?subject=x&body=y&attach=/etc/passwd", 1, needs);
    expect(opened).toEqual([]);
    answer = true;
    await openLink("mailto:bia@example.org?attach=/etc/passwd", 1, needs);
    expect(opened).toEqual(["mailto:bia@example.org"]);
    expect(asked).toEqual(["bia@example.org", "bia@example.org"]);
  });

  it.each([
    "file:///etc/passwd",
    "smb://host/share",
    "\\\\host\\share",
    "//host/share",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ms-msdt:/id",
    "ms-officecmd:{}",
    "search-ms:query=x",
    "recado://relay",
    "app://recado/index.html",
    "https:\\\\evil.example",
    "https:evil.example",
    "https://good.example@evil.example/",
    "https://user:pass@evil.example/",
    "https://",
    "http://a b/",
    "https://evil.example/\nx",
    " https://evil.example",
    "https://evil.example/\u0000",
    "mailto:",
    "mailto:a@b,c@d e",
    "ftp://example.org",
    "blob:https://example.org/x",
    "about:blank",
    "not an address",
    "",
  ])("[W22] %j is refused", async (address) => {
    expect(parseLink(address)).toBeUndefined();
    const never = async () => {
      throw new Error("opened");
    };
    await expect(openLink(address, 1, { open: never, askToWrite: never })).rejects.toMatchObject({
      code: "link-refused",
    });
  });
});
