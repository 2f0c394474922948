import type { EnvironmentNode } from "../define/node.ts";
import { openLakehouse } from "../run/lakehouse.ts";
import type { StatePaths } from "../run/state.ts";
import { dialectOf } from "../transform/dialects.ts";
import type { QuerySession } from "./query.ts";

/**
 * Opens an environment whose lake DuckDB cannot read: its own engine answers, in its own SQL, from the lake's newest snapshots.
 * The warehouse is not asked.
 */
export async function openEngineQuery(
  environment: Pick<EnvironmentNode, "bindings">,
  paths: StatePaths,
  namespace: string,
): Promise<QuerySession> {
  const { engine, close } = await openLakehouse({ environment, paths, namespace });
  // A bare name is a table of the platform.
  await engine.ask(`USE lake.${dialectOf(engine.dialect).identifier(namespace)}`);
  return {
    close,
    async ask(sql) {
      // What lists and describes changes nothing; anything else must be a query: a command cannot stand in parentheses.
      if (/^\s*(show|describe|desc)\b/i.test(sql)) {
        const rows = await engine.ask(sql);
        const columns = Object.keys(rows[0] ?? {});
        return { columns, types: columns.map(() => "VARCHAR"), rows };
      }
      const question = `SELECT * FROM (\n${sql}\n) AS question`;
      const described = await engine.describe(question);
      const rows = await engine.ask(question);
      return { columns: described.map(({ name }) => name), types: described.map(({ type }) => type.toUpperCase()), rows };
    },
  };
}
