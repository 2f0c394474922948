import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { driftByWindow } from "../../src/monitor/by-window.ts";
import { calibrator, estimatePerformance, scoreBins } from "../../src/monitor/estimate.ts";
import { performanceByWindow } from "../../src/monitor/performance.ts";
import { readWhole } from "../../src/monitor/read-numbers.ts";
import { windowed } from "../../src/monitor/windows.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { auc, logLoss } from "../../src/train/metrics.ts";
import { random } from "./random.ts";

let instance: DuckDBInstance;
let connection: DuckDBConnection;

/** A row each minute: by day the load is high on workdays, so that the hours of the week differ. */
const weekly = (from: string, days: number, shift: string) => `
  SELECT moment, 10 * (isodow(moment) < 6)::INTEGER + hour(moment) + 4 * random() + ${shift} AS load
  FROM (SELECT TIMESTAMP '${from}' + to_minutes(n * 3) AS moment FROM range(${days} * 480) t(n))`;

beforeAll(async () => {
  instance = await openDuckDB({ threads: 1 });
  connection = await connect(instance);
  await connection.run("SELECT setseed(0.5)");
  // Mondays.
  await connection.run(`CREATE TABLE past AS ${weekly("2024-01-01", 28, "0")}`);
  await connection.run(
    `CREATE TABLE present AS ${weekly("2024-01-29", 14, "CASE WHEN moment >= TIMESTAMP '2024-02-08' THEN 3 ELSE 0 END")}`,
  );
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe("windows tumble", () => {
  test("by time, from midnight on; rows without a time are in none", async () => {
    const table = "SELECT * FROM present UNION ALL SELECT NULL, 1";
    const days = await windowed(connection, table, "moment", { seconds: 86_400 });
    expect(days.windows).toHaveLength(14);
    expect(days.windows[1]).toMatchObject({ from: new Date("2024-01-30T00:00:00Z"), to: new Date("2024-01-30T23:57:00Z"), rows: 480 });
    await days.drop();
  });

  test("by count, in the order of time, the last with the rest", async () => {
    const found = await windowed(connection, "SELECT * FROM present ORDER BY hash(moment)", "moment", { rows: 1000 });
    expect(found.windows.map(({ number, rows }) => [number, rows])).toEqual([
      [0, 1000],
      [1, 1000],
      [2, 1000],
      [3, 1000],
      [4, 1000],
      [5, 1000],
      [6, 720],
    ]);
    for (const [index, { to }] of found.windows.entries()) expect(to < (found.windows[index + 1]?.from ?? new Date(8e15))).toBe(true);
    await found.drop();
  });
});

describe("a weekly pattern", () => {
  const days = (season: "week" | null) =>
    driftByWindow(connection, {
      reference: "past",
      current: "present",
      time: "moment",
      window: { seconds: 86_400 },
      season,
      rule: { figure: "p", limit: 0.001 },
    });

  test("drifts every day against all of the reference", async () => {
    expect((await days(null)).every(({ over }) => over)).toBe(true);
  });

  test("is none against the same hours of the week, and what changes besides it is found on its day", async () => {
    const found = await days("week");
    expect(found.map(({ over }) => over)).toEqual(Array.from({ length: 14 }, (_, day) => day >= 10));
    expect(found[0]?.referenceRows).toBe(4 * 480);
  });

  test("of the probabilities is no drift where they are compared with those of the same hours", async () => {
    const [scores = new Float64Array(), times = new Float64Array()] = await readWhole(
      connection,
      "SELECT CAST(load / 40 AS DOUBLE), CAST(epoch_us(moment) AS DOUBLE) FROM past",
      2,
      28 * 480,
    );
    const days = (seasonal: boolean) =>
      performanceByWindow(connection, {
        predictions: "SELECT moment, load / 40 AS score FROM present",
        time: "moment",
        score: "score",
        window: { seconds: 86_400 },
        reference: scoreBins(scores, scores),
        ...(seasonal ? { seasonal: { season: "week", times, scores: Float32Array.from(scores) } } : {}),
      });
    const over = async (seasonal: boolean) => (await days(seasonal)).map(({ prediction }) => (prediction?.psi ?? Number.NaN) > 0.2);
    // Two weekends, and then two days that differ in truth.
    expect((await over(false)).slice(5, 7)).toEqual([true, true]);
    expect((await over(true)).slice(0, 10)).toEqual(new Array(10).fill(false));
    expect((await over(true)).slice(10)).toEqual(new Array(4).fill(true));
  });

  test("a window whose season the reference lacks has no verdict", async () => {
    const [window] = await driftByWindow(connection, {
      reference: "SELECT * FROM past WHERE isodow(moment) > 1",
      current: "SELECT * FROM present WHERE moment < TIMESTAMP '2024-01-30'",
      time: "moment",
      window: { seconds: 86_400 },
      season: "week",
    });
    expect(window).toMatchObject({ enough: false, over: false, referenceRows: 0, columns: [] });
  });
});

describe("an estimate without labels", () => {
  const draw = random(11);
  const rows = 40_000;
  // Overconfident scores: the chance of 1 is not the score, but rises with it.
  const scores = Float64Array.from({ length: rows }, () => draw());
  const chance = (score: number) => 0.2 + 0.6 * score;
  const labels = Float64Array.from(scores, (score) => (draw() < chance(score) ? 1 : 0));
  const calibrate = calibrator(scoreBins(labels, scores));

  test("knows what chance a score has, and never falls as scores rise", () => {
    let before = 0;
    for (const score of [0.05, 0.2, 0.4, 0.6, 0.8, 0.95]) {
      expect(Math.abs(calibrate(score) - chance(score))).toBeLessThan(0.05);
      expect(calibrate(score)).toBeGreaterThanOrEqual(before);
      before = calibrate(score);
    }
  });

  test("of other scores, whose labels follow the same chances, is right within chance; of none is null", () => {
    const shifted = Float64Array.from({ length: rows }, () => Math.sqrt(draw()));
    const truth = Float64Array.from(shifted, (score) => (draw() < chance(score) ? 1 : 0));
    const estimated = estimatePerformance(shifted, calibrate);
    const right = shifted.reduce((sum, score, row) => sum + (score >= 0.5 === (truth[row] === 1) ? 1 : 0), 0) / rows;
    expect(Math.abs((estimated.accuracy ?? 0) - right)).toBeLessThan(0.015);
    expect(Math.abs((estimated.auc ?? 0) - (auc(truth, shifted) ?? 1))).toBeLessThan(0.015);
    expect(Math.abs((estimated.logLoss ?? 0) - (logLoss(truth, shifted) ?? 9))).toBeLessThan(0.03);
    expect(estimatePerformance(new Float64Array(), calibrate)).toMatchObject({ rows: 0, auc: null, accuracy: null });
  });

  test("does not see a change of what a score means: labels do", () => {
    const turned = Float64Array.from(scores, (score) => (draw() < chance(1 - score) ? 1 : 0));
    expect(estimatePerformance(scores, calibrate).auc).toBeGreaterThan(0.6);
    expect(auc(turned, scores)).toBeLessThan(0.4);
  });
});

test("labels are joined by key as they come, each prediction once; predictions without a score take no part", async () => {
  await connection.run(
    `CREATE TABLE log AS SELECT n AS id, TIMESTAMP '2024-01-01' + to_hours(n) AS moment, CASE WHEN n = 5 THEN NULL ELSE (n % 10) / 10 END AS score FROM range(48) t(n)`,
  );
  await connection.run(
    "CREATE TABLE truth AS SELECT n AS id, n % 10 >= 5 AS late FROM range(30) t(n) UNION ALL SELECT 3, false UNION ALL SELECT 31, NULL",
  );
  const found = await performanceByWindow(connection, {
    predictions: "log",
    time: "moment",
    score: "score",
    window: { seconds: 86_400 },
    labels: { table: "truth", key: ["id"], label: "late" },
  });
  expect(found.map(({ rows, labelled, realised, estimated }) => [rows, labelled, realised?.auc, realised?.accuracy, estimated])).toEqual([
    [24, 23, 1, 1, null],
    [24, 6, 1, 1, null],
  ]);
});
