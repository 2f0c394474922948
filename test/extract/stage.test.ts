import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Column, ColumnType } from "../../src/define/column.ts";
import { createStage } from "../../src/extract/stage.ts";
import { connect, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import type { Value } from "../../src/systems/roles.ts";

let directory: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "millwright-stage-"));
  instance = await openDuckDB();
  connection = await connect(instance);
});
afterEach(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(directory, { recursive: true, force: true });
});

const stageOf = (columns: readonly Column[], signal: AbortSignal = new AbortController().signal) =>
  createStage({ connection, directory: join(directory, "staged"), columns, signal });
const read = async (files: readonly string[]) =>
  files.length === 0
    ? []
    : (await connection.runAndReadAll(`SELECT * FROM read_parquet([${files.map(quoteLiteral).join(", ")}])`)).getRowObjectsJson();

/** What becomes of values in a column of a type: the stored form, or "rejected". */
async function fate(type: ColumnType, values: readonly Value[]): Promise<unknown[]> {
  const stage = await stageOf([
    { name: "number", type: "integer" },
    { name: "value", type },
  ]);
  await stage.rows(values.map((value, index) => [index, value]));
  const { files } = await stage.finish();
  const stored = new Map((await read(files)).map(({ number, value }) => [Number(number), value]));
  return values.map((_, index) => (stored.has(index) ? stored.get(index) : "rejected"));
}

const R = "rejected";

describe("a value either fits its column exactly, or its row is rejected", () => {
  test("boolean", async () => {
    expect(await fate("boolean", [true, false, 1, 0n, "t", "FALSE", "yes", 2, null])).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      R,
      R,
      null,
    ]);
  });

  test("integer", async () => {
    expect(
      await fate("integer", [1, -2147483648, 2147483648, 1.5, 7n, "12", "+3", "1.0", "abc", "", Number.NaN, true, 10n ** 20n, null]),
    ).toEqual([1, -2147483648, R, R, 7, 12, 3, R, R, R, R, R, R, null]);
  });

  test("bigint", async () => {
    expect(
      await fate("bigint", [
        1,
        2 ** 53,
        9223372036854775807n,
        9223372036854775808n,
        "-9223372036854775808",
        "9223372036854775808",
        "1e3",
        0.5,
      ]),
    ).toEqual(["1", R, "9223372036854775807", R, "-9223372036854775808", R, R, R]);
  });

  test("double", async () => {
    expect(await fate("double", [0.1, 5n, "1e-3", ".5", "1,5", "NaN", Number.POSITIVE_INFINITY, new Date(0)])).toEqual([
      0.1,
      5,
      0.001,
      0.5,
      R,
      "NaN",
      "Infinity",
      R,
    ]);
  });

  test("decimal", async () => {
    expect(
      await fate("decimal(5,2)", ["123.45", "123.450", "123.456", "1234.5", "-.5", 0.1 + 0.2, 0.305, 7n, Number.NaN, "1e2", ""]),
    ).toEqual(["123.45", "123.45", R, R, "-0.50", "0.30", R, "7.00", R, R, R]);
    expect(await fate("decimal(38,0)", ["99999999999999999999999999999999999999", 10n ** 38n])).toEqual([
      "99999999999999999999999999999999999999",
      R,
    ]);
    expect(await fate("decimal(38,10)", [1e-10, "1234567890123456789012345678.0123456789"])).toEqual([
      "0.0000000001",
      "1234567890123456789012345678.0123456789",
    ]);
  });

  test("text", async () => {
    expect(await fate("text", ["naïve 🚀", "", "nul\0inside", 1.5, 10n, true, new Date(0), new Uint8Array([1])])).toEqual([
      "naïve 🚀",
      "",
      "nul\0inside",
      "1.5",
      "10",
      "true",
      "1970-01-01T00:00:00.000Z",
      R,
    ]);
  });

  test("date", async () => {
    expect(
      await fate("date", [
        "2013-02-28",
        "2013-02-29",
        "0000-00-00",
        "2013-01-01T00:00:00Z",
        "2013-01-01T01:00:00Z",
        new Date(Date.UTC(2013, 0, 1)),
        new Date(1),
        "1969-12-31",
      ]),
    ).toEqual(["2013-02-28", R, R, "2013-01-01", R, "2013-01-01", R, "1969-12-31"]);
  });

  test("timestamp", async () => {
    const values = [
      "2013-01-01T10:15:00Z",
      "2013-01-01 10:15:00.123456",
      "2013-01-01T10:15+02:00",
      "2013-01-01",
      "1969-12-31T23:59:59.5Z",
      "2013-01-01T25:00:00Z",
      "2013-02-30T00:00:00Z",
      "yesterday",
      1356998400,
      new Date(Number.NaN),
      new Date(0),
    ];
    expect(await fate("timestamp", values)).toEqual([
      "2013-01-01 10:15:00",
      "2013-01-01 10:15:00.123456",
      "2013-01-01 08:15:00",
      "2013-01-01 00:00:00",
      "1969-12-31 23:59:59.5",
      R,
      R,
      R,
      R,
      R,
      "1970-01-01 00:00:00",
    ]);
  });

  test("binary", async () => {
    expect(await fate("binary", [new Uint8Array([0, 255]), new Uint8Array(), "text"])).toEqual(["\\x00\\xFF", "", R]);
  });
});

