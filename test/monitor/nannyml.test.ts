import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DriftLimit } from "../../src/define/quantity.ts";
import { parseDriftLimit } from "../../src/define/quantity.ts";
import { cacheDirectory, wheelFile } from "../../src/fetch/wheel.ts";
import { driftByWindow, type WindowDrift } from "../../src/monitor/by-window.ts";
import { judge, type FeatureDrift } from "../../src/monitor/drift.ts";
import { scoreBins } from "../../src/monitor/estimate.ts";
import { performanceByWindow } from "../../src/monitor/performance.ts";
import { readWhole } from "../../src/monitor/read-numbers.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";

/**
 * Data sets of NannyML (Apache-2.0), out of its wheel; none of its code runs. 50,000 reference rows and 50,000 rows to analyse, in which the
 * inputs shift from the middle on.
 */
const sets = [
  { name: "synthetic_car_loan", targets: "_analysis_target", label: "repaid", shifted: "car_value", second: "loan_length" },
  {
    name: "synthetic_sample",
    targets: "_analysis_gt",
    label: "work_home_actual",
    shifted: "distance_from_office",
    second: "public_transportation_cost",
  },
] as const;

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  await mkdir(cacheDirectory(), { recursive: true });
  const wheel = { package: "nannyml", version: "0.13.1", sha256: "cf5f4a33489834ae6773cb1baa33a0f98c0a3ee6ed9b43049478b25ce22fe869" };
  const file = await wheelFile({ ...wheel, path: "nannyml/datasets/data/synthetic_sample_reference.csv" });
  instance = await openDuckDB({ threads: 2 });
  connection = await connect(instance);
  for (const { name, targets } of sets)
    for (const part of ["_reference", "_analysis", targets])
      await connection.run(`CREATE TABLE ${name}${part} AS FROM read_csv('${join(file, "..", `${name}${part}.csv`)}')`);
}, 600_000);

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe.each(sets)("$name", ({ name, targets, label, shifted, second }) => {
  let analysed: readonly WindowDrift[];
  let calm: readonly WindowDrift[];
  beforeAll(async () => {
    const described = await connection.runAndReadAll(`DESCRIBE ${name}_analysis`);
    const columns = described
      .getRows()
      .map(([column]) => String(column))
      .filter((column) => !["id", "timestamp", "period", "y_pred"].includes(column));
    const drift = (current: string) =>
      driftByWindow(connection, { reference: `${name}_reference`, current, time: "timestamp", window: { rows: 5000 }, columns });
    analysed = await drift(`${name}_analysis`);
    calm = await drift(`${name}_reference`);
  }, 600_000);

  const judged = ({ comparison }: WindowDrift, limit: DriftLimit): readonly FeatureDrift[] =>
    judge(comparison?.columns ?? [], { rule: parseDriftLimit(limit) });

  test.each(["psi > 0.1", "js > 0.1", "ks > 0.1", "p < 0.01"] as const)("%s alarms where the drift is, and not before", (limit) => {
    const windows = analysed.map((window) => judged(window, limit));
    const over = windows.map((columns) => columns.some((column) => column.over));
    expect(over).toEqual([false, false, false, false, false, true, true, true, true, true]);
    for (const columns of windows.slice(5)) {
      const names = columns.filter((column) => column.over).map((column) => column.name);
      expect(columns[0]?.name).toBe(shifted);
      expect(names).toEqual(expect.arrayContaining([shifted, second, "y_pred_proba"]));
    }
  });

  test("no window of the reference itself alarms", () => {
    for (const limit of ["psi > 0.1", "js > 0.1", "ks > 0.1", "p < 0.01"] as const)
      expect(calm.flatMap((window) => judged(window, limit)).filter((column) => column.over)).toEqual([]);
  });

  test("the performance that is estimated without labels is what the labels say later, within four standard errors", async () => {
    const [labels = new Float64Array(), scores = new Float64Array()] = await readWhole(
      connection,
      `SELECT ${label}::DOUBLE, y_pred_proba::DOUBLE FROM ${name}_reference`,
      2,
      50_000,
    );
    const windows = await performanceByWindow(connection, {
      predictions: `${name}_analysis`,
      time: "timestamp",
      score: "y_pred_proba",
      window: { rows: 5000 },
      labels: { table: `${name}${targets}`, key: ["id"], label },
      reference: scoreBins(labels, scores),
    });
    expect(windows.map(({ labelled }) => labelled)).toEqual(new Array<number>(10).fill(5000));
    for (const { realised, estimated } of windows) {
      const away = Math.abs((realised?.accuracy ?? Number.NaN) - (estimated?.accuracy ?? Number.NaN));
      expect(away).toBeLessThan(4 * (estimated?.accuracyError ?? 0));
      expect(Math.abs((realised?.auc ?? Number.NaN) - (estimated?.auc ?? Number.NaN))).toBeLessThan(0.01);
    }
    const fall = (of: "realised" | "estimated") => (windows[0]?.[of]?.accuracy ?? 0) - (windows[9]?.[of]?.accuracy ?? 0);
    expect(fall("estimated")).toBeGreaterThan(0.02);
    expect(fall("realised")).toBeGreaterThan(0.02);
  });
});
