import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareTables, type ColumnComparison, type TableComparison } from "../../src/monitor/compare.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { scipy } from "./scipy.ts";

interface Truth {
  readonly ks: readonly [number, number];
  readonly wasserstein: number;
}

interface Answer {
  readonly numbers: Readonly<Record<string, Truth>>;
  readonly chi: Readonly<Record<string, readonly [number, number, number]>>;
}

const program = `
import json, sys
import numpy as np
from collections import Counter
from scipy import stats
given = json.load(sys.stdin)
answer = {"numbers": {}, "chi": {}}
for name, (a, b) in given["numbers"].items():
  a, b = np.array([x for x in a if x is not None], float), np.array([x for x in b if x is not None], float)
  t = stats.ks_2samp(a, b)
  answer["numbers"][name] = {"ks": [float(t.statistic), float(t.pvalue)], "wasserstein": float(stats.wasserstein_distance(a, b))}
for name, (a, b) in given["texts"].items():
  a, b = Counter(a), Counter(b)
  keys = sorted(set(a) | set(b), key=str)
  c = stats.chi2_contingency(np.array([[a[k] for k in keys], [b[k] for k in keys]]))
  answer["chi"][name] = [float(c.statistic), int(c.dof), float(c.pvalue)]
print(json.dumps(answer))`;

const normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())";
const columnsOf = (shift: number) => `
  CASE WHEN random() < 0.03 THEN NULL ELSE ${normal} + ${shift} END AS level,
  exp(${normal}) * ${1 + shift} AS amount,
  CASE WHEN random() < 0.4 THEN 0 ELSE floor(random() * 24) END::INTEGER AS hour,
  TIMESTAMP '2024-01-01' + to_seconds(CAST(floor(random() * 1e6) AS BIGINT)) AS seen,
  CASE WHEN random() < 0.02 THEN NULL ELSE 'c' || floor(pow(random(), 2) * 40)::INTEGER END AS kind,
  random() < ${0.3 + shift} AS late`;

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let truth: Answer;
const numbers = ["level", "amount", "hour", "seen"];
const texts = ["kind", "late"];

beforeAll(async () => {
  instance = await openDuckDB({ threads: 1 });
  connection = await connect(instance);
  await connection.run("SELECT setseed(0.25)");
  await connection.run(`CREATE TABLE past AS SELECT ${columnsOf(0)} FROM range(12000)`);
  await connection.run(`CREATE TABLE present AS SELECT ${columnsOf(0.05)} FROM range(9000)`);
  await connection.run("UPDATE present SET kind = 'new' WHERE kind = 'c39'");
  const values = async (name: string) =>
    Promise.all(
      ["past", "present"].map(async (relation) => {
        const expression = name === "seen" ? "epoch_us(seen)::DOUBLE" : numbers.includes(name) ? `${name}::DOUBLE` : `${name}::VARCHAR`;
        const result = await connection.runAndReadAll(`SELECT ${expression} FROM ${relation}`);
        return result.getColumns()[0] ?? [];
      }),
    );
  const all = async (names: readonly string[]) =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await values(name)] as const)));
  truth = await scipy<Answer>(program, { numbers: await all(numbers), texts: await all(texts) });
}, 600_000);

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

const of = (comparison: TableComparison, name: string): ColumnComparison => {
  const column = comparison.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
};

test("exactly: Kolmogorov-Smirnov, Wasserstein and chi-squared are SciPy's to 1e-9", async () => {
  const found = await compareTables(connection, { reference: "past", current: "present", exact: true });
  expect(found.columns.map(({ name }) => name)).toEqual([...numbers, ...texts]);
  for (const name of numbers) {
    const { kolmogorovSmirnov: ks, wasserstein } = of(found, name).figures;
    const { ks: theirs, wasserstein: distance } = truth.numbers[name] ?? { ks: [Number.NaN, Number.NaN], wasserstein: Number.NaN };
    expect(ks?.statistic).toBeCloseTo(theirs[0], 12);
    expect(ks?.pValue).toBeCloseTo(theirs[1], 9);
    expect(Math.abs((wasserstein?.distance ?? Number.NaN) / distance - 1)).toBeLessThan(1e-9);
    expect([ks?.error, wasserstein?.error]).toEqual([0, 0]);
  }
  for (const name of texts) {
    const { chiSquared } = of(found, name).figures;
    const [statistic, degrees, pValue] = truth.chi[name] ?? [];
    expect(chiSquared?.degrees).toBe(degrees);
    expect(chiSquared?.statistic).toBeCloseTo(statistic ?? Number.NaN, 8);
    expect(chiSquared?.pValue).toBeCloseTo(pValue ?? Number.NaN, 9);
  }
});

