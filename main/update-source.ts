import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type UpdateOff, type UpdateWay } from "../wire/update.ts";

/** What the build wrote into its own package.json (scripts/dist.mjs); absent where the app runs from its sources. */
const builtFacts = z.object({
  /** Ed25519, PEM: whose announcements are believed */
  updateKey: z.string().optional(),
  /** signed as its system wants it (Windows, macOS) */
  codeSigned: z.boolean().default(false),
  /** where a person finds the newest version */
  downloadPage: z.url({ protocol: /^https$/ }).optional(),
});
export type BuiltFacts = z.infer<typeof builtFacts>;

/** What an administrator laid down for this machine, in a file that its users cannot write. */
const policy = z.object({ updates: z.enum(["on", "off"]).default("on") });

/** Where that file is. */
export function policyFile(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  switch (platform) {
    case "win32":
      return join(env["ProgramData"] ?? "C:\\ProgramData", "Recado", "policy.json");
    case "darwin":
      return "/Library/Application Support/Recado/policy.json";
    default:
      return "/etc/recado/policy.json";
  }
}

/** Which of electron-updater's installers this copy is for; `none` can only look. */
export type Installer = "appimage" | "deb" | "rpm" | "nsis" | "mac" | "none";

export interface UpdatesOn {
  readonly kind: "on";
  readonly installer: Installer;
  /** whose announcements are believed: Ed25519, PEM */
  readonly key: string;
  /** where new versions are announced: electron-builder's `app-update.yml` */
  readonly feedFile: string;
  readonly downloadPage: string | undefined;
}
export type UpdateSource = { readonly kind: "off"; readonly reason: UpdateOff } | UpdatesOn;

export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  /** the content of {@link policyFile}; `undefined` when there is none */
  readonly policy: string | undefined;
  /** what the build wrote; `undefined` where the app runs from its sources */
  readonly built: BuiltFacts | undefined;
  /** `undefined` when the build had no feed to write down */
  readonly feedFile: string | undefined;
  /** what electron-builder wrote beside it when it made a system package: `deb` or `rpm` */
  readonly packageType: string | undefined;
}

/** Whether this copy looks for updates, and what it can do with one (U1, U4). */
export function updateSource(around: Surroundings): UpdateSource {
  const { env, argv, built, feedFile } = around;
  if (env["RECADO_UPDATES"] === "off" || argv.includes("--no-updates") || forbids(around.policy)) {
    return { kind: "off", reason: "administrator" };
  }
  if (!built) return { kind: "off", reason: "development" };
  // without a key nothing could be verified: such a build does not update itself, and does not pretend to
  if (feedFile === undefined || built.updateKey === undefined) return { kind: "off", reason: "no-source" };
  return {
    kind: "on",
    installer: installerOf(around, built),
    key: built.updateKey,
    feedFile,
    downloadPage: built.downloadPage,
  };
}

/** What a new version takes of the person. */
export function updateWay(installer: Installer): UpdateWay {
  switch (installer) {
    case "appimage":
    case "nsis":
    case "mac":
      return "restart";
    case "deb":
    case "rpm":
      return "password";
    case "none":
      return "by-hand";
  }
}

function installerOf({ platform, env, packageType }: Surroundings, { codeSigned }: BuiltFacts): Installer {
  switch (platform) {
    case "win32":
      // the portable file cannot replace itself; an unsigned installer would be run unchecked by the system
      return codeSigned && env["PORTABLE_EXECUTABLE_DIR"] === undefined ? "nsis" : "none";
    case "darwin":
      return codeSigned ? "mac" : "none";
    default:
      if (env["APPIMAGE"] !== undefined) return "appimage";
      return packageType === "deb" || packageType === "rpm" ? packageType : "none";
  }
}

/**
 * Reads the surroundings of this very process.
 * @param resources the packaged app's own; `undefined` where it runs from its sources: then a test can name a feed and a key
 * @param appPath where the app's package.json is
 */
export function findUpdateSource(resources: string | undefined, appPath: string): UpdateSource {
  const { platform, env, argv } = process;
  const around = { platform, env, argv, policy: textOf(policyFile(platform, env)) };
  if (resources === undefined) {
    const { RECADO_DEV_FEED_FILE: feedFile, RECADO_DEV_UPDATE_KEY: updateKey } = env;
    const built = updateKey === undefined ? undefined : { updateKey, codeSigned: true };
    return updateSource({ ...around, built, feedFile, packageType: undefined });
  }
  const feedFile = join(resources, "app-update.yml");
  return updateSource({
    ...around,
    built: z.object({ recado: builtFacts }).safeParse(parseJson(textOf(join(appPath, "package.json")) ?? "")).data
      ?.recado ?? { codeSigned: false },
    feedFile: existsSync(feedFile) ? feedFile : undefined,
    packageType: textOf(join(resources, "package-type"))?.trim(),
  });
}

/** A file that is there and cannot be read as meant stands for "off": an administrator who wrote it wanted something. */
function forbids(text: string | undefined): boolean {
  if (text === undefined) return false;
  const read = policy.safeParse(parseJson(text));
  return !read.success || read.data.updates === "off";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A small file's text, `undefined` when it is not there. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // present but not readable: not the same as absent
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? undefined : "";
  }
}
