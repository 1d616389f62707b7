/** The imported accounts: `user0` writes to `user1`, `user2` to `user3`, and so on. */
export const nameOf = (user: number): string => `user${user}`;
export const password = "bench-secret";
export const deviceOf = (user: number, device: number): string =>
  `${user.toString(16).padStart(8, "0")}-0000-4000-8000-${device.toString(16).padStart(12, "0")}`;
export const tokenOf = (user: number, device: number): string => `bench-token-${user}-${device}`;
/** the queue that a reader has when RabbitMQ is measured alone */
export const queueOf = (user: number): string => `bench.${user}`;
