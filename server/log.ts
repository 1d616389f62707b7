import { pino, type Logger } from "pino";

export type Log = Logger;

/**
 * JSON lines on standard output: an event name and ids, never a body, a password or a token.
 * Synchronous, so that the last line before an exit is not lost.
 */
export function openLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ["password", "token", "credentials", "auth", "body", "*.body", "*.password", "*.token"],
      censor: "[kept out]",
    },
    serializers: {
      err: (error: unknown) =>
        error instanceof Error
          ? { type: error.name, message: error.message, stack: error.stack }
          : { message: String(error) },
    },
  });
}
