import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBroker, untilQueueSurvives } from "./broker.ts";
import { type Desktop, launch } from "./e2e-electron.ts";
import { type Language, Person } from "./e2e-person.ts";
import { type RelayProcess, startRelay } from "./relay-process.ts";

/** What a person reads when something is wrong: what happened, and what to do next. */
const sentences = {
  en: {
    nothingThere: /There is no answer from .* Check the address and the network/,
    notAnAddress: /is not the address of a relay\. Type for example/,
    otherServer: /is not a Recado relay\. Check the address and the port/,
    wrongPassword: /The name or the password is not right\. Check both/,
    takenName: /is taken on this relay\. Choose another one/,
    weakPassword: /too easy to guess\. Use at least 8 characters/,
    badName: /That name does not work\. Use 1 to 32 letters/,
    unknownName: /Nobody is called Ninguem on .* Check how the name is spelled/,
    cannotRegister: /did not work right now\. Nothing was lost; try again/,
  },
  "pt-BR": {
    nothingThere: /Não há resposta de .* Confira o endereço e a rede/,
    notAnAddress: /não é um endereço de relay\. Escreva por exemplo/,
    otherServer: /não é um relay do Recado\. Confira/,
    wrongPassword: /O nome ou a senha não conferem\. Confira/,
    takenName: /já tem dono neste relay\. Escolha outro/,
    weakPassword: /fácil demais de adivinhar\. Use pelo menos/,
    badName: /Esse nome não serve\. Use de 1 a 32/,
    unknownName: /Ninguém se chama Ninguem/i,
    cannotRegister: /Não deu certo agora\. Nada se perdeu; tente de novo/,
  },
} as const satisfies Record<Language, Record<string, RegExp>>;

describe.each(["en", "pt-BR"] as const)("what goes wrong is said in a sentence with a next step, in %s", (language) => {
  const said = sentences[language];
  let relay: RelayProcess;
  let other: Server;
  let desk: Desktop;

  const opened: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    relay = await startRelay({ args: ["--limits", "none"] });
    opened.push(() => relay.close());
    other = createServer((_, response) => response.end("a web page")).listen(0, "127.0.0.1");
    opened.push(async () => other.close());
    desk = await launch();
    opened.push(() => desk.close());
  });

  afterAll(async () => {
    for (const close of opened.reverse()) await close();
  });

  const someone = (name: string): Person => new Person(desk.window, name, language);

  test("the relay's address", async () => {
    const ana = someone("Ana");
    await ana.signIn("127.0.0.1:9", "register");
    await ana.reads(said.nothingThere);
    await ana.signIn("http://", "register");
    await ana.reads(said.notAnAddress);
    const { port } = other.address() as AddressInfo;
    await ana.signIn(`127.0.0.1:${port}`, "register");
    await ana.reads(said.otherServer);
    await ana.picture(`errors-${language}`);
  });

  test("the name and the password", async () => {
    await someone("a b").signIn(relay.url, "register");
    await someone("a b").reads(said.badName);
    await someone("Ana").signIn(relay.url, "register", "12345678");
    await someone("Ana").reads(said.weakPassword);
    const taken = someone("Ana");
    await taken.register(relay.url);
    await taken.askFor("Ninguem");
    await taken.reads(said.unknownName);
    await taken.window.keyboard.press("Escape");
    const second = await taken.openAnother(desk, "ANA");
    // who shares a computer mostly shares a relay
    expect(await second.proposedRelay()).toBe(relay.url);
    await second.signIn(relay.url.replace("127.0.0.1", "localhost"), "register");
    await second.reads(said.takenName);
    await second.signIn(relay.url.replace("127.0.0.1", "localhost"), "password", "not her password 1");
    await second.reads(said.wrongPassword);
  });
});

describe("the broker is away", () => {
  test("[G1] sending waits and says so; when it is back, everything goes by itself", async () => {
    const broker = await startBroker();
    const relay = await startRelay({ args: ["--limits", "none", "--amqp", broker.url] });
    const desk = await launch();
    try {
      const ana = new Person(desk.window, "Ana");
      await ana.register(relay.url);
      const bia = await ana.openAnother(desk, "Bia");
      await bia.register(relay.url);
      const declaredAt = Date.now();
      await ana.add("Bia");
      await bia.accept("Ana");
      await ana.open("Bia");
      await bia.open("Ana");
      await ana.write("antes");
      await bia.sees("antes");
      await pause(untilQueueSurvives(declaredAt));
      await broker.kill();
      await ana.write("sem broker");
      await ana.reads(/waiting|queue|relay cannot|keeps? trying|kept here/i);
      await ana.picture("broker-away");
      const caio = await ana.openAnother(desk, "Caio");
      await caio.signIn(relay.url, "register");
      await caio.reads(sentences.en.cannotRegister);
      await broker.restart();
      // a queue without its leader yet confirms nothing for 10 s (I13), and the app waits 2 to 10 s between its tries
      await bia.seesWithin(60_000, "antes", "sem broker");
    } finally {
      await desk.close();
      await relay.close();
      await broker.close();
    }
  });
});

describe("the app's own folder", () => {
  test("[B1] a damaged history is set aside and explained, never overwritten", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "recado-damaged-"));
    const relay = await startRelay({ args: ["--limits", "none"] });
    try {
      const first = await launch({ userDataDir: folder });
      const ana = new Person(first.window, "Ana");
      await ana.register(relay.url);
      await first.quit();
      const [account] = await readdir(path.join(folder, "accounts"));
      const files = await readdir(path.join(folder, "accounts", String(account)));
      const database = files.find((file) => file.endsWith(".db"));
      expect(database).toBeDefined();
      const file = path.join(folder, "accounts", String(account), String(database));
      await Promise.all(["-wal", "-shm"].map((end) => rm(file + end, { force: true })));
      await writeFile(file, "this is no database ".repeat(1_000));
      const again = await launch({ userDataDir: folder });
      await again.window.locator("select, form").first().waitFor();
      const kept = await readdir(path.join(folder, "accounts"), { recursive: true });
      expect(
        kept.some((name) => /damaged|aside/i.test(name)),
        kept.join("\n"),
      ).toBe(true);
      await again.kill();
    } finally {
      await relay.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
