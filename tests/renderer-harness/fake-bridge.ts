import type { ErrorCode, Reply } from "../../wire/contract.ts";
import type {
  AccountView,
  AppEvent,
  AppEventOf,
  Bridge,
  BridgeCall,
  CallParams,
  CallValue,
  ContactView,
  MessageChoice,
  MessageView,
  OpenedLink,
  Preferences,
  WindowView,
} from "../../wire/ipc.ts";
import type { DrillState } from "../../wire/drill.ts";
import type { UpdateState } from "../../wire/update.ts";

/** What a scenario starts with; the fake main process keeps it, answers calls from it and tells of changes. */
export interface World {
  accounts: AccountView[];
  shown?: AccountView["account"];
  /** the window shows this conversation and nothing else */
  alone?: string;
  preferences: Preferences;
  messages: Record<string, MessageView[]>;
  profile?: string;
  update?: UpdateState;
  drill?: DrillState;
  link?: OpenedLink;
  refuse?: Partial<Record<BridgeCall, ErrorCode>>;
  /** what comes of a test notification */
  notification?: CallValue<"notification:test">["outcome"];
  /** what is chosen in the menu of a message */
  chosen?: MessageChoice;
  /** calls that are never answered */
  silent?: BridgeCall[];
}

type Handlers = { [C in BridgeCall]?: (params: CallParams<C>) => CallValue<C> };

/** A main process in the page, for looking at the window and for testing it without Electron. */
export class FakeBridge implements Bridge {
  readonly calls: { name: BridgeCall; params: unknown }[] = [];
  #listener: ((event: AppEvent) => void) | undefined;
  #clock = 0;

  constructor(readonly world: World) {}

  subscribe(listener: (event: AppEvent) => void): () => void {
    this.#listener = listener;
    const { accounts, shown, alone, preferences, profile } = this.world;
    queueMicrotask(() =>
      this.tell({
        kind: "snapshot",
        accounts,
        view: viewOf(shown, alone),
        preferences,
        defaultRelay: "http://127.0.0.1:4567",
        version: "0.1.0",
        update: this.world.update ?? { kind: "quiet" },
        ...(this.world.drill && { drill: this.world.drill }),
        ...(this.world.link && { link: this.world.link }),
        ...(profile !== undefined && { profile }),
      }),
    );
    return () => {
      this.#listener = undefined;
    };
  }

  tell(event: AppEvent): void {
    this.#listener?.(event);
  }

  async call<C extends BridgeCall>(name: C, params: CallParams<C>): Promise<Reply<CallValue<C>>> {
    this.calls.push({ name, params });
    if (this.world.silent?.includes(name)) return new Promise(() => undefined);
    await Promise.resolve();
    const code = this.world.refuse?.[name];
    if (code) return { ok: false, error: { code, message: "", retryable: false } };
    const handlers: Handlers = this.#handlers;
    const handler = handlers[name];
    if (!handler) return { ok: false, error: { code: "invalid", message: name, retryable: false } };
    return { ok: true, value: handler(params) };
  }

