import type { Dialect } from "../define/node.ts";
import type { SqlDialect } from "./dialect.ts";
import { duckdb } from "./duckdb.ts";
import { spark } from "./spark.ts";

const dialects: Readonly<Record<Dialect, SqlDialect>> = { duckdb, spark };

export function dialectOf(name: Dialect): SqlDialect {
  return dialects[name];
}
