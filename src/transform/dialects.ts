import type { Dialect } from "../define/node.ts";
import type { SqlDialect } from "./dialect.ts";
import { duckdb } from "./duckdb.ts";
import { spark } from "./spark.ts";

const dialects: Readonly<Partial<Record<Dialect, SqlDialect>>> = { duckdb, spark };

export function dialectOf(name: Dialect): SqlDialect {
  const dialect = dialects[name];
  if (dialect === undefined) throw new Error(`there is no printer for ${name} yet`);
  return dialect;
}
