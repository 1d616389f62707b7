import { z } from "zod";

/** How far a message has come, as its sender sees it. Persisted: never rename a value. */
export const messageStatus = z.enum(["pending", "refused", "accepted", "delivered", "read"]);
export type MessageStatus = z.infer<typeof messageStatus>;

const rank: Readonly<Record<MessageStatus, number>> = { pending: 0, refused: 1, accepted: 2, delivered: 3, read: 4 };

/**
 * The status after another word about the same message: the further one wins, so a late or
 * repeated receipt cannot move it down. (The idea is Signal Desktop's MessageSendState reducer.)
 */
export function advance(now: MessageStatus, heard: MessageStatus): MessageStatus {
  return rank[heard] > rank[now] ? heard : now;
}
