import type { Dialect } from "../define/node.ts";
import { bigquery } from "./bigquery.ts";
import type { SqlDialect } from "./dialect.ts";
import { duckdb } from "./duckdb.ts";
import { postgres } from "./postgres.ts";
import { redshift } from "./redshift.ts";
import { snowflake } from "./snowflake.ts";
import { spark } from "./spark.ts";
import { trino } from "./trino.ts";

const dialects: Readonly<Record<Dialect, SqlDialect>> = { duckdb, spark, trino, postgres, snowflake, bigquery, redshift };

export function dialectOf(name: Dialect): SqlDialect {
  return dialects[name];
}
