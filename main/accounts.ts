import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../wire/contract.ts";
import { accountId, type AccountId, type AccountView, type CallParams } from "../wire/ipc.ts";
import { deviceId, type DeviceId, foldName, parseName, type FoldedName } from "../wire/model.ts";
import { type Credentials } from "../wire/socket.ts";
import { Account } from "./account.ts";
import { type Clock, type Random } from "./clock.ts";
import { factsOf, type Log } from "./log.ts";
import { NewerDatabase } from "./migrations.ts";
import { type Emit } from "./news.ts";
import { parseRelayAddress } from "./relay-address.ts";
import { type Secrets } from "./secrets.ts";
import { databaseName, openStore, SetAside, type AccountFacts, type Store } from "./store.ts";

/** An account that could not be opened; the person is told why, and where its data is. */
export type Trouble =
  | { readonly kind: "set-aside"; readonly file: string }
  | { readonly kind: "newer"; readonly folder: string }
  | { readonly kind: "unreadable"; readonly folder: string; readonly reason: string };

export interface AccountsNeeds {
  /** each account is a folder in it, named by its id */
  readonly folder: string;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: () => string;
  readonly deviceName: string;
  readonly log: Log;
  readonly emit: Emit;
}

/** All the accounts of one running app, each in its own folder. */
export class Accounts {
  readonly #needs: AccountsNeeds;
  readonly #open = new Map<AccountId, Account>();
  /** sign-ins under way: the same account must not be opened twice at once */
  readonly #signingIn = new Set<string>();
  /** devices of sign-ins that have not succeeded yet, by name and relay */
  readonly #attempted = new Map<string, DeviceId>();
  #away = false;

  constructor(needs: AccountsNeeds) {
    this.#needs = needs;
  }

