import type { AccountId, AccountView, ContactView, MessageView, Preferences } from "../../wire/ipc.ts";
import type { World } from "./fake-bridge.ts";

export const ana = "6f1c1f0e-8d55-4a0e-9d3a-1d2d6c1b7a01" as AccountId;
const minute = 60_000;

/** Today at this time, local; the pictures should not depend on when they are taken. */
export function today(hours: number, minutes: number): number {
  return new Date().setHours(hours, minutes, 0, 0);
}

export function contact(name: string, change: Partial<ContactView> = {}): ContactView {
  return {
    name,
    key: name.toLowerCase(),
    state: "mutual",
    presence: "online",
    muted: false,
    marked: false,
    unread: 0,
    ...change,
  };
}

let made = 0;
export function message(position: number, change: Partial<MessageView> = {}): MessageView {
  made++;
  const mine = change.mine ?? false;
  return {
    position,
    id: `00000000-0000-4000-8000-${String(made).padStart(12, "0")}` as MessageView["id"],
    with: "bruno",
    from: mine ? "Ana" : "Bruno",
    mine,
    body: `message ${position}`,
    sentAt: today(13, 0) + position * minute,
    status: mine ? "read" : "delivered",
    unread: false,
    ...change,
  };
}

export function account(change: Partial<AccountView> = {}): AccountView {
  return {
    account: ana,
    name: "Ana",
    relay: "http://casa.local:4567",
    connection: { kind: "online", since: 0 },
    wish: "online",
    contacts: [],
    pending: 0,
    remembered: true,
    ...change,
  };
}

/** what the main process says when nobody has chosen anything */
export const usual: Preferences = {
  locale: "pt-BR",
  theme: "system",
  textSize: "normal",
  sendKey: "enter",
  spellCheck: false,
  notifications: "text",
  doNotDisturb: { kind: "off" },
  awayAfterMinutes: 10,
  tray: true,
  closeToTray: false,
  startHidden: false,
  startAtLogin: false,
};

export function world(change: Partial<World> = {}): World {
  return { accounts: [], preferences: { ...usual, locale: "pt-BR", theme: "light" }, messages: {}, ...change };
}

/** The conversation of the design's picture. */
export function busyWorld(change: Partial<World> = {}): World {
  const at = (hours: number, minutes: number) => today(hours, minutes);
  const mine = true;
  const contacts = [
    contact("Davi", {
      state: "requested",
      last: { body: "Oi Ana, é o Davi da monitoria", mine: false, at: at(13, 20), status: "delivered" },
    }),
    contact("Bruno", {
      presence: "offline",
      lastSeen: at(14, 1),
      waiting: { count: 3, since: at(14, 2) },
      last: { body: "E as luvas acabaram, já pedi mais 🧤", mine, at: at(14, 3), status: "accepted" },
    }),
    contact("Clara", {
      unread: 66,
      last: { body: "Te ligo às 16h, pode ser?", mine: false, at: at(13, 40), status: "delivered" },
    }),
    contact("Elis", {
      alias: "Tia Elis",
      muted: true,
      marked: true,
      last: { body: "combinado!", mine, at: at(13, 0) - 86_400_000, status: "read" },
    }),
    contact("João", {
      presence: "offline",
      last: { body: "Foto da placa amanhã", mine: false, at: at(9, 0) - 2 * 86_400_000, status: "delivered" },
    }),
    contact("Maria.Antonieta_de-Souza-Cardoso", { state: "pending", presence: "offline" }),
    contact("Zeca", { state: "blocked", presence: "offline" }),
  ];
  const log = [
    message(1, { body: "Bom dia! Chegou a encomenda?", sentAt: at(9, 12) - 86_400_000 }),
    message(2, { body: "Chegou, está na bancada.", mine, sentAt: at(9, 14) - 86_400_000 }),
    message(3, { body: "Consegue me mandar a lista de material até as três?", sentAt: at(13, 57) }),
    message(4, { body: "Vou entrar no laboratório agora, fico sem rede.", sentAt: at(13, 58) }),
    message(5, { body: "Mando sim. Separei em duas partes: reagentes e vidraria.", mine, sentAt: at(13, 59) }),
    message(6, { body: "Reagentes: etanol 70 %, tampão fosfato, ágar.", mine, sentAt: at(14, 5), status: "accepted" }),
    message(7, { body: "Vidraria: 12 placas, 4 erlenmeyers de 250 ml.", mine, sentAt: at(14, 6), status: "accepted" }),
    message(8, { body: "E as luvas acabaram, já pedi mais 🧤", mine, sentAt: at(14, 6), status: "accepted" }),
  ];
  const hello = message(1, { with: "davi", from: "Davi", body: "Oi Ana, é o Davi da monitoria", sentAt: at(13, 20) });
  const many = Array.from({ length: 900 }, (_, index) =>
    message(index + 1, {
      with: "clara",
      from: index % 3 === 0 ? "Ana" : "Clara",
      mine: index % 3 === 0,
      body: `Mensagem número ${index + 1}: ${"palavra ".repeat(index % 17)}`,
      sentAt: today(8, 0) + index * 20_000,
      unread: index % 3 !== 0 && index > 800,
    }),
  );
  return world({
    accounts: [account({ contacts })],
    shown: ana,
    messages: { bruno: log, clara: many, davi: [hello] },
    ...change,
  });
}