describe("in one scan of each table", () => {
  let found: TableComparison;
  beforeAll(async () => {
    found = await compareTables(connection, { reference: "past", current: "SELECT * FROM present" });
  });

  test("the true figures lie within the errors that are stated, which are small", () => {
    for (const name of numbers) {
      const { kolmogorovSmirnov: ks, wasserstein } = of(found, name).figures;
      const { ks: theirs, wasserstein: distance } = truth.numbers[name] ?? { ks: [Number.NaN, Number.NaN], wasserstein: Number.NaN };
      expect(theirs[0]).toBeGreaterThanOrEqual((ks?.statistic ?? Number.NaN) - 1e-12);
      expect(theirs[0]).toBeLessThanOrEqual((ks?.statistic ?? Number.NaN) + (ks?.error ?? Number.NaN) + 1e-12);
      expect(ks?.error).toBeLessThan(0.002);
      expect(ks?.pValue).toBeGreaterThanOrEqual(theirs[1] - 0.001);
      expect(Math.abs((wasserstein?.distance ?? Number.NaN) - distance)).toBeLessThanOrEqual((wasserstein?.error ?? Number.NaN) + 1e-9);
    }
  });

  test("whole numbers and peaks have no error", () => {
    expect(of(found, "hour").figures.kolmogorovSmirnov?.error).toBe(0);
    expect(of(found, "hour").figures.kolmogorovSmirnov?.statistic).toBeCloseTo(truth.numbers["hour"]?.ks[0] ?? Number.NaN, 12);
  });

  test("the index is the same as from sorted values, within what the bins can move", async () => {
    const exact = await compareTables(connection, { reference: "past", current: "present", exact: true });
    for (const { name, figures } of found.columns) expect(Math.abs(figures.psi - of(exact, name).figures.psi)).toBeLessThan(0.001);
  });

  test("the quality of a column: missing, unseen and out of range", () => {
    expect(found.rows).toEqual({ reference: 12_000, current: 9000 });
    expect(of(found, "level").figures.quality.missing.reference).toBeCloseTo(0.03, 2);
    expect(of(found, "kind").figures.quality).toMatchObject({ missing: { current: expect.closeTo(0.02, 2) }, outOfRange: null });
    expect(of(found, "kind").figures.quality.unseen).toBeGreaterThan(0);
    expect(of(found, "level").figures.quality).toMatchObject({ unseen: null });
    expect(of(found, "late").figures.quality.unseen).toBe(0);
  });
});

test("a table compared with itself has not moved", async () => {
  const { columns } = await compareTables(connection, { reference: "past", current: "past" });
  for (const { figures, corrected } of columns) {
    expect(figures.psi).toBe(0);
    expect(figures.kolmogorovSmirnov?.statistic ?? 0).toBe(0);
    expect(corrected).toBe(1);
  }
});

test("columns that came, went, changed their type or cannot be compared are told", async () => {
  const found = await compareTables(connection, {
    reference: "SELECT 1::INTEGER AS a, 'x' AS b, [1] AS c, 1 AS d, 2 AS gone FROM range(10)",
    current: "SELECT 1.5::DOUBLE AS a, 'x' AS b, [1] AS c, 'one' AS d, 3 AS came FROM range(10)",
  });
  expect(found).toMatchObject({
    missing: ["gone"],
    added: ["came"],
    retyped: [
      { name: "a", reference: "INTEGER", current: "DOUBLE" },
      { name: "d", reference: "INTEGER", current: "VARCHAR" },
    ],
    leftOut: ["c", "d"],
  });
  expect(found.columns.map(({ name }) => name)).toEqual(["a", "b"]);
  await expect(compareTables(connection, { reference: "past", current: "present", columns: ["nope"] })).rejects.toThrow(
    "the reference has no column 'nope'",
  );
});

test("empty tables, and columns without values, have no figures and no error", async () => {
  const found = await compareTables(connection, {
    reference: "SELECT NULL::DOUBLE AS x, 'a' AS y FROM range(10)",
    current: "SELECT 1.0::DOUBLE AS x, 'a' AS y WHERE false",
  });
  expect(found.columns.map(({ figures }) => figures.pValue)).toEqual([null, null]);
  expect(found.columns.map(({ corrected }) => corrected)).toEqual([null, null]);
});