  readonly #handlers: Handlers = {
    "message:list": ({ name, before, after, around, limit }) => {
      const log = this.world.messages[name] ?? [];
      if (around === undefined && after === undefined) {
        const all = log.filter((m) => before === undefined || m.position < before);
        return { messages: all.slice(-limit), more: all.length > limit, newer: before !== undefined };
      }
      const older = around === undefined ? [] : log.filter((m) => m.position <= around);
      const newer = log.filter((m) => m.position > (after ?? around ?? 0));
      const half = around === undefined ? limit : Math.floor(limit / 2);
      const messages = [...older.slice(-half), ...newer.slice(0, half)];
      return { messages, more: after !== undefined || older.length > half, newer: newer.length > half };
    },
    "message:search": ({ name, query, before, limit }) => {
      const found = Object.entries(this.world.messages)
        .flatMap(([key, log]) => (name === undefined || name === key ? log : []))
        .filter((m) => query !== "" && m.body.includes(query) && (before === undefined || m.position < before))
        .sort((a, b) => b.position - a.position);
      const hits = found.slice(0, limit).map((m) => {
        const at = m.body.indexOf(query);
        const marks: [number, number][] = [[at, at + query.length]];
        return {
          position: m.position,
          with: m.with,
          from: m.from,
          mine: m.mine,
          sentAt: m.sentAt,
          snippet: m.body,
          marks,
        };
      });
      return { hits, more: found.length > limit };
    },
    "message:find": ({ name, quoted, before }) => {
      const position = (this.world.messages[name] ?? [])
        .filter((m) => m.position < before && m.body.includes(quoted))
        .at(-1)?.position;
      return position === undefined ? {} : { position };
    },
    "message:delete": ({ account, id }) => {
      for (const [key, log] of Object.entries(this.world.messages)) {
        const gone = log.find((m) => m.id === id);
        if (!gone) continue;
        this.world.messages[key] = log.filter((m) => m.id !== id);
        this.tell({ kind: "message:deleted", account, with: key, position: gone.position });
      }
      return {};
    },
    "draft:keep": ({ account, name, draft }) => (this.#contact(account, name, { draft }), {}),
    "message:menu": () => ({ ...(this.world.chosen && { chosen: this.world.chosen }) }),
    "link:open": () => ({}),
    "message:write": ({ account, name, body }) => {
      const log = (this.world.messages[name] ??= []);
      const at = Date.now() + this.#clock++;
      const message: MessageView = {
        position: (log.at(-1)?.position ?? 0) + 1,
        id: crypto.randomUUID() as MessageView["id"],
        with: name,
        from: "Ana",
        mine: true,
        body,
        sentAt: at,
        acceptedAt: at,
        status: "accepted",
        unread: false,
      };
      log.push(message);
      this.tell({ kind: "messages:stored", account, messages: [message] });
      return { message };
    },
    "message:shown": ({ account, name, position }) => {
      const log = this.world.messages[name] ?? [];
      const seen = log.map((m) => (m.position <= position ? { ...m, unread: false } : m));
      const changed = seen.filter((m, index) => m.unread !== log[index]?.unread);
      this.world.messages[name] = seen;
      this.#contact(account, name, { unread: 0 });
      this.tell({ kind: "messages:changed", account, messages: changed });
      return {};
    },
    "contact:add": ({ account, name }) => {
      const key = name.toLowerCase();
      const fresh: ContactView = freshContact(name, key);
      const known = this.#find(account)?.contacts.find((contact) => contact.key === key);
      this.#contact(account, key, known ? { state: "mutual", presence: "online" } : fresh);
      return {};
    },
    "contact:remove": ({ account, name }) => (this.#contact(account, name, { state: "former" }), {}),
    "contact:block": ({ account, name }) => (this.#contact(account, name, { state: "blocked" }), {}),
    "contact:unblock": ({ account, name }) => (this.#contact(account, name, { state: "mutual" }), {}),
    "contact:note": ({ account, name, alias, muted, marked }) => {
      this.#contact(account, name, {
        ...(alias !== undefined && { alias: alias.trim() === "" ? undefined : alias.trim() }),
        ...(muted !== undefined && { muted }),
        ...(marked !== undefined && { marked }),
      });
      return {};
    },
    "presence:set": ({ account, presence }) => {
      const now = Date.now();
      this.#account(account, {
        wish: presence,
        connection: presence === "online" ? { kind: "online", since: now } : { kind: "held", since: now, waiting: 0 },
      });
      return {};
    },
    "preferences:set": (change) => {
      this.#prefer(Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)));
      return {};
    },
    "window:show": ({ account }) => {
      this.tell({ kind: "window:shown", view: viewOf(account, undefined) });
      return {};
    },
    "window:open": () => ({}),
    "window:detach": () => ({}),
    "window:reads": () => ({}),
    "do-not-disturb:set": ({ until }) => {
      const now = Date.now();
      const chosen: Record<typeof until, Preferences["doNotDisturb"]> = {
        off: { kind: "off" },
        ended: { kind: "on" },
        hour: { kind: "until", at: now + 3_600_000 },
        tomorrow: { kind: "until", at: new Date(now + 86_400_000).setHours(8, 0, 0, 0) },
      };
      this.#prefer({ doNotDisturb: chosen[until] });
      return {};
    },
    "notification:test": () => ({ outcome: this.world.notification ?? "shown", system: "linux" }),
    "drill:start": () => (this.#drill({ kind: "running", done: [], now: "prepare" }), {}),
    "drill:stop": () => (this.#drill({ kind: "idle" }), {}),
    "typing:tell": () => ({}),
    "link:paste": () => ({}),
    "link:answered": () => ({}),
    "update:check": () => ({}),
    "update:download": () => ({}),
    "update:apply": () => ({}),
    "update:open-page": () => ({}),
    "update:dismiss": () => ({}),
    "connection:retry": () => ({}),
    "account:resume": () => ({}),
  };

  #prefer(change: Partial<Preferences>): void {
    Object.assign(this.world.preferences, change);
    this.tell({ kind: "preferences:changed", preferences: { ...this.world.preferences } });
  }

  #drill(drill: DrillState): void {
    this.world.drill = drill;
    this.tell({ kind: "drill:changed", drill });
  }

  #find(account: AccountView["account"]): AccountView | undefined {
    return this.world.accounts.find((view) => view.account === account);
  }

  #account(id: AccountView["account"], change: Partial<AccountView>): void {
    const account = this.#find(id);
    if (!account) return;
    Object.assign(account, change);
    this.tell({ kind: "account:changed", account: factsOf(account) });
  }

  #contact(account: AccountView["account"], key: string, change: Partial<ContactView>): void {
    const contacts = this.#find(account)?.contacts ?? [];
    const index = contacts.findIndex((contact) => contact.key === key);
    const base: ContactView = contacts[index] ?? freshContact(key, key);
    const contact = { ...base, ...change };
    if (index < 0) contacts.push(contact);
    else contacts[index] = contact;
    this.tell({ kind: "contacts:changed", account, contacts: [contact] });
  }
}

const freshContact = (name: string, key: string): ContactView => {
  return { name, key, muted: false, marked: false, state: "pending", presence: "offline", unread: 0 };
};

/** An account without its contacts, as `account:changed` carries it. */
export function factsOf(view: AccountView): AppEventOf<"account:changed">["account"] {
  const { account, name, relay, connection, wish, pending, remembered } = view;
  return { account, name, relay, connection, wish, pending, remembered };
}

/** What a window shows: the sign-in screen, an account, or one conversation of it. */
export function viewOf(account: AccountView["account"] | undefined, alone: string | undefined): WindowView {
  if (account === undefined) return { kind: "sign-in" };
  return alone === undefined ? { kind: "account", account } : { kind: "conversation", account, conversation: alone };
}
