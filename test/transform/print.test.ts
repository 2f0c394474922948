import { expect, test } from "vitest";
import { mean } from "../../src/define/aggregate.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { MillwrightError } from "../../src/error.ts";
import { fits, nextFit } from "../../src/transform/fits.ts";
import { printAggregate, printTable } from "../../src/transform/print.ts";
import { evaluate, given } from "./support.ts";

const flights = source("ops").table("flights", { columns: { id: "bigint", a: "double", b: "integer", c: "text" } });
const columns = [
  { name: "id", type: "bigint" },
  { name: "a", type: "double" },
  { name: "b", type: "integer" },
  { name: "c", type: "text" },
] as const;
const base = { columnsOf: () => columns, relation: (name: string) => `lake.${name}`, dialect: "duckdb" as const };

function codeOf(work: () => unknown): string | null {
  try {
    work();
  } catch (error) {
    if (error instanceof MillwrightError) return error.problem.code;
    throw error;
  }
  return null;
}

test("statistics that see the same rows are asked for in one query, the others one after another", () => {
  const { node } = table("t", flights)
    .fill({ a: "median", c: "mode" })
    .normalise({ b: "zscore" })
    .fill({ a: "mean" })
    .filter((f) => f.a.greaterThan(0))
    .bucket("b", { into: "q", quantiles: 2 });
  expect(fits(node).map(({ key }) => key)).toEqual(["0.a.median", "0.c.mode", "1.b.mean", "1.b.deviation", "2.a.mean", "4.b.quantile 1/2"]);
  const first = nextFit({ ...base, node, fitted: {} });
  expect(first?.query).toBe(
    'select quantile_cont("a", 0.5) as "fit_1", mode("c" order by "c") as "fit_2", avg(cast("b" as DOUBLE)) as "fit_3",\n  stddev_pop(cast("b" as DOUBLE)) as "fit_4"\nfrom lake.flights',
  );
  const one = first?.read({ fit_1: 1, fit_2: "x", fit_3: 2, fit_4: null }) ?? {};
  expect(one).toEqual({ "0.a.median": 1, "0.c.mode": "x", "1.b.mean": 2, "1.b.deviation": null });
  const second = nextFit({ ...base, node, fitted: one });
  const two = { ...one, ...second?.read({ fit_1: 3 }) };
  expect(two["2.a.mean"]).toBe(3);
  const third = nextFit({ ...base, node, fitted: two });
  expect(nextFit({ ...base, node, fitted: { ...two, ...third?.read({ fit_1: 4 }) } })).toBeNull();
});

test("a table is not printed before it is fitted, nor while something is wrong with it", () => {
  expect(() => printTable({ ...base, node: table("t", flights).fill({ a: "median" }).node, fitted: {} })).toThrow(
    "'0.a.median' is not fitted",
  );
  const wrong = table("t", source("ops").table("flights")).dedupe("gone").node;
  expect(codeOf(() => printTable({ ...base, node: wrong, fitted: {} }))).toBe("unknown-column");
});

test("a table without operations is a copy", () => {
  expect(printTable({ ...base, node: table("t", flights).node, fitted: {} })).toEqual({
    query: 'select "id", "a", "b", "c"\nfrom lake.flights',
    rejected: null,
    refused: [],
  });
});

test("SQL runs over the names that it uses, and is refused by an engine of another dialect", async () => {
  const input = given("flights", { id: "integer", origin: "text" }, [
    [1, "EWR"],
    [2, "EWR"],
    [3, "JFK"],
  ]);
  const busiest = table.sql(
    "busiest",
    { f: input.table },
    { duckdb: "with g as (select origin, count(*) as n from f group by origin)\nselect * from g where n > 1;" },
    { origin: "text", n: "bigint" },
  );
  expect((await evaluate(table("top", busiest).drop("n"), [input])).rows).toEqual([["EWR"]]);
  expect(codeOf(() => printTable({ ...base, dialect: "spark", node: busiest.node, fitted: {} }))).toBe("wrong-dialect");
});

test("an aggregate stands alone too", () => {
  expect(printAggregate(mean(columnsOf()).node, "duckdb")).toBe('avg("a")');
  expect(printAggregate(mean(columnsOf()).node, "spark")).toBe("avg(`a`)");
});

function columnsOf() {
  return Object.freeze({ node: Object.freeze({ kind: "column" as const, name: "a" }), type: (): "double" => "double" });
}

test("names that need quoting are quoted everywhere", async () => {
  const input = given("flights", { 'the "id"': "integer", "group by": "timestamp", "a;b": "double" }, [
    [1, "2013-01-01 00:00:00", 2],
    [1, "2013-01-02 00:00:00", 4],
  ]);
  const built = table("t", input.table)
    .lookback(input.table, { by: 'the "id"', at: "group by", time: "group by", columns: (f) => ({ "so far": mean(f["a;b"]) }) })
    .dedupe('the "id"', { newest: "group by" })
    .check({ 'the "id"': { unique: true }, "a;b": { between: [0, 10] } });
  expect((await evaluate(built, [input])).rows).toEqual([[1, "2013-01-02 00:00:00", 4, 2]]);
});
