/** What the command line asks for. */
export interface Flags {
  /** a second app beside the first, with its own data */
  readonly profile?: string;
  /** without a window in front: the computer started it, not a person */
  readonly hidden?: true;
}

const profileName = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u;

/**
 * Reads the app's own flags; Chromium's stand between them and are none of our business.
 * @returns a sentence instead when a flag cannot be used
 */
export function parseFlags(argv: readonly string[]): Flags | { readonly problem: string } {
  const at = argv.findIndex((word) => word === "--profile" || word.startsWith("--profile="));
  const word = argv[at];
  const hidden = argv.includes("--hidden") && { hidden: true as const };
  if (word === undefined) return { ...hidden };
  const profile = word === "--profile" ? (argv[at + 1] ?? "") : word.slice("--profile=".length);
  if (profileName.test(profile)) return { profile, ...hidden };
  return {
    problem:
      "--profile needs a name: 1 to 32 letters, digits, dots, dashes or underscores, beginning with a letter or digit.",
  };
}
