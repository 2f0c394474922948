import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BindingNode, Definition, EnvironmentNode } from "../../../src/define/node.ts";
import { openQuery } from "../../../src/query/query.ts";
import { environmentOf } from "../../../src/run/bind.ts";
import { statePaths } from "../../../src/run/state.ts";
import { quoteIdentifier } from "../../../src/systems/duckdb/connection.ts";
import { shopPlatform } from "../../run/shop.ts";

/** The shop with a lake and a catalog bound. */
export function shopWith(bindings: Readonly<Record<string, BindingNode>>): Definition {
  const definition = shopPlatform();
  const local = environmentOf(definition, "local");
  const environment: EnvironmentNode = { ...local, bindings: { ...local.bindings, ...bindings } };
  return { ...definition, environments: { local: environment } };
}

/** Every row of the shop's tables, in order, as its own catalog or a bound one gives it: equal when and only when the data are. */
export async function shopRows(directory: string, definition: Definition): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const session = await openQuery(environmentOf(definition, "local"), statePaths(directory, "local"), "shop");
  try {
    const { rows: tables } = await session.ask("SELECT table_name AS name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY 1");
    const contents: Record<string, readonly unknown[]> = {};
    for (const { name } of tables)
      contents[String(name)] = (await session.ask(`SELECT * FROM lake.shop.${quoteIdentifier(String(name))} ORDER BY ALL`)).rows;
    return contents;
  } finally {
    await session.close();
  }
}

/** Takes files of an environment's state away, as a lost machine would. */
export function lose(directory: string, ...databases: readonly ("catalog" | "journal")[]): void {
  const { state } = statePaths(directory, "local");
  for (const name of databases) for (const suffix of ["", "-wal", "-shm"]) rmSync(join(state, `${name}.sqlite${suffix}`), { force: true });
}

/** Where a catalog of others is, and the folder in which its tables lie. */
export interface ShopPlace {
  readonly url: string;
  readonly warehouse: string;
}
