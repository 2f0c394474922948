import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { driftByWindow } from "../../src/monitor/by-window.ts";
import { compareTables } from "../../src/monitor/compare.ts";
import { calibrator, estimatePerformance, scoreBins } from "../../src/monitor/estimate.ts";
import { performanceByWindow } from "../../src/monitor/performance.ts";
import { realisedPerformance } from "../../src/monitor/realised.ts";
import { weightsOf } from "../../src/monitor/weights.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";

let instance: DuckDBInstance;
let connection: DuckDBConnection;

/** What was asked: a half cold and seldom late, a half hot and mostly late. */
const asked = (rows: number): string => `
  SELECT TIMESTAMP '2026-01-01' AS moment, i AS id, CASE WHEN i % 2 = 0 THEN 1.0 ELSE 0.1 END AS rate,
    CASE WHEN i % 2 = 0 THEN 10 ELSE 30 END + hash(i) % 100 / 10.0 AS temp, CASE WHEN i % 2 = 0 THEN 'cold' ELSE 'hot' END AS kind,
    CASE WHEN i % 2 = 0 THEN 0.2 ELSE 0.8 END + hash(i * 7) % 100 / 1000.0 AS score, (i % 2 = 1) <> (hash(i * 3) % 10 = 0) AS late
  FROM range(${rows}) t(i)`;

/** What of it was kept: all that is cold, and a tenth of what is hot. Unweighted it looks as if hardly any were hot. */
const log = (rows: number): string => `SELECT * FROM (${asked(rows)}) WHERE rate = 1 OR hash(id * 13) % 10 = 0`;

beforeAll(async () => {
  instance = await openDuckDB();
  connection = await connect(instance);
  await connection.run(`CREATE TABLE whole AS SELECT * REPLACE (1.0 AS rate) FROM (${asked(20_000)})`);
  await connection.run(`CREATE TABLE log AS ${log(20_000)}`);
  await connection.run(`CREATE TABLE large AS ${log(200_000)}`);
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe("rows that were kept with different chances", () => {
  test("count what they stand for, in number and category columns of small and of large tables", async () => {
    for (const current of ["log", "large"]) {
      const options = { reference: "whole", current, columns: ["temp", "kind"] };
      const unweighted = await compareTables(connection, options);
      for (const { figures } of unweighted.columns) expect(figures.psi).toBeGreaterThan(0.5);
      const weighted = await compareTables(connection, { ...options, sampleRate: "rate" });
      expect(weighted.columns.map(({ name, figures }) => [name, figures.psi < 0.02])).toEqual([
        ["temp", true],
        ["kind", true],
      ]);
      // As many rows as would tell as much: about a fifth of those that are there, and no test claims more.
      const [temp] = weighted.columns;
      const total = temp?.pair.current.reduce((sum, rows) => sum + rows, 0) ?? Number.NaN;
      expect(total / weighted.rows.current).toBeGreaterThan(0.2);
      expect(total / weighted.rows.current).toBeLessThan(0.5);
    }
  });

  test("drift by window and performance take the column, and give what the whole log would have given", async () => {
    const window = { rows: 1_000_000 } as const;
    const [drift] = await driftByWindow(connection, {
      reference: "whole",
      current: "log",
      time: "moment",
      window,
      columns: ["temp", "kind"],
      sampleRate: "rate",
    });
    expect(drift?.over).toBe(false);
    const performance = (predictions: string) =>
      performanceByWindow(connection, {
        predictions: `SELECT * EXCLUDE (late) FROM ${predictions}`,
        time: "moment",
        score: "score",
        sampleRate: "rate",
        window,
        labels: { table: "whole", key: ["id"], label: "late" },
        reference: scoreBins([0, 0, 1, 1], [0.1, 0.25, 0.75, 0.9], 2),
      });
    const [[all], [kept]] = [await performance("whole"), await performance("log")];
    for (const figure of ["auc", "logLoss", "brier", "accuracy"] as const) {
      const error = kept?.realised?.errors[figure] ?? Number.NaN;
      expect(Math.abs((kept?.realised?.[figure] ?? Number.NaN) - (all?.realised?.[figure] ?? Number.NaN))).toBeLessThan(4 * error);
      expect(error).toBeGreaterThan(all?.realised?.errors[figure] ?? Number.NaN);
    }
    expect(Math.abs((kept?.estimated?.accuracy ?? Number.NaN) - (all?.estimated?.accuracy ?? Number.NaN))).toBeLessThan(0.02);
    expect(kept?.prediction?.psi).toBeCloseTo(all?.prediction?.psi ?? Number.NaN, 1);
  });

  test("of one chance count once each", async () => {
    expect(weightsOf(Float64Array.of(0.1, 0.1, 0.1))).toBeNull();
    expect(weightsOf(Float64Array.of(1, 0.5))).toEqual(Float64Array.of(0.6, 1.2));
    const options = { reference: "whole", current: "(SELECT * FROM log WHERE rate = 1)", columns: ["temp"] };
    const [plain, rated] = [await compareTables(connection, options), await compareTables(connection, { ...options, sampleRate: "rate" })];
    expect(rated).toEqual(plain);
  });

  test("have no exact figures", async () => {
    await expect(compareTables(connection, { reference: "whole", current: "log", exact: true, sampleRate: "rate" })).rejects.toMatchObject({
      problem: { code: "bad-option" },
    });
  });
});

test("weights of one leave every figure as it is", () => {
  const labels = Float64Array.from({ length: 500 }, (_, row) => ((row * 7919) % 3 === 0 ? 1 : 0));
  const scores = Float64Array.from(labels, (label, row) => 0.2 + 0.4 * label + ((row * 617) % 37) / 100);
  const ones = labels.map(() => 1);
  const [plain, weighted] = [realisedPerformance(labels, scores, null), realisedPerformance(labels, scores, ones)];
  for (const figure of ["auc", "logLoss", "brier", "accuracy", "calibrationError"] as const)
    expect(weighted[figure]).toBeCloseTo(plain[figure] ?? Number.NaN, 12);
  expect(weighted.errors.auc).toBeCloseTo(plain.errors.auc ?? Number.NaN, 12);
  const calibrate = calibrator(scoreBins(labels, scores));
  const [one, other] = [estimatePerformance(scores, calibrate), estimatePerformance(scores, calibrate, 0.5, ones)];
  expect(other).toEqual(one);
});

test("standard errors are those of repeated draws", () => {
  // A thousand samples of 400 rows of one population: how far the figures spread is what one sample's errors say.
  let state = 1;
  const draw = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const samples = Array.from({ length: 1000 }, () => {
    const scores = Float64Array.from({ length: 400 }, draw);
    return realisedPerformance(
      scores.map((score) => (draw() < score ? 1 : 0)),
      scores,
      null,
    );
  });
  for (const figure of ["auc", "logLoss", "brier", "accuracy"] as const) {
    const values = samples.map((sample) => sample[figure] ?? Number.NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const said = samples.reduce((sum, { errors }) => sum + (errors[figure] ?? Number.NaN), 0) / samples.length;
    expect(said / spread, figure).toBeGreaterThan(0.85);
    expect(said / spread, figure).toBeLessThan(1.2);
  }
});
