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
      const lists = /^\s*(show|describe|desc)\b/i.test(sql);
      const rows = await engine.ask(lists ? sql : `SELECT * FROM (\n${sql}\n) AS question`);
      const described = lists ? [] : await engine.describe(`SELECT * FROM (\n${sql}\n) AS question`);
      const columns = lists ? Object.keys(rows[0] ?? {}) : described.map(({ name }) => name);
      return { columns, types: lists ? columns.map(() => "VARCHAR") : described.map(({ type }) => type.toUpperCase()), rows };
    },
  };
}
