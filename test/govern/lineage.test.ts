import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import { environment } from "../../src/define/environment.ts";
import { count } from "../../src/define/aggregate.ts";
import { metric } from "../../src/define/metric.ts";
import { platform } from "../../src/define/platform.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { definedBody, readDefined } from "../../src/govern/defined.ts";
import { lineageText } from "../../src/govern/lineage-text.ts";
import { lineageOf, type Lineage, type LineageStep } from "../../src/govern/lineage.ts";
import { sqlite } from "../../src/systems/sqlite.ts";
import { assetNamed, environmentNamed, openSampleState, samplePlatform, sampleRun, type SampleState } from "./sample.ts";

const definition = samplePlatform();
let directory: string;
let state: SampleState;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lineage-"));
  state = openSampleState(definition, "local", directory);
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const lineage = (name: string, column?: string, of = definition): Lineage =>
  lineageOf({ definition: of, environment: environmentNamed(of, "local"), directory, name, ...(column === undefined ? {} : { column }) });
const names = (steps: readonly LineageStep[]): string[] =>
  steps.map(({ name, snapshot }) => (snapshot === null ? name : `${name}@${snapshot}`));

test("upstream are the exact snapshots that were read, down to the systems; downstream all that is made from it", async () => {
  await sampleRun(state, definition, "run-1");
  const { asset, upstream, downstream } = lineage("features");
  expect(asset).toMatchObject({ name: "features", kind: "table", snapshot: "9007199254741098", run: "run-1", rows: 9, behind: false });
  expect(names(upstream)).toEqual([
    "flights_clean@9007199254741096",
    "planes@9007199254741095",
    "flights@9007199254741094",
    "ops.planes",
    "ops.flights",
  ]);
  expect(upstream.at(-1)).toMatchObject({ kind: "system", system: "sqlite" });
  expect(names(downstream)).toEqual(["arrival_delay@1", "delay@1"]);
  expect(names(lineage("flights").downstream)).toEqual([
    "flights_clean@9007199254741096",
    "carrier_month@9007199254741097",
    "warehouse.carrier_month@9007199254741097",
    "features@9007199254741098",
    "arrival_delay@1",
    "delay@1",
  ]);
  expect(names(lineage("delay").upstream).slice(0, 2)).toEqual(["arrival_delay@1", "features@9007199254741098"]);
  expect(names(lineage("warehouse.carrier_month").upstream)[0]).toBe("carrier_month@9007199254741097");
});

test("after an input has moved on, the lineage still shows what was read, and says that it is behind", async () => {
  await sampleRun(state, definition, "run-1");
  await state.commit("flights", { snapshot: "77", run: "run-2", columns: { id: "bigint" }, rows: 11 });
  const { upstream } = lineage("flights_clean");
  expect(names(upstream)).toEqual(["flights@9007199254741094", "ops.flights"]);
  expect(upstream[0]).toMatchObject({ run: "run-1", rows: 10 });
  expect(lineage("flights_clean").asset.behind).toBe(true);
  expect(lineage("flights").asset).toMatchObject({ snapshot: "77", run: "run-2" });
});

test("what was never made is shown by its declaration", () => {
  const { asset, upstream, downstream } = lineage("flights_clean");
  expect(asset).toMatchObject({ snapshot: null, run: null });
  expect(names(upstream)).toEqual(["flights", "ops.flights"]);
  expect(downstream.map(({ name }) => name)).toContain("delay");
  expect(lineage("flights_clean", "late").column?.upstream.columns.map((step) => `${step.table}.${step.column}`)).toEqual([
    "flights_clean.late",
    "flights.arr_delay",
    "ops.flights.arr_delay",
  ]);
});

test("a column is followed down to the source's columns and up to the endpoint's answer", async () => {
  await sampleRun(state, definition, "run-1");
  const { column } = lineage("features", "seats");
  expect(column?.upstream.columns).toEqual([
    {
      table: "features",
      column: "seats",
      type: "integer",
      system: null,
      from: [{ table: "planes", column: "seats", kind: "direct", subtype: "identity" }],
    },
    {
      table: "planes",
      column: "seats",
      type: "integer",
      system: null,
      from: [{ table: "ops.planes", column: "seats", kind: "direct", subtype: "identity" }],
    },
    { table: "ops.planes", column: "seats", type: null, system: "sqlite", from: [] },
  ]);
  expect(
    column?.upstream.rows
      .find((rows) => rows.table === "features")
      ?.from.map((origin) => `${origin.table}.${origin.column} ${origin.subtype}`),
  ).toEqual(["flights_clean.tailnum join", "planes.tailnum join"]);
  const down = lineage("flights", "arr_delay").column?.downstream.columns.map((step) => `${step.table}.${step.column}`);
  expect(down).toEqual([
    "flights_clean.arr_delay",
    "flights_clean.late",
    "carrier_month.mean_delay",
    "warehouse.carrier_month.mean_delay",
    "features.late",
    "arrival_delay.label",
    "arrival_delay.probabilities",
    "delay.label",
    "delay.probabilities",
  ]);
  const late = lineage("arrival_delay", "label").column?.upstream.columns[0]?.from;
  expect(late?.find((origin) => origin.column === "late")?.kind).toBe("indirect");
  expect(late?.find((origin) => origin.column === "distance")?.kind).toBe("direct");
});