  /** Whose data is here, opened or not: windows begin with this before any database is read. */
  found(): AccountId[] {
    if (!existsSync(this.#needs.folder)) return [];
    const ids = readdirSync(this.#needs.folder).flatMap((entry) => accountId.safeParse(entry).data ?? []);
    return ids.filter((id) => existsSync(join(this.#folderOf(id), databaseName)));
  }

  /** Opens what is here and connects it. One that cannot be opened does not hold up the others. */
  async open(): Promise<Trouble[]> {
    mkdirSync(this.#needs.folder, { recursive: true });
    const troubles: Trouble[] = [];
    for (const id of this.found()) {
      try {
        await this.#openOne(id);
      } catch (error) {
        this.#needs.log.error("account not opened", { account: id, ...factsOf(error) });
        troubles.push(troubleOf(error, this.#folderOf(id)));
      }
    }
    return troubles;
  }

  views(): AccountView[] {
    return [...this.#open.values()].map((account) => account.view());
  }

  all(): Account[] {
    return [...this.#open.values()];
  }

  has(id: AccountId): boolean {
    return this.#open.has(id);
  }

  /** @throws {Refusal} `account-unknown` */
  get(id: AccountId): Account {
    const account = this.#open.get(id);
    if (!account) throw new Refusal("account-unknown", "There is no such account here.");
    return account;
  }

  /**
   * Registers or signs in. What does not succeed leaves nothing behind.
   * @throws {Refusal} `relay-address-invalid`, `name-invalid`, `account-open`, why the relay cannot be reached, or its refusal
   */
  async signIn(params: CallParams<"account:sign-in">): Promise<AccountId> {
    const relay = parseRelayAddress(params.relay);
    const name = parseName(params.name.trim());
    if (name === undefined) throw new Refusal("name-invalid", "This cannot be a name.");
    const key = `${foldName(name)} ${relay}`;
    if (this.#signingIn.has(key) || this.#find(relay, foldName(name))) {
      throw new Refusal("account-open", "This account is open here already.");
    }
    this.#signingIn.add(key);
    const id = accountId.parse(this.#needs.newId());
    // The same device in every attempt: an answer that was lost on the way leaves no second inbox that nobody reads.
    const device = this.#attempted.get(key) ?? deviceId.parse(this.#needs.newId());
    this.#attempted.set(key, device);
    try {
      await this.#signInNew(id, { id, device, relay, name, wish: "online" }, credentialsOf(params, name));
      this.#attempted.delete(key);
      return id;
    } finally {
      this.#signingIn.delete(key);
    }
  }

  /** Signs in again with a password, or, after `replaced`, with the token that is here. */
  async resume(id: AccountId, password: string | undefined): Promise<void> {
    const account = this.get(id);
    if (password === undefined) account.start();
    else await account.signIn({ kind: "password", name: account.facts.name, password });
  }

  /** Signs this device out (G11) and forgets the account here, history included. */
  async signOut(id: AccountId): Promise<void> {
    const account = this.get(id);
    await account.signOut();
    this.#open.delete(id);
    account.close();
    this.#forget(id);
    this.#needs.emit({ kind: "account:removed", account: id });
  }

  /** The computer goes to sleep: every account leaves its relay. */
  sleep(): void {
    for (const account of this.#open.values()) account.sleep();
  }

  /** Whether somebody is at this computer, for all accounts, those to come included. */
  setAway(away: boolean): void {
    this.#away = away;
    for (const account of this.#open.values()) account.setAway(away);
  }

  retryNow(): void {
    for (const account of this.#open.values()) account.retryNow();
  }

  /** Closes every database cleanly. Safe to call twice. */
  close(): void {
    for (const account of this.#open.values()) account.close();
    this.#open.clear();
  }

  async #openOne(id: AccountId): Promise<void> {
    const store = await this.#store(id);
    const facts = store.facts();
    if (!facts) {
      // a first sign-in that was cut off: nothing was accepted for it
      store.close();
      this.#forget(id);
      return;
    }
    const account = this.#account({ ...facts, id }, store);
    this.#open.set(id, account);
    account.start();
  }

  async #signInNew(id: AccountId, facts: AccountFacts, credentials: Credentials): Promise<AccountId> {
    mkdirSync(this.#folderOf(id), { recursive: true });
    let account: Account | undefined;
    try {
      account = this.#account(facts, await this.#store(id));
      await account.signIn(credentials);
    } catch (error) {
      account?.close();
      this.#forget(id);
      throw error;
    }
    this.#open.set(id, account);
    this.#needs.emit({ kind: "account:added", account: account.view() });
    return id;
  }

  #account(facts: AccountFacts, store: Store): Account {
    const { secrets, emit } = this.#needs;
    const { id } = facts;
    const account = new Account({
      ...this.#needs,
      facts,
      store,
      token: () => secrets.recall(id),
      keepToken: (token) => secrets.keep(id, token),
      // before it is added, windows do not know it: what happened until then is in the view they get
      emit: (...events) => {
        if (this.#open.has(id)) emit(...events);
      },
    });
    account.setAway(this.#away);
    return account;
  }

  #store(id: AccountId): Promise<Store> {
    return openStore(this.#folderOf(id), this.#needs.newId, () => this.#needs.clock.now());
  }

  #find(relay: string, name: FoldedName): Account | undefined {
    return [...this.#open.values()].find(({ facts }) => facts.relay === relay && foldName(facts.name) === name);
  }

  #folderOf(id: AccountId): string {
    return join(this.#needs.folder, id);
  }

  #forget(id: AccountId): void {
    this.#needs.secrets.forget(id);
    rmSync(this.#folderOf(id), { recursive: true, force: true });
  }
}

function credentialsOf({ mode, password, invite }: CallParams<"account:sign-in">, name: string): Credentials {
  switch (mode) {
    case "password":
      return { kind: "password", name, password };
    case "register":
      return { kind: "register", name, password, ...(invite !== undefined && { invite }) };
  }
}

function troubleOf(error: unknown, folder: string): Trouble {
  if (error instanceof SetAside) return { kind: "set-aside", file: error.file };
  if (error instanceof NewerDatabase) return { kind: "newer", folder };
  return { kind: "unreadable", folder, reason: error instanceof Error ? error.message : String(error) };
}
