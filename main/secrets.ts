import { existsSync, readFileSync, rmSync } from "node:fs";
import { type AccountId } from "../wire/ipc.ts";
import { writeAtomically } from "./atomic-file.ts";

/** The system's key store, as far as it is one. */
export interface Vault {
  /** false when what it calls encryption would protect nothing */
  available(): boolean;
  encrypt(text: string): Buffer;
  decrypt(sealed: Buffer): string;
}

/** What Electron's safeStorage offers of it (`getSelectedStorageBackend` on Linux only). */
export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(sealed: Buffer): string;
}

/** Without a keyring, Linux's `basic_text` backend "encrypts" with a key that is in every copy of Electron. */
export function vaultOf(storage: SafeStorage, platform: NodeJS.Platform): Vault {
  return {
    available: () =>
      storage.isEncryptionAvailable() &&
      (platform !== "linux" || !["basic_text", "unknown"].includes(storage.getSelectedStorageBackend?.() ?? "unknown")),
    encrypt: (text) => storage.encryptString(text),
    decrypt: (sealed) => storage.decryptString(sealed),
  };
}

/** The accounts' tokens: sealed by the system's key store, or in memory only where there is none. */
export class Secrets {
  readonly #vault: Vault;
  readonly #fileOf: (account: AccountId) => string;
  readonly #known = new Map<AccountId, string>();

  constructor(vault: Vault, fileOf: (account: AccountId) => string) {
    this.#vault = vault;
    this.#fileOf = fileOf;
  }

  /** @returns whether it will still be here after a restart */
  keep(account: AccountId, token: string): boolean {
    const file = this.#fileOf(account);
    if (this.#known.get(account) === token && existsSync(file)) return true;
    this.#known.set(account, token);
    if (!this.#vault.available()) return false;
    try {
      writeAtomically(file, this.#vault.encrypt(token));
      return true;
    } catch {
      return false;
    }
  }

  recall(account: AccountId): string | undefined {
    const known = this.#known.get(account);
    if (known !== undefined) return known;
    const file = this.#fileOf(account);
    if (!existsSync(file) || !this.#vault.available()) return undefined;
    try {
      const token = this.#vault.decrypt(readFileSync(file));
      this.#known.set(account, token);
      return token;
    } catch {
      // sealed by another user or another key store: the password is asked for again
      return undefined;
    }
  }

  forget(account: AccountId): void {
    this.#known.delete(account);
    rmSync(this.#fileOf(account), { force: true });
  }
}