test("the event asset.defined of the declaration that made a table tells its columns even after the declaration changed", async () => {
  await sampleRun(state, definition, "run-1");
  const changed = samplePlatform({ minimumDistance: 2 });
  expect(lineage("flights_clean", "late", changed).column?.upstream.columns).toEqual([
    { table: "flights_clean", column: "late", type: "boolean", system: null, from: null },
  ]);
  const flights = assetNamed(definition, "flights");
  const clean = assetNamed(definition, "flights_clean");
  if (flights.kind !== "source" || clean.kind !== "table") throw new Error("the sample has changed");
  const columns = Object.entries(flights.columns ?? {}).map(([name, type]): Column => ({ name, type }));
  state.journal.append({ type: "asset.defined", asset: "flights_clean", run: "run-1", body: definedBody(clean, () => columns) });
  const told = lineage("flights_clean", "late", changed).column?.upstream.columns[0];
  expect(told?.from).toEqual([{ table: "flights", column: "arr_delay", kind: "direct", subtype: "transformation" }]);
});

test("a column that came through an input later is known too, though the declaration told before does not have it", async () => {
  await sampleRun(state, definition, "run-1");
  const clean = assetNamed(definition, "flights_clean");
  if (clean.kind !== "table") throw new Error("the sample has changed");
  state.journal.append({
    type: "asset.defined",
    asset: "flights_clean",
    run: "run-1",
    body: definedBody(clean, () => [
      { name: "distance", type: "double" },
      { name: "arr_delay", type: "double" },
    ]),
  });
  expect(lineage("flights_clean", "tailnum").column?.upstream.columns[0]?.from).toEqual([
    { table: "flights", column: "tailnum", kind: "direct", subtype: "identity" },
  ]);
});

test("the body of asset.defined survives the journal; anything else is refused", () => {
  const clean = assetNamed(definition, "flights_clean");
  if (clean.kind !== "table") throw new Error("the sample has changed");
  const body = definedBody(clean, () => [
    { name: "distance", type: "double" },
    { name: "arr_delay", type: "double" },
  ]);
  expect(body.columns).toEqual([
    { name: "distance", type: "double" },
    { name: "arr_delay", type: "double" },
    { name: "late", type: "boolean" },
  ]);
  expect(body.rows).toEqual([{ table: "flights", column: "distance", kind: "indirect", subtype: "filter" }]);
  expect(readDefined(JSON.parse(JSON.stringify(body)))).toEqual(body);
  for (const wrong of [
    {},
    { definition: "x" },
    { ...body, columns: [{ name: "a", type: "number" }] },
    { ...body, lineage: [{ column: "a" }] },
  ])
    expect(readDefined(wrong)).toBeNull();
});

test("metrics have lineage too, and SQL says that its origins are not known", () => {
  const flights = source("ops").table("flights", { columns: { id: "bigint", delay: "double" } });
  const busy = table.sql("busy", { flights }, { duckdb: "select count(*) as n from flights" }, { n: "bigint" });
  const of = platform({
    name: "other",
    assets: [metric("known", flights, (row) => count(row.delay)), busy],
    environments: { local: environment({ ops: sqlite({ file: "ops.sqlite" }) }) },
  });
  expect(lineage("known", "value", of).column?.upstream.columns.map((step) => `${step.table}.${step.column}`)).toEqual([
    "known.value",
    "flights.delay",
    "ops.flights.delay",
  ]);
  expect(lineage("busy", "n", of).column?.upstream.columns).toEqual([
    { table: "busy", column: "n", type: "bigint", system: null, from: null },
  ]);
});

test("an unknown name or column is refused with the nearest", async () => {
  await sampleRun(state, definition, "run-1");
  expect(() => lineage("flight_clean")).toThrow(/no asset 'flight_clean'[^]*did you mean 'flights_clean'/);
  expect(() => lineage("features", "seat")).toThrow(/features has no column 'seat'[^]*did you mean 'seats'/);
});

test("the terminal shows trees", async () => {
  await sampleRun(state, definition, "run-1");
  expect(lineageText(lineage("flights_clean"))).toBe(`flights_clean  table, snapshot 9007199254741096, 9 rows, run run-1

made from
└─ flights  source, snapshot 9007199254741094, 10 rows, run run-1
   └─ ops.flights  at sqlite

used by
├─ carrier_month  table, snapshot 9007199254741097, 2 rows, run run-1
│  └─ warehouse.carrier_month  load, snapshot 9007199254741097, 2 rows, run run-1
└─ features  table, snapshot 9007199254741098, 9 rows, run run-1
   └─ arrival_delay  model, version 1, 7 rows, run run-1
      └─ delay  endpoint, version 1, run run-1
`);
  expect(lineageText(lineage("flights_clean", "late"))).toBe(`flights_clean.late  boolean

comes from
└─ flights.arr_delay  double, transformation
   └─ ops.flights.arr_delay  at sqlite, identity

goes into
└─ features.late  boolean
   ├─ arrival_delay.label  bigint
   │  └─ delay.label  bigint
   └─ arrival_delay.probabilities  double
      └─ delay.probabilities  double

rows on the way are chosen by
  flights_clean: filter flights.distance
`);
});

test("a diamond is drawn once", () => {
  const flights = source("ops").table("flights", { columns: { id: "bigint", carrier: "text" } });
  const left = table("left_side", flights).dedupe("id");
  const right = table("right_side", flights).dedupe("id");
  const both = table("both", left).join(right, "id");
  const of = platform({ name: "diamond", assets: [both], environments: { local: environment({ ops: sqlite({ file: "ops.sqlite" }) }) } });
  expect(lineageText(lineage("both", undefined, of)).match(/ops\.flights/g)).toHaveLength(1);
});
