import { z } from "zod";
import { messageStatus } from "../wire/message-status.ts";
import { messageId, presence } from "../wire/model.ts";

/** What the harness tells a headless app, a line of JSON each on its standard input. Each is answered by its number. */
export const order = z.discriminatedUnion("do", [
  z.object({
    n: z.number(),
    do: z.literal("sign-in"),
    relay: z.string(),
    name: z.string(),
    mode: z.enum(["register", "password"]),
  }),
  z.object({ n: z.number(), do: z.literal("add"), name: z.string() }),
  z.object({ n: z.number(), do: z.literal("write"), to: z.string(), body: z.string() }),
  z.object({ n: z.number(), do: z.literal("wish"), presence }),
  /** marks everything from this person as seen */
  z.object({ n: z.number(), do: z.literal("show"), name: z.string() }),
  z.object({ n: z.number(), do: z.literal("close") }),
]);
export type Order = z.infer<typeof order>;
export type OrderWithoutNumber = Order extends infer O ? (O extends Order ? Omit<O, "n"> : never) : never;

/** What a headless app says on its standard output, a line of JSON each. */
export const word = z.discriminatedUnion("say", [
  /** its databases are open; accounts that were here connect by themselves */
  z.object({ say: z.literal("ready") }),
  z.object({ say: z.literal("done"), n: z.number(), id: messageId.optional() }),
  z.object({ say: z.literal("failed"), n: z.number(), reason: z.string() }),
  z.object({ say: z.literal("connection"), kind: z.string(), code: z.string().optional() }),
  z.object({ say: z.literal("mutual"), names: z.array(z.string()) }),
  /** a message of its own looks different now */
  z.object({ say: z.literal("status"), id: messageId, status: messageStatus }),
]);
export type Word = z.infer<typeof word>;

/** The password of every throw-away account. */
export const password = "correct horse battery 9!";
