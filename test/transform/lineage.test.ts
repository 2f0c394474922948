import { expect, test } from "vitest";
import { count, mean } from "../../src/define/aggregate.ts";
import { when } from "../../src/define/expression.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { columnLineage } from "../../src/transform/lineage.ts";

const flights = source("ops").table("flights", {
  columns: { id: "bigint", origin: "text", tail: "text", at: "timestamp", delay: "double", note: "text" },
});
const planes = source("ops").table("planes", { columns: { tailnum: "text", year: "integer" } });
const events = source("gates").table("events", { columns: { airport: "text", time: "timestamp", delay: "double" } });
const columns = Object.fromEntries(
  [flights, planes, events].map(({ node }) => [node.name, Object.entries(node.columns ?? {}).map(([name, type]) => ({ name, type }))]),
);
const columnsOf = (name: string) => columns[name] ?? null;

test("every column is traced to the input columns that give it, through all steps and from every table", () => {
  const features = table("features", flights)
    .dedupe("id", { newest: "at" })
    .rename({ delay: "minutes" })
    .derive((f) => ({ hours: f.minutes.dividedBy(60), size: when(f.tail.isNull()).then("none").otherwise(f.note.upper()) }))
    .join(planes, { on: { tail: "tailnum" }, columns: { year: "built" } })
    .lookback(events, { by: { origin: "airport" }, at: "at", time: "time", columns: (e) => ({ recent: mean(e.delay.plus(1)) }) })
    .select("id", "hours", "size", "built", "recent");
  const { columns: of, rows } = columnLineage(features.node, columnsOf);
  expect(of).toEqual({
    id: [{ table: "flights", column: "id", type: "direct", subtype: "identity" }],
    hours: [{ table: "flights", column: "delay", type: "direct", subtype: "transformation" }],
    size: [
      { table: "flights", column: "tail", type: "indirect", subtype: "conditional" },
      { table: "flights", column: "note", type: "direct", subtype: "transformation" },
    ],
    built: [{ table: "planes", column: "year", type: "direct", subtype: "identity" }],
    recent: [
      { table: "flights", column: "origin", type: "indirect", subtype: "window" },
      { table: "flights", column: "at", type: "indirect", subtype: "window" },
      { table: "events", column: "delay", type: "direct", subtype: "aggregation" },
      { table: "events", column: "airport", type: "indirect", subtype: "window" },
      { table: "events", column: "time", type: "indirect", subtype: "window" },
    ],
  });
  expect(rows).toEqual([
    { table: "flights", column: "id", type: "indirect", subtype: "group_by" },
    { table: "flights", column: "at", type: "indirect", subtype: "sort" },
    { table: "flights", column: "tail", type: "indirect", subtype: "join" },
    { table: "planes", column: "tailnum", type: "indirect", subtype: "join" },
  ]);
});

test("filters, checks, conversions that can fail and groups decide on rows; a count has no column of its own", () => {
  const month = table("by_origin", flights)
    .filter((f) => f.delay.greaterThan(0))
    .convert({ note: "integer", id: "text" })
    .check({ at: { notNull: true } })
    .aggregate({ by: "origin", columns: (f) => ({ rows: count(), average: mean(f.delay) }) });
  const { columns: of, rows } = columnLineage(month.node, columnsOf);
  expect(of["rows"]).toEqual([]);
  expect(of["average"]).toEqual([{ table: "flights", column: "delay", type: "direct", subtype: "aggregation" }]);
  expect(rows.map(({ column, subtype }) => `${column} ${subtype}`)).toEqual([
    "delay filter",
    "note filter",
    "at filter",
    "origin group_by",
  ]);
});
