import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import type { Layout, PartitionField } from "../../src/define/node.ts";
import { readHead } from "../../src/lake/catalog/heads.ts";
import { readMetadata } from "../../src/lake/catalog/metadata.ts";
import { startCatalog, type RunningCatalog } from "../../src/lake/catalog/start.ts";
import { layoutOf } from "../../src/lake/layout.ts";
import { localLake } from "../../src/lake/local.ts";
import { openDuckDBEngine } from "../../src/systems/duckdb/engine.ts";
import type { Engine, TableWrite } from "../../src/systems/roles.ts";

let state: string;
let catalog: RunningCatalog;
let engine: Engine;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "millwright-layout-"));
  catalog = await startCatalog({ directory: state });
  engine = await openDuckDBEngine({ namespace: "shop", catalog, lake: localLake(state), state });
});

afterAll(async () => {
  await engine.close();
  await catalog.stop();
  rmSync(state, { recursive: true, force: true });
});

const columns: readonly Column[] = [
  { name: "id", type: "bigint" },
  { name: "time", type: "timestamp" },
  { name: "carrier", type: "text" },
];
const note = { run: "run-1", definition: "d1", inputs: {}, position: null, fingerprint: null, fitted: null };
/** Rows from `first` on, six hours apart from the first of January 2013. */
const events = (first: number, count: number) =>
  `SELECT ${first} + range AS id, TIMESTAMP '2013-01-01' + INTERVAL 6 HOUR * (${first} + range) AS time, chr((65 + range % 3)::INTEGER) || 'x' || range AS carrier FROM range(${count})`;
const layout = (partition: readonly PartitionField[], options: Partial<Layout> = {}): Layout => ({
  partition,
  sort: [],
  fileSize: null,
  ...options,
});
const field = (column: string, transform: PartitionField["transform"], size: number | null = null): PartitionField => ({
  column,
  transform,
  size,
});

function write(table: string, query: string, options: Partial<TableWrite> = {}) {
  return engine.write({ table, columns, mode: "replace", key: [], query, rejected: null, note, began: performance.now(), ...options });
}

const metadata = (table: string) => readMetadata(readFileSync(fileURLToPath(readHead(state, "shop", table)?.metadataLocation ?? "")));

/** The live data files of a table: the folder of the partition, and the number of rows. */
async function files(table: string): Promise<{ readonly path: string; readonly folder: string; readonly rows: number }[]> {
  const found = await engine.ask(
    `SELECT file_path, record_count FROM iceberg_metadata('${readHead(state, "shop", table)?.metadataLocation}') WHERE content = 'EXISTING' AND status <> 'DELETED' ORDER BY 1`,
  );
  return found.map(({ file_path: path, record_count: rows }) => ({
    path: String(path),
    folder: /\/data\/(.*)\/[^/]*$/.exec(decodeURIComponent(String(path)))?.[1] ?? "",
    rows: Number(rows),
  }));
}

/** The files that a query has opened. */
async function filesRead(sql: string): Promise<number> {
  const [plan] = await engine.ask(`EXPLAIN ANALYZE ${sql}`);
  return Number(/Total Files Read: (\d+)/.exec(String(plan?.["explain_value"]))?.[1] ?? Number.NaN);
}

const ids = async (table: string) => (await engine.ask(`SELECT id FROM ${engine.relation(table, null)} ORDER BY id`)).map(({ id }) => id);

