import { afterAll, beforeAll, expect, test } from "vitest";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import type { Fitted } from "../../src/lake/note.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { askRows } from "../../src/systems/duckdb/rows.ts";
import { nextFit } from "../../src/transform/fits.ts";

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await openDuckDB({ threads: 2 });
  connection = await connect(instance);
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const readings = source("made_up").table("readings", {
  columns: { id: "bigint", few: "double", many: "double", tied: "double", whole: "integer", none: "double", odd: "double", kind: "text" },
});
const filled = table("filled", readings)
  .filter((r) => r.id.atLeast(0))
  .fill({ few: "median", many: "median", tied: "median", whole: "median", none: "median", odd: "median", kind: "mode" })
  .normalise({ few: "zscore" });
const bucketed = table("bucketed", readings).bucket("many", { into: "part", quantiles: 10 });

/** What is fitted on the rows of `readings`. */
async function fitted(node: (typeof filled)["node"], manyRows: boolean): Promise<Fitted> {
  let fit: Fitted = {};
  const columns = Object.entries(readings.node.columns ?? {}).map(([name, type]) => ({ name, type }));
  const print = { node, columnsOf: () => columns, relation: () => "readings", dialect: "duckdb" as const, manyRows };
  for (let next = nextFit({ ...print, fitted: fit }); next !== null; next = nextFit({ ...print, fitted: fit })) {
    const [row] = await askRows(connection, next.query);
    fit = { ...fit, ...next.read(row ?? {}) };
  }
  return fit;
}

test.each([0, 1, 2, 3, 10, 999, 20_000, 300_000])(
  "counted by value, the quantiles of %i rows are those of all values kept",
  async (rows) => {
    await connection.run(`CREATE OR REPLACE TABLE readings AS SELECT range AS id,
      CASE WHEN hash(range) % 50 = 0 THEN NULL ELSE (hash(range) % 300)::DOUBLE - 20 END AS few,
      (hash(range * 7) % 1000000007)::DOUBLE / 3 AS many,
      CASE WHEN hash(range * 3) % 10 < 7 THEN 4.5 ELSE (hash(range * 3) % 1000)::DOUBLE END AS tied,
      (hash(range * 5) % 7)::INTEGER AS whole,
      NULL::DOUBLE AS none,
      CASE hash(range * 11) % 5 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE WHEN 2 THEN '-inf'::DOUBLE ELSE range / 7 END AS odd,
      'kind ' || hash(range) % 3 AS kind FROM range(${rows})`);
    for (const { node } of [filled, bucketed]) {
      const [counted, kept] = [await fitted(node, true), await fitted(node, false)];
      expect(Object.keys(counted)).toEqual(Object.keys(kept));
      for (const [key, value] of Object.entries(kept)) {
        // Sums of doubles differ by the order in which threads add them.
        if (typeof value === "number" && /mean|deviation/.test(key)) expect(counted[key]).toBeCloseTo(value, 6);
        else expect(counted[key], key).toBe(value);
      }
    }
  },
);