test("a rejected row keeps its origin, the reason and the whole row as JSON, cut at 64 KiB", async () => {
  const stage = await stageOf([
    { name: "id", type: "bigint" },
    { name: "at", type: "timestamp" },
    { name: "note", type: "text" },
  ]);
  await stage.rows([[9007199254740993n, "never", "x"]], (index) => `t id=${index}`);
  await stage.rows([
    [1, new Date(Number.NaN), "é".repeat(100_000)],
    [new Uint8Array([255]), null, null],
  ]);
  await stage.reject([{ origin: "a.log:7", reason: "is no line", raw: "…" }]);
  const staged = await stage.finish();
  expect([staged.rows, staged.rejected]).toEqual([0, 4]);
  const [first, second, third, fourth] = await read(staged.rejectedFiles);
  expect(first).toEqual({
    origin: "t id=0",
    reason: "at: text 'never' is no timestamp",
    raw: '{"id":9007199254740993,"at":"never","note":"x"}',
  });
  expect(second?.["reason"]).toBe("at: timestamp 'Invalid Date' is no timestamp");
  expect(Buffer.byteLength(String(second?.["raw"]))).toBeLessThanOrEqual(65_538);
  expect(third).toEqual({ origin: "row 3", reason: "id: 1 bytes is no bigint", raw: '{"id":"ff","at":null,"note":null}' });
  expect(fourth).toEqual({ origin: "a.log:7", reason: "is no line", raw: "…" });
});

test("files are of bounded size, by rows and by bytes, and keep the order", async () => {
  const stage = await stageOf([{ name: "n", type: "integer" }]);
  for (let start = 0; start < 600_000; start += 10_000) await stage.rows(Array.from({ length: 10_000 }, (_, index) => [start + index]));
  const { files, rows } = await stage.finish();
  expect([rows, files.length]).toEqual([600_000, 3]);
  const [ordered] = (
    await connection.runAndReadAll(
      `SELECT count(*) FILTER (n = row - 1) AS n FROM (SELECT n, row_number() OVER () AS row FROM read_parquet([${files.map(quoteLiteral).join(", ")}]))`,
    )
  ).getRowObjectsJson();
  expect(ordered).toEqual({ n: "600000" });
  const wide = await createStage({
    connection,
    directory: join(directory, "wide"),
    columns: [{ name: "t", type: "text" }],
    signal: new AbortController().signal,
  });
  for (let block = 0; block < 15; block++) await wide.rows(Array.from({ length: 100 }, () => ["x".repeat(100_000)]));
  expect((await wide.finish()).files.length).toBeGreaterThan(1);
});

test("a query's rows and a source's rows mix, and its rejected rows are set aside", async () => {
  const stage = await stageOf([
    { name: "n", type: "integer" },
    { name: "t", type: "text" },
  ]);
  await stage.rows([[1, "first"]]);
  const count = await stage.query(
    "SELECT n::INTEGER AS n, 'q' AS t, CASE WHEN n > $1 THEN 'place ' || n END AS rejected_origin, CASE WHEN n > $1 THEN 'too large' END AS rejected_reason, CASE WHEN n > $1 THEN 'raw' END AS rejected_raw FROM range(2, 6) r(n)",
    { parameters: [3], rejects: true },
  );
  expect(count).toBe(2);
  expect(await stage.query("SELECT 9 AS n, 'z' AS t WHERE false")).toBe(0);
  await stage.rows([[4, "last"]]);
  const staged = await stage.finish();
  expect(await read(staged.files)).toEqual([
    { n: 1, t: "first" },
    { n: 2, t: "q" },
    { n: 3, t: "q" },
    { n: 4, t: "last" },
  ]);
  expect(await read(staged.rejectedFiles)).toEqual([
    { origin: "place 4", reason: "too large", raw: "raw" },
    { origin: "place 5", reason: "too large", raw: "raw" },
  ]);
  expect((await readdir(join(directory, "staged"))).filter((name) => name.startsWith("rows"))).toHaveLength(staged.files.length);
});

test("an empty stage has no files", async () => {
  expect(await (await stageOf([{ name: "n", type: "integer" }])).finish()).toEqual({ rows: 0, files: [], rejected: 0, rejectedFiles: [] });
});

test("the signal interrupts a statement that runs, and every later call throws", async () => {
  const controller = new AbortController();
  const stage = await stageOf([{ name: "n", type: "bigint" }], controller.signal);
  setTimeout(() => controller.abort(new Error("cancelled")), 100);
  await expect(stage.query("SELECT count(*) AS n FROM range(10000000) a, range(10000000) b")).rejects.toThrow("cancelled");
  await expect(stage.rows([[1n]])).rejects.toThrow("cancelled");
  await expect(stage.finish()).rejects.toThrow("cancelled");
});

test("a row of the wrong width is a defect of the source, not of the data", async () => {
  const stage = await stageOf([{ name: "n", type: "integer" }]);
  await expect(stage.rows([[1, 2]])).rejects.toThrow("a row of 2 values was staged for 1 columns");
});
