import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { count, environment, mean, median, platform, source, table, type Definition } from "../../src/index.ts";
import { files, spark } from "../../src/systems/index.ts";

export interface ReadingsSettings {
  /** The folder with readings.csv. */
  readonly data: string;
  /** Of a Spark Connect server. */
  readonly url: string;
  /** How many steps of work Spark does for each row, which take about half a microsecond each. */
  readonly effort: number;
}

const rows = 4000;

/** Readings of stations: repeated keys, nulls, values out of range. All sums are exact, in whatever order they are made. */
export function writeReadings(folder: string): void {
  const lines = Array.from({ length: rows }, (_, index) => {
    const id = index % 50 === 49 ? index - 1 : index;
    const value = index % 9 === 0 ? "" : index % 211 === 0 ? "5000" : String((index * 37) % 400) + ".5";
    return `${id},s${index % 7},2026-01-${String(1 + (index % 28)).padStart(2, "0")} 00:00:${String(index % 60).padStart(2, "0")},${value}`;
  });
  writeFileSync(join(folder, "readings.csv"), `id,station,at,value\n${lines.join("\n")}\n`);
}

/** The same tables by DuckDB (`local`) and by Spark (`cluster`), where `scored` is work for many seconds, in eight tasks. */
export function readingsPlatform({ data, url, effort }: ReadingsSettings): Definition {
  const readings = source("station").table("readings", { key: "id", cursor: "at" });
  const clean = table("clean", readings)
    .dedupe("id")
    .fill({ value: "median" })
    .check({ value: { between: [0, 1000] } });
  const scored = table.sql(
    "scored",
    { clean },
    {
      duckdb: "SELECT id, station, value * 2 AS score FROM clean",
      spark: `SELECT id, station, value * 2 + aggregate(sequence(1, ${effort}), 0L, (sum, x) -> (sum + x + id) % 7) * 0 AS score FROM (SELECT /*+ REPARTITION(8) */ * FROM clean)`,
    },
    { id: "bigint", station: "text", score: "double" },
  );
  const stations = table("stations", scored)
    .aggregate({ by: ["station"], columns: (row) => ({ readings: count(), mean_score: mean(row.score), median_score: median(row.score) }) })
    .load();
  const station = files({ directory: data });
  return platform({
    name: "readings",
    assets: [stations],
    environments: { local: environment({ station }), cluster: environment({ station, engine: spark({ url }) }) },
  });
}
