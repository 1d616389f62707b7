import { type World } from "./relay-world.ts";

/** What a suite stands on: one relay for all its tests, and others of the same engine when it needs one to itself. */
export interface Ground {
  readonly engine: "embedded" | "rabbitmq";
  readonly world: World;
  /** a relay of its own, closed after the test */
  another(...args: readonly string[]): Promise<World>;
}
