import { expect, test } from "vitest";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { nextFit } from "../../src/transform/fits.ts";
import { nextKeep } from "../../src/transform/keep.ts";
import { printTable } from "../../src/transform/print.ts";

const flights = source("ops").table("flights", { columns: { id: "bigint", a: "double", b: "integer" } });
const columns = [
  { name: "id", type: "bigint" },
  { name: "a", type: "double" },
  { name: "b", type: "integer" },
] as const;
const base = { columnsOf: () => columns, relation: (name: string) => `lake.${name}`, dialect: "duckdb" as const, fitted: {} };
const repeated = 'select "id" from lake.flights group by "id" having count(*) > 1';

test("keys that occur twice and the rows taken of them are found once, and the fit, the table and its refused rows read them", () => {
  const { node } = table("t", flights)
    .dedupe("id")
    .fill({ a: "median" })
    .check({ b: { between: [1, 9] } });
  const keep = nextKeep({ ...base, node });
  expect(keep).toEqual({ name: "duplicated_1", query: repeated });
  const keys = { duplicated_1: "memory.main.kept_1" };
  const newest = nextKeep({ ...base, node, kept: keys });
  expect(newest?.name).toBe("newest_1");
  expect(newest?.query).toContain('from memory.main.kept_1\n)\nselect "id", "a", "b"\nfrom (');
  const kept = { ...keys, newest_1: "memory.main.kept_2" };
  expect(nextKeep({ ...base, node, kept })).toBeNull();
  const { query, rejected } = printTable({ ...base, node, kept, fitted: { "1.a.median": 2 } });
  for (const text of [nextFit({ ...base, node, kept })?.query, query, rejected]) {
    expect(text).toContain('"duplicated_1" as (\n  select *\n  from memory.main.kept_1\n)');
    expect(text).toContain('union all\n  select "id", "a", "b"\n  from memory.main.kept_2\n)');
    expect(text).not.toMatch(/having count|row_number/);
  }
});

test("what only one statement reads is not kept", () => {
  expect(
    nextKeep({
      ...base,
      node: table("t", flights)
        .dedupe("id")
        .derive((f) => ({ c: f.b.plus(1) })).node,
    }),
  ).toBeNull();
  expect(
    nextKeep({
      ...base,
      node: table("t", flights)
        .fill({ a: "median" })
        .check({ b: { between: [1, 9] } }).node,
    }),
  ).toBeNull();
});

test("what a dedupe sees must be fitted before its keys are kept", () => {
  const { node } = table("t", flights)
    .fill({ a: "median" })
    .dedupe("a")
    .check({ b: { between: [1, 9] } });
  expect(nextKeep({ ...base, node })).toBeNull();
  expect(nextKeep({ ...base, node, fitted: { "0.a.median": 2 } })?.query).toContain('coalesce("a", 2e0) as "a"');
});
