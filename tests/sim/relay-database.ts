import { type DatabaseSyncInstance, type StatementSyncInstance } from "@photostructure/sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";
import { type Database, type Tables } from "../../server/database.ts";
import { type Chance } from "./random.ts";
import { type Life, never } from "./time.ts";

type Statements = Map<string, SqliteStatement>;

/** Prepared statements outlive a relay: preparing is most of what a query costs here. */
const prepared = new WeakMap<DatabaseSyncInstance, Statements>();

/**
 * The relay's database as one run of the relay sees it: a query may take time, so that a crash can come between any two,
 * and after the crash no query of the dead one is carried out.
 */
export function relayDatabase(sqlite: DatabaseSyncInstance, life: Life, chance: Chance, slowness: number): Database {
  const statements: Statements = prepared.get(sqlite) ?? new Map<string, SqliteStatement>();
  prepared.set(sqlite, statements);
  const database = {
    close: () => undefined,
    prepare: (text: string): SqliteStatement => {
      const known = statements.get(text);
      if (known) return known;
      const fresh = asKysely(sqlite.prepare(text));
      statements.set(text, fresh);
      return fresh;
    },
  };
  const turn = async (): Promise<void> => {
    if (!life.alive) await never();
    if (chance.happens(slowness)) await life.pass(chance.between(1, 30));
  };
  class SimulatedDialect extends SqliteDialect {
    override createDriver(): Driver {
      return new SimulatedDriver({ database }, turn);
    }
  }
  return new Kysely<Tables>({ dialect: new SimulatedDialect({ database }) });
}

function asKysely(statement: StatementSyncInstance): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (values): unknown[] => statement.all(...values),
    run: (values) => statement.run(...values),
    iterate: (values) => statement.iterate(...values),
  };
}

class SimulatedDriver extends SqliteDriver {
  constructor(
    config: ConstructorParameters<typeof SqliteDriver>[0],
    private readonly turn: () => Promise<void>,
  ) {
    super(config);
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const real = await super.acquireConnection();
    return {
      executeQuery: async <Row>(query: CompiledQuery) => {
        await this.turn();
        return real.executeQuery<Row>(query);
      },
      streamQuery: <Row>(query: CompiledQuery, size: number) => real.streamQuery<Row>(query, size),
    };
  }
}
