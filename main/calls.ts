import { type Handlers } from "../wire/contract.ts";
import {
  type AccountId,
  type BridgeContract,
  type CallValue,
  type DoNotDisturbUntil,
  type MessageChoice,
} from "../wire/ipc.ts";
import { foldName } from "../wire/model.ts";
import { type Accounts } from "./accounts.ts";
import { type Asker } from "./ipc.ts";
import { type LinkQuestions } from "./links.ts";
import { type Choice } from "./preferences.ts";
import { type Updates } from "./updates.ts";

/** What a call can ask of the windows. */
export interface WindowsPart {
  open(account: AccountId | undefined): void;
  show(page: number, account: AccountId | undefined): void;
  detach(account: AccountId, conversation: string): void;
  reads(page: number, account: AccountId, conversation: string | undefined): void;
  /** windows that showed it show the sign-in screen */
  leave(account: AccountId): void;
}

/** What a call can ask of the drill. */
export interface DrillPart {
  start(): void;
  stop(): void;
}

export interface CallsNeeds {
  readonly accounts: Accounts;
  readonly windows: WindowsPart;
  readonly links: LinkQuestions;
  readonly updates: Updates;
  /** keeps a choice, and does at once what it means */
  readonly choose: (choice: Choice) => void;
  readonly doNotDisturb: (until: DoNotDisturbUntil) => void;
  readonly testNotification: () => Promise<CallValue<"notification:test">>;
  readonly drill: DrillPart;
  /** shows the menu of a message in the window in front, and waits */
  readonly messageMenu: (answerable: boolean) => Promise<MessageChoice | undefined>;
  /** @throws {Refusal} `link-refused` when it is none that may be opened */
  readonly openLink: (url: string, page: number) => Promise<void>;
}

/** One handler for every call of a window; the table is the allow-list (B1). */
export function callHandlers(needs: CallsNeeds): Handlers<BridgeContract, Asker> {
  const { accounts, windows, links, updates } = needs;
  return {
    "account:sign-in": async (params, { page }) => {
      const account = await accounts.signIn(params);
      windows.show(page, account);
      return { account };
    },
    "account:resume": async ({ account, password }) => {
      await accounts.resume(account, password);
      return {};
    },
    "account:sign-out": async ({ account }) => {
      await accounts.signOut(account);
      windows.leave(account);
      return {};
    },
    "window:open": ({ account }) => {
      windows.open(account === undefined ? undefined : accounts.get(account).facts.id);
      return {};
    },
    "window:show": ({ account }, { page }) => {
      windows.show(page, account === undefined ? undefined : accounts.get(account).facts.id);
      return {};
    },
    "window:detach": ({ account, name }) => {
      windows.detach(accounts.get(account).facts.id, foldName(name));
      return {};
    },
    "window:reads": ({ account, name }, { page }) => {
      windows.reads(page, account, name === undefined ? undefined : foldName(name));
      return {};
    },
    "presence:set": ({ account, presence }) => {
      accounts.get(account).setWish(presence);
      return {};
    },
    "connection:retry": ({ account }) => {
      accounts.get(account).retryNow();
      return {};
    },
    "contact:add": async ({ account, name }) => {
      await accounts.get(account).addContact(name);
      return {};
    },
    "contact:remove": async ({ account, name }) => {
      await accounts.get(account).removeContact(name);
      return {};
    },
    "contact:block": async ({ account, name }) => {
      await accounts.get(account).blockContact(name);
      return {};
    },
    "contact:unblock": async ({ account, name }) => {
      await accounts.get(account).unblockContact(name);
      return {};
    },
    "contact:note": ({ account, name, ...note }) => {
      accounts.get(account).noteContact(name, note);
      return {};
    },
    "message:list": ({ account, name, limit, ...place }) => accounts.get(account).messenger.list(name, limit, place),
    "message:search": (params) => accounts.get(params.account).messenger.search(params),
    "message:find": (params) => accounts.get(params.account).messenger.find(params),
    "draft:keep": ({ account, name, draft }) => {
      accounts.get(account).messenger.keepDraft(name, draft);
      return {};
    },
    "link:open": async ({ url }, { page }) => {
      await needs.openLink(url, page);
      return {};
    },
    "message:write": ({ account, name, body }) => ({ message: accounts.get(account).messenger.write(name, body) }),
    "message:resend": ({ account, id }) => ({ message: accounts.get(account).messenger.resend(id) }),
    "message:delete": ({ account, from, id }) => {
      accounts.get(account).messenger.delete(from, id);
      return {};
    },
    "message:menu": async ({ answerable }) => {
      const chosen = await needs.messageMenu(answerable);
      return { ...(chosen !== undefined && { chosen }) };
    },
    "message:shown": ({ account, name, position }) => {
      accounts.get(account).messenger.shown(name, position);
      return {};
    },
    "typing:tell": ({ account, name }) => {
      accounts.get(account).tellTyping(name);
      return {};
    },
    "drill:start": () => {
      needs.drill.start();
      return {};
    },
    "drill:stop": () => {
      needs.drill.stop();
      return {};
    },
    "preferences:set": (choice) => {
      needs.choose(choice);
      return {};
    },
    "do-not-disturb:set": ({ until }) => {
      needs.doNotDisturb(until);
      return {};
    },
    "notification:test": () => needs.testNotification(),
    "link:paste": ({ text }, { page }) => {
      links.ask(text, page);
      return {};
    },
    "link:answered": (_, { page }) => {
      links.answered(page);
      return {};
    },
    // their progress is an event; a call only sets them off
    "update:check": () => {
      void updates.check();
      return {};
    },
    "update:download": () => {
      void updates.download();
      return {};
    },
    "update:apply": () => {
      void updates.apply();
      return {};
    },
    "update:open-page": () => {
      updates.openPage();
      return {};
    },
    "update:dismiss": () => {
      updates.dismiss();
      return {};
    },
  };
}
