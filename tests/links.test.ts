import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkIn, LinkQuestions, parseLink } from "../main/links.ts";
import { type AppEvent } from "../wire/ipc.ts";
import { link, linkText } from "../wire/link.ts";

const unknown = { kind: "unknown" };

describe("what a link says", () => {
  it.each([
    [
      "recado://join?relay=https%3A%2F%2Frecado.example.org&invite=Ab3_x-Z",
      { kind: "join", relay: "https://recado.example.org", invite: "Ab3_x-Z" },
    ],
    ["recado://join?relay=recado.example.org", { kind: "join", relay: "https://recado.example.org" }],
    ["RECADO://join/?relay=192.168.1.7", { kind: "join", relay: "http://192.168.1.7:4567" }],
    ["recado://add?relay=localhost&name=Bia", { kind: "add", relay: "http://localhost:4567", name: "Bia" }],
    ["recado://open?name=An%C3%A1&relay=localhost", { kind: "open", relay: "http://localhost:4567", name: "Aná" }],
  ])("[L1] %s", (text, said) => {
    expect(parseLink(text)).toEqual(said);
  });

  it.each([
    "recado://",
    "recado:join?relay=localhost",
    "recado://run?relay=localhost",
    "recado://JOIN%00?relay=localhost",
    "recado://join",
    "recado://join?relay=",
    "recado://join?relay=file:///etc/passwd",
    "recado://join?relay=javascript:alert(1)",
    "recado://join?relay=https://ana:secret@recado.example.org",
    "recado://join?relay=https://recado.example.org/path",
    "recado://join?relay=localhost&relay=evil.example",
    "recado://join?relay=localhost&pin=1234",
    "recado://join?relay=localhost&kind=add&name=Bia",
    "recado://join?relay=localhost&invite=a%20b",
    `recado://join?relay=localhost&invite=${"a".repeat(129)}`,
    `recado://join?relay=localhost&invite=${"a".repeat(4_000)}`,
    "recado://join/extra?relay=localhost",
    "recado://join:80?relay=localhost",
    "recado://ana@join?relay=localhost",
    "recado://join?relay=localhost#invite=x",
    "recado://add?relay=localhost",
    "recado://add?relay=localhost&name=--inspect",
    "recado://add?relay=localhost&name=Ana%20Bia",
    "recado://add?relay=localhost&name=Bi%D0%B0",
    "recado://open?name=Bia",
    "https://join?relay=localhost",
    "app://recado/index.html",
    "",
  ])("[L1] %j is none", (text) => {
    expect(parseLink(text)).toEqual(unknown);
  });

  it("[L1] anything at all is read without a fault, and what is read fits the allow-list", () => {
    const near = fc.tuple(fc.constantFrom("join", "add", "open", "x"), fc.string(), fc.string()).map((parts) => {
      const [action, relay, other] = parts;
      return `recado://${action}?relay=${relay}&${action === "join" ? "invite" : "name"}=${other}`;
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => `recado://${tail}`),
          near,
        ),
        (text) => {
          const said = parseLink(text);
          if (said.kind !== "unknown") expect(link.parse(said)).toEqual(said);
        },
      ),
    );
  });

  it("[L1] a link that was written is read as it was meant", () => {
    const invite = { kind: "join", relay: "https://recado.example.org:8443", invite: "aB-_9" } as const;
    expect(linkText(invite)).toBe("recado://join?relay=https%3A%2F%2Frecado.example.org%3A8443&invite=aB-_9");
    expect(parseLink(linkText(invite))).toEqual(invite);
    const contact = link.parse({ kind: "add", relay: "http://localhost:4567", name: "Zoë" });
    expect(parseLink(linkText(contact))).toEqual(contact);
  });

  it("is found among a start's other arguments", () => {
    expect(linkIn(["/opt/Recado/recado", "--no-sandbox", "recado://join?relay=a", "file:///x"])).toBe(
      "recado://join?relay=a",
    );
    expect(linkIn(["/opt/Recado/recado", "--profile", "bia"])).toBeUndefined();
  });
});

describe("the question of a link", () => {
  const told: [number, AppEvent][] = [];
  const questions = () =>
    new LinkQuestions({ focus: () => 7, tellPage: (page, event) => void told.push([page, event]) });

  it("[L2] is put to the window in front, and to its page again until it is answered", () => {
    const links = questions();
    links.ask("recado://add?relay=localhost&name=Bia");
    const asked = { kind: "add", relay: "http://localhost:4567", name: "Bia" };
    expect(told).toEqual([[7, { kind: "link:opened", link: asked }]]);
    expect(links.askedOf(7)).toEqual(asked);
    expect(links.askedOf(8)).toBeUndefined();
    links.answered(8); // another window's answer is none
    expect(links.askedOf(7)).toEqual(asked);
    links.answered(7);
    expect(links.askedOf(7)).toBeUndefined();
  });

  it("[L2] a pasted one is put to the window that it was pasted in", () => {
    const links = questions();
    links.ask("recado://join?relay=localhost", 9);
    expect(links.askedOf(9)).toEqual({ kind: "join", relay: "http://localhost:4567" });
    expect(links.askedOf(7)).toBeUndefined();
  });

  it("[L2] of a link that is none says so, and nothing else", () => {
    const links = questions();
    links.ask("recado://run?command=rm");
    expect(links.askedOf(7)).toEqual(unknown);
  });
});
