import { expect, test } from "vitest";
import type { Column, ColumnType } from "../../src/define/column.ts";
import { compareColumns } from "../../src/extract/schema.ts";

const columns = (types: Readonly<Record<string, ColumnType>>): Column[] => Object.entries(types).map(([name, type]) => ({ name, type }));

test("nothing changed is no change", () => {
  const same = columns({ id: "bigint", name: "text" });
  expect(compareColumns(same, same)).toEqual({ changes: [], columns: same, refused: [] });
});

test("a new column is added at the end, a lost one stays", () => {
  const compared = compareColumns(columns({ id: "bigint", old: "text" }), columns({ young: "date", id: "bigint" }));
  expect(compared.changes).toEqual([
    { kind: "lost", column: "old", type: "text" },
    { kind: "added", column: "young", type: "date" },
  ]);
  expect(compared.columns).toEqual(columns({ id: "bigint", old: "text", young: "date" }));
  expect(compared.refused).toEqual([]);
});

test("types widen where Iceberg can do it in place", () => {
  const compared = compareColumns(columns({ a: "integer", b: "decimal(10,2)" }), columns({ a: "bigint", b: "decimal(18,2)" }));
  expect(compared.changes.map(({ kind }) => kind)).toEqual(["widened", "widened"]);
  expect(compared.columns).toEqual(columns({ a: "bigint", b: "decimal(18,2)" }));
});

test("a narrower type at the source changes nothing, for the agreed one holds its values", () => {
  const agreed = columns({ a: "bigint", b: "decimal(18,2)", c: "double", d: "text", e: "timestamp", f: "decimal(38,0)" });
  const compared = compareColumns(agreed, columns({ a: "integer", b: "decimal(10,2)", c: "bigint", d: "boolean", e: "date", f: "bigint" }));
  expect(new Set(compared.changes.map(({ kind }) => kind))).toEqual(new Set(["kept"]));
  expect(compared.columns).toEqual(agreed);
});

test.each<[ColumnType, ColumnType]>([
  ["integer", "double"],
  ["bigint", "text"],
  ["double", "text"],
  ["timestamp", "text"],
  ["date", "timestamp"],
  ["boolean", "integer"],
  ["decimal(10,2)", "decimal(12,4)"],
  ["decimal(10,2)", "bigint"],
  ["text", "binary"],
])("%s that becomes %s is refused, with what to do", (from, to) => {
  const compared = compareColumns(columns({ a: from }), columns({ a: to }), "platform.ts:7");
  expect(compared.columns).toEqual(columns({ a: from }));
  expect(compared.changes).toEqual([{ kind: "refused", column: "a", from, to }]);
  expect(compared.refused).toMatchObject([{ code: "column-retyped", where: "platform.ts:7" }]);
  expect(compared.refused[0]?.what).toContain(`now ${to}`);
  expect(compared.refused[0]?.fix).toContain(`declare a as ${from}`);
});
