import { FakeBridge, type World } from "./fake-bridge.ts";
import { account, ana, busyWorld, contact, message, today, usual, world } from "./world.ts";

const unreachable = () => ({
  kind: "unreachable" as const,
  attempt: 3,
  retryAt: Date.now() + 12_000,
  error: { code: "relay-unreachable" as const, message: "", retryable: true },
});

const withAccount = (change: Parameters<typeof account>[0]): World => {
  const busy = busyWorld();
  return { ...busy, accounts: busy.accounts.map((view) => ({ ...view, ...change })) };
};

/** Every state of the window worth looking at. */
const scenarios: Record<string, () => World> = {
  "sign-in": () => world(),
  "sign-in-refused": () => world({ refuse: { "account:sign-in": "credentials-invalid" } }),
  "sign-in-invite": () => world({ refuse: { "account:sign-in": "invite-needed" } }),
  "sign-in-unreachable": () => world({ refuse: { "account:sign-in": "relay-unreachable" } }),
  "sign-in-accounts": () => world({ accounts: busyWorld().accounts, profile: "visita" }),
  busy: () => busyWorld(),
  first: () => world({ accounts: [account({ remembered: false })], shown: ana }),
  held: () =>
    withAccount({
      wish: "offline",
      pending: 2,
      connection: { kind: "held", since: 0, waiting: 3, oldestAt: today(14, 2) },
    }),
  unreachable: () => withAccount({ pending: 1, connection: unreachable() }),
  revoked: () => withAccount({ connection: { kind: "ended", reason: "revoked" } }),
  replaced: () => withAccount({ connection: { kind: "ended", reason: "replaced" } }),
  failed: () => busyWorld({ refuse: { "message:list": "storage-failed", "message:write": "storage-failed" } }),
  silent: () => busyWorld({ silent: ["message:list"] }),
  statuses: () => {
    const mine = true;
    const refusal = { code: "unknown-name" as const, message: "", retryable: false };
    const full = { code: "inbox-full" as const, message: "", retryable: true };
    const log = [
      message(1, { body: "uma linha\n\noutra, depois de um vazio\n    recuada" }),
      message(2, { body: "x".repeat(600) }),
      message(3, { body: `Muito longa. ${"Era uma vez um recado que não cabia na caixa. ".repeat(120)}` }),
      message(4, { body: "lida", mine, status: "read", sentAt: today(13, 20) }),
      message(5, { body: "entregue", mine, status: "delivered", sentAt: today(13, 30) }),
      message(6, { body: "recusada", mine, status: "refused", refusal, sentAt: today(13, 40) }),
      message(7, { body: "aceita", mine, status: "accepted", sentAt: today(13, 50) }),
      message(8, {
        body: "https://recado.example.org/um/caminho?com=perguntas 👩🏽‍🔬",
        mine,
        status: "pending",
        refusal: full,
        sentAt: today(14, 0),
      }),
    ];
    const view = account({
      pending: 1,
      contacts: [contact("Bruno"), contact("Maria.Antonieta_de-Souza-Cardoso", { presence: "offline", unread: 1234 })],
    });
    return world({ accounts: [view], shown: ana, messages: { bruno: log } });
  },
};

declare global {
  interface Window {
    bridge: FakeBridge;
  }
}

// which one, in which language and theme, is said in the address
const said = new URLSearchParams(location.search);
const chosen = scenarios[said.get("scenario") ?? ""];
if (!chosen) throw new Error(`no scenario ${said.get("scenario") ?? ""}`);
const preferences = {
  ...usual,
  locale: said.get("locale") === "en" ? ("en" as const) : ("pt-BR" as const),
  theme: said.get("theme") === "dark" ? ("dark" as const) : ("light" as const),
};
window.bridge = new FakeBridge({ ...chosen(), preferences });
Object.defineProperty(window, "recado", { value: window.bridge });
