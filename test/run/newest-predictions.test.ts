import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isOver, toJudge } from "../../src/run/look-report.ts";
import { newestPredictions } from "../../src/run/newest-predictions.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { askRows } from "../../src/systems/duckdb/rows.ts";

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await openDuckDB();
  connection = await connect(instance);
  // A prediction a minute for ten hours, from half past midnight; every tenth by another version.
  await connection.run(`CREATE TABLE log AS SELECT i::VARCHAR AS prediction_id, TIMESTAMP '2026-03-01 00:30:00.25' + to_minutes(i) AS predicted_at,
    CASE WHEN i % 10 = 0 THEN '1' ELSE '2' END AS model_version FROM range(600) t(i)`);
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function kept(window: Parameters<typeof newestPredictions>[2], windows: number | null, version = "2"): Promise<unknown> {
  const engine = { ask: (sql: string) => askRows(connection, sql), relation: (table: string) => table };
  const query = await newestPredictions(engine, { table: "log", version }, window, windows);
  const [row] = await askRows(connection, `SELECT count(*) AS rows, strftime(min(predicted_at), '%H:%M') AS first FROM (${query})`);
  return [row?.["rows"], row?.["first"]];
}

describe("of the stored predictions of a version", () => {
  test("so many windows of time are read, from the beginning of one", async () => {
    // The newest was at 10:29.
    expect(await kept({ seconds: 3600 }, 1)).toEqual([27, "10:01"]);
    expect(await kept({ seconds: 3600 }, 3)).toEqual([135, "08:01"]);
    expect(await kept({ seconds: 3600 }, 30)).toEqual([540, "00:31"]);
  });

  test("so many windows of rows are read besides the one that is not over", async () => {
    expect(await kept({ rows: 100 }, 2)).toEqual([240, "06:04"]);
    expect(await kept({ rows: 100 }, 30)).toEqual([540, "00:31"]);
    expect(await kept({ rows: 90 }, 1)).toEqual([90, "08:51"]);
  });

  test("all are read when nothing else is said, and none is there of a version that never served", async () => {
    expect(await kept({ seconds: 3600 }, null)).toEqual([540, "00:31"]);
    expect(await kept({ rows: 100 }, 5, "3")).toEqual([0, null]);
  });
});

test("windows are judged once they are over: at first the newest, then those that follow", () => {
  const hour = (number: number) => ({ number, from: new Date(Date.UTC(2026, 2, 1, number, 5)), to: new Date(0), rows: 10 });
  const windows = [hour(7), hour(8), hour(9)];
  const now = (hours: number, minutes: number) => Date.UTC(2026, 2, 1, hours, minutes);
  const judged = (judgedTo: string | null, at: number) => toJudge(windows, { seconds: 3600 }, judgedTo, at).map(({ number }) => number);
  expect(judged(null, now(9, 30))).toEqual([8]);
  expect(judged("2026-03-01T07:05:00.000Z", now(9, 30))).toEqual([8]);
  expect(judged("2026-03-01T07:05:00.000Z", now(10, 1))).toEqual([8, 9]);
  expect(judged("2026-03-01T09:05:00.000Z", now(10, 1))).toEqual([]);
  // The log may still bring rows of it.
  expect(isOver(hour(9), { seconds: 3600 }, now(10, 0))).toBe(false);
  expect([isOver(hour(9), { rows: 10 }, now(9, 6)), isOver(hour(9), { rows: 11 }, now(9, 6))]).toEqual([true, false]);
});
