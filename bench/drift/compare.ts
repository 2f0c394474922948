/**
 * Compares two Parquet files in a process of its own and prints what it took and found: `compare.ts REFERENCE CURRENT WAY [MEMORY]`, where
 * WAY is `binned`, `exact` or `sql`.
 */
import { built } from "../built.ts";
import { timed } from "../measure.ts";
import { driftSql } from "./sql.ts";

const { connect, openDuckDB }: typeof import("../../src/systems/duckdb/connection.ts") = await import(built("systems/duckdb/connection"));
const { compareTables }: typeof import("../../src/monitor/compare.ts") = await import(built("monitor/compare"));

const [reference = "", current = "", way = "binned", memoryLimit = "2GB"] = process.argv.slice(2);
const connection = await connect(await openDuckDB({ threads: 2, memoryLimit }));
const relation = (file: string) => `read_parquet('${file}')`;
const found: Record<string, unknown> = {};
const sample = await timed(async () => {
  if (way === "sql") {
    await driftSql(connection, relation(reference), relation(current));
    return;
  }
  const { columns } = await compareTables(connection, {
    reference: relation(reference),
    current: relation(current),
    exact: way === "exact",
  });
  for (const { name, figures } of columns) {
    const { psi, kolmogorovSmirnov: ks, wasserstein, chiSquared } = figures;
    found[name] = { psi, ks, wasserstein, chiSquared };
  }
});
process.stdout.write(`${JSON.stringify({ sample, peak: process.resourceUsage().maxRSS * 1024, found })}\n`, () => process.exit(0));