test("every transform stands in the metadata as Iceberg writes it, and its values in the paths of the files", async () => {
  const all = layout([field("time", "day"), field("id", "bucket", 4), field("carrier", "truncate", 1)], {
    sort: [
      { column: "time", descending: false },
      { column: "id", descending: true },
    ],
    fileSize: 1_000_000,
  });
  await write("all_transforms", events(0, 8), { layout: all });
  const found = metadata("all_transforms");
  expect(found["partition-specs"].find((spec) => spec["spec-id"] === found["default-spec-id"])?.fields).toEqual([
    { "source-id": 2, "field-id": 1000, name: "time_day", transform: "day" },
    { "source-id": 1, "field-id": 1001, name: "id_bucket_4", transform: "bucket[4]" },
    { "source-id": 3, "field-id": 1002, name: "carrier_trunc_1", transform: "truncate[1]" },
  ]);
  expect(found["sort-orders"].find((order) => order["order-id"] === found["default-sort-order-id"])?.fields).toEqual([
    { "source-id": 2, transform: "identity", direction: "asc", "null-order": "nulls-last" },
    { "source-id": 1, transform: "identity", direction: "desc", "null-order": "nulls-last" },
  ]);
  expect(found.properties["write.target-file-size-bytes"]).toBe("1000000");
  expect(layoutOf(found)).toEqual(all);
  expect((await files("all_transforms")).map(({ folder }) => folder)).toEqual([
    "time_day=15706/id_bucket_4=0/carrier_trunc_1=A",
    "time_day=15706/id_bucket_4=0/carrier_trunc_1=B",
    "time_day=15706/id_bucket_4=0/carrier_trunc_1=C",
    "time_day=15706/id_bucket_4=3/carrier_trunc_1=A",
    "time_day=15707/id_bucket_4=1/carrier_trunc_1=A",
    "time_day=15707/id_bucket_4=2/carrier_trunc_1=B",
    "time_day=15707/id_bucket_4=3/carrier_trunc_1=B",
    "time_day=15707/id_bucket_4=3/carrier_trunc_1=C",
  ]);
  expect(await ids("all_transforms")).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a query on a partition opens the files of that partition only", async () => {
  await write("daily", events(0, 400), { layout: layout([field("time", "day")]) });
  expect(await files("daily")).toHaveLength(100);
  const days = "time >= TIMESTAMP '2013-02-01' AND time < TIMESTAMP '2013-02-03'";
  expect(await filesRead(`SELECT id FROM ${engine.relation("daily", null)} WHERE ${days}`)).toBe(2);
  // And of its sort order, the groups of rows within a file: not seen here, but the files are sorted.
});

test.each(["replace", "append", "merge", "overwrite"] as const)("what a write by %s adds is one sorted file a partition", async (mode) => {
  const sorted = layout([field("time", "month")], { sort: [{ column: "carrier", descending: true }] });
  const table = `sorted_${mode}`;
  await write(table, events(0, 400), { layout: sorted, mode, key: ["id"] });
  const before = new Set((await files(table)).map(({ path }) => path));
  await write(table, events(300, 20_000), {
    layout: sorted,
    mode,
    key: ["id"],
    ...(mode === "overwrite" ? { range: { column: "time", from: "2013-03-17T00:00:00Z", to: "2099-01-01T00:00:00Z" } } : {}),
  });
  const added = (await files(table)).filter(({ path }) => !before.has(path));
  expect(new Set(added.map(({ folder }) => folder)).size).toBe(added.length);
  for (const { path } of added.slice(0, 5)) {
    const [row] = await engine.ask(
      `SELECT count(*) FILTER (carrier > previous) AS n FROM (SELECT carrier, lag(carrier) OVER () AS previous FROM read_parquet('${path}'))`,
    );
    expect(row).toEqual({ n: 0 });
  }
  const all = await ids(table);
  expect(all).toHaveLength(mode === "replace" ? 20_000 : mode === "append" ? 20_400 : 20_300);
  expect(new Set(all).size).toBe(mode === "replace" ? 20_000 : 20_300);
});

test("files of a table without partitions are of about the size that it wants, each sorted after the one before", async () => {
  const query = "SELECT range AS id, TIMESTAMP '2013-01-01' AS time, md5(range::VARCHAR) AS carrier FROM range(500000)";
  await write("sized", query, { layout: layout([], { sort: [{ column: "carrier", descending: false }], fileSize: 2_000_000 }) });
  const found = await files("sized");
  expect(found.length).toBeGreaterThan(2);
  for (const { path } of found) {
    const [row] = await engine.ask(
      `SELECT count(*) FILTER (carrier < previous) AS n FROM (SELECT carrier, lag(carrier) OVER () AS previous FROM read_parquet('${path}'))`,
    );
    // Where two of DuckDB's threads meet in a file there is a seam.
    expect(Number(row?.["n"])).toBeLessThan(4);
  }
});

const steps: readonly (readonly [string, Layout, Layout])[] = [
  ["none to day", layout([]), layout([field("time", "day")])],
  ["day to month", layout([field("time", "day")]), layout([field("time", "month")])],
  ["day to none", layout([field("time", "day")]), layout([])],
  ["day to day and bucket", layout([field("time", "day")]), layout([field("time", "day"), field("id", "bucket", 4)])],
  ["16 buckets to 4", layout([field("id", "bucket", 16)]), layout([field("id", "bucket", 4)])],
];
for (const mode of ["append", "merge", "overwrite"] as const) {
  test.each(steps)(`a table laid out anew, from %s, is right after writes by ${mode}`, async (name, first, second) => {
    const table = `evolved_${mode}_${name.replaceAll(" ", "_")}`;
    const range = { column: "time", from: "2013-01-03T00:00:00Z", to: "2013-01-04T00:00:00Z" };
    await write(table, events(0, 16), { layout: first, mode, key: ["id"] });
    for (const count of [8, 16]) await write(table, events(8, count), { layout: second, mode, key: ["id"], range });
    const rows = mode === "append" ? 16 + 8 + 16 : mode === "merge" ? 24 : 12 + 8 + 12;
    const [row] = await engine.ask(`SELECT count(*)::INTEGER AS n FROM ${engine.relation(table, null)}`);
    expect(layoutOf(metadata(table))).toEqual(second);
    expect(row).toEqual({ n: mode === "overwrite" ? await overwritten() : rows });
  });
}

/** 16 rows; those of the third of January (8 to 11) replaced by 8 to 15; then those by 8 to 23. */
async function overwritten(): Promise<number> {
  return 16 - 4 + 8 - 4 + 16;
}

test("a layout that changes leaves the files that are there, and a column that it needs may come with the same write", async () => {
  await write("kept_files", events(0, 8), { mode: "append" });
  const before = await files("kept_files");
  await write("kept_files", `SELECT *, 'west' AS region FROM (${events(8, 8)})`, {
    mode: "append",
    columns: [...columns, { name: "region", type: "text" }],
    layout: layout([field("region", "identity")]),
  });
  const after = await files("kept_files");
  expect(after).toEqual(expect.arrayContaining(before));
  expect(after.map(({ folder }) => folder)).toEqual(expect.arrayContaining(["region=west"]));
  expect(await ids("kept_files")).toHaveLength(16);
});

test("a replaced table may lose or retype the column that it was partitioned and sorted by", async () => {
  const byTime = layout([field("time", "day")], { sort: [{ column: "time", descending: false }] });
  await write("lost", events(0, 8), { layout: byTime });
  await write("lost", `SELECT id, time::DATE AS time, carrier FROM (${events(0, 8)})`, {
    layout: byTime,
    columns: [
      { name: "id", type: "bigint" },
      { name: "time", type: "date" },
      { name: "carrier", type: "text" },
    ],
  });
  expect((await files("lost")).map(({ folder }) => folder)).toEqual(["time_day_2=15706", "time_day_2=15707"]);
  await write("lost", "SELECT 1 AS id", { columns: [{ name: "id", type: "bigint" }] });
  expect(await ids("lost")).toEqual([1]);
  expect(layoutOf(metadata("lost")).partition).toEqual([]);
});

test("names with spaces and quotes, and values with slashes, partition a table", async () => {
  const names: readonly Column[] = [
    { name: 'a "b" c', type: "text" },
    { name: "select", type: "date" },
  ];
  await write("odd", `SELECT 'x/y=z' AS "a ""b"" c", DATE '2013-01-01' AS "select" UNION ALL SELECT NULL, NULL`, {
    columns: names,
    layout: layout([field('a "b" c', "identity"), field("select", "year")]),
  });
  const rows = await engine.ask(`SELECT * FROM ${engine.relation("odd", null)} ORDER BY ALL NULLS LAST`);
  expect(rows.map((row) => Object.values(row))).toEqual([
    ["x/y=z", "2013-01-01"],
    [null, null],
  ]);
});
