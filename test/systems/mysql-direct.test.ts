import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection, type Connection } from "mysql2/promise";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SourceTableNode } from "../../src/define/node.ts";
import { startCatalog, type RunningCatalog } from "../../src/lake/catalog/start.ts";
import { MillwrightError } from "../../src/error.ts";
import { localLake } from "../../src/lake/local.ts";
import { connect, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import { system } from "../../src/systems/mysql.ts";
import type { Engine, ForeignData, Position, Relation, Source } from "../../src/systems/roles.ts";
import { extraction, sourceTable, type Row } from "../contracts/extracting.ts";
import { startMySQL, type MySQL } from "../servers/mysql.ts";
import { startSpark, type Spark } from "../servers/spark.ts";
import { makeKinds } from "./mysql-kinds.ts";
import { sparkEngine } from "./spark/engine.ts";

// Spark's first jobs take their time where others are at work.
vi.setConfig({ testTimeout: 600_000 });

let folder: string;
let mysql: MySQL;
let spark: Spark;
let catalog: RunningCatalog;
let engine: Engine;
let source: Source;
let admin: Connection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-direct-"));
  [mysql, spark, catalog] = await Promise.all([startMySQL(), startSpark(), startCatalog({ directory: folder })]);
  engine = await sparkEngine({ url: spark.url }, { catalog, lake: localLake(folder), state: folder });
  if (system.roles.source === undefined) throw new Error("mysql is no source");
  source = await system.roles.source({ url: mysql.url }, { directory: folder });
  admin = await createConnection({ uri: mysql.url, timezone: "Z" });
  await admin.query("SET SESSION sql_mode = ''");
}, 600_000);

afterAll(async () => {
  await admin.end();
  await source.close();
  await engine.close();
  await Promise.all([spark.stop(), catalog.stop(), mysql.stop()]);
  await rm(folder, { recursive: true, force: true });
});

interface Reading {
  readonly position: Position;
  readonly contains: string;
  readonly rows: readonly Row[];
  readonly rejected: readonly Row[];
  /** What the engine was asked to see. */
  readonly seen: ForeignData;
}

/** Reads a table by Spark alone. */
async function directly(table: SourceTableNode, position: Position | null = null): Promise<Reading> {
  const columns = await source.describe(table);
  const seen: ForeignData[] = [];
  const { dialect, see, ask } = engine;
  if (see === undefined || source.direct === undefined) throw new Error("no direct reading");
  const direct = await source.direct({
    table,
    columns,
    position,
    dialect,
    ask,
    see: (data) => {
      seen.push(data);
      return see(data);
    },
    signal: new AbortController().signal,
  });
  if (direct === null) throw new Error("this table is not read directly");
  try {
    const list = columns.map(({ name }) => `\`${name.replaceAll("`", "``")}\``).join(", ");
    return {
      position: direct.position,
      contains: direct.contains,
      rows: await exported(`SELECT ${list} FROM ${direct.rows}`),
      rejected: direct.rejected === null ? [] : await exported(`SELECT origin, reason, raw FROM ${direct.rejected}`),
      seen: seen[0]!,
    };
  } finally {
    await direct.drop();
  }
}

async function exported(query: string): Promise<Row[]> {
  const file = join(folder, "export.parquet");
  await engine.exportParquet(query, file);
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    return (await connection.runAndReadAll(`SELECT * FROM read_parquet(${quoteLiteral(file)})`)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(file);
  }
}

const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

/** Both ways give the same, the position and the refused rows too. */
async function expectSame(table: SourceTableNode, position: Position | null = null): Promise<Reading> {
  const read = await extraction(source, table, { position });
  const direct = await directly(table, position);
  expect(sorted(direct.rows)).toEqual(sorted(read.rows));
  expect(sorted(direct.rejected)).toEqual(sorted(read.rejected.map(({ origin, reason, raw }) => ({ origin, reason, raw }))));
  expect({ position: direct.position, contains: direct.contains }).toEqual({ position: read.position, contains: read.contains });
  return direct;
}

test("values of every type are the same whether Spark or our own reader reads them", async () => {
  await makeKinds(admin);
  const { rows } = await expectSame(sourceTable("kinds"));
  expect(rows).toHaveLength(2);
});

test("dates that are none go to quarantine with the same origin, reason and row", async () => {
  await admin.query(
    "CREATE TABLE trips (id BIGINT PRIMARY KEY, name VARCHAR(100), flag BIT(1), price DECIMAL(8,2), bytes VARBINARY(4), born DATE, seen DATETIME(3), small INT)",
  );
  await admin.query(
    `INSERT INTO trips VALUES (1, 'good', b'1', 1.50, x'00ff', '2013-01-01', '2013-01-01 10:00:00.5', 1), (9001, 'zero', b'0', 2, NULL, '2013-01-01', '0000-00-00 00:00:00', NULL),
     (9002, 'no day "quoted" \\\\ 🚀', NULL, NULL, x'00ff', '2013-02-00', '2013-02-00 00:00:00', 2)`,
  );
  const { rejected } = await expectSame(sourceTable("trips", { key: ["id"], cursor: "seen" }));
  expect(rejected).toHaveLength(2);
});

test("a large table is read in parts by its key, and later only what is at or after the position", async () => {
  await admin.query("CREATE TABLE big (id INT PRIMARY KEY, seen DATETIME, KEY (seen))");
  await admin.query("SET SESSION cte_max_recursion_depth = 200000");
  await admin.query(
    "INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000) SELECT i * 7 - 300000, '2013-01-01' + INTERVAL i SECOND FROM n",
  );
  const table = sourceTable("big", { key: ["id"], cursor: "seen" });
  const first = await expectSame(table);
  expect(first.seen.options).toMatchObject({ partitionColumn: "part", numPartitions: "3", lowerBound: "-299993", upperBound: "540000" });
  await admin.query("UPDATE big SET seen = '2014-01-01' WHERE id = -299993");
  await admin.query("INSERT INTO big VALUES (1000000, NULL)");
  const second = await expectSame(table, first.position);
  expect(second.contains).toBe("changes");
  expect(second.rows).toHaveLength(3);
});

test("the password stands in an option of its own, not in an address or a statement", async () => {
  await admin.query("CREATE TABLE one (id INT PRIMARY KEY)");
  const { seen } = await directly(sourceTable("one", { key: ["id"] }));
  const { password, ...others } = seen.options;
  expect(password).toBe(mysql.password);
  expect(JSON.stringify(others)).not.toContain(mysql.password);
  const refused = await engine
    .see?.({ ...seen, options: { ...seen.options, password: "a-wrong-password" } })
    .then(({ relation }) => engine.ask(`SELECT * FROM ${relation}`))
    .catch(String);
  expect(refused).toMatch(/Access denied/);
  expect(refused).not.toContain("a-wrong-password");
});

test("a column whose agreed type is another than the source's is left to our own reader, and so is another engine", async () => {
  await admin.query("CREATE TABLE text_numbers (id INT PRIMARY KEY, code VARCHAR(5))");
  const table = sourceTable("text_numbers", { key: ["id"] });
  const columns = [
    { name: "id", type: "integer" },
    { name: "code", type: "integer" },
  ] as const;
  const request = { table, columns, position: null, ask: engine.ask, signal: new AbortController().signal };
  const see = (): Promise<never> => Promise.reject(new Error("asked to see"));
  expect(await source.direct?.({ ...request, dialect: "spark", see })).toBeNull();
  expect(await source.direct?.({ ...request, columns: [columns[0]], dialect: "duckdb", see })).toBeNull();
});

test("a cluster that has no driver or cannot reach the server is told so, with a way out", async () => {
  await admin.query("CREATE TABLE far (id INT PRIMARY KEY)");
  const table = sourceTable("far", { key: ["id"] });
  const columns = [{ name: "id", type: "integer" }] as const;
  const failing = (what: string) => () => Promise.reject(new MillwrightError({ code: "spark-failed", what }));
  const request = { table, columns, position: null, dialect: "spark", ask: engine.ask, signal: new AbortController().signal } as const;
  const missing = source.direct?.({ ...request, see: failing("java.lang.ClassNotFoundException: com.mysql.cj.jdbc.Driver") });
  await expect(missing).rejects.toThrow(/no driver of MySQL[\s\S]*mysql-connector-j/);
  const elsewhere = (data: ForeignData): Promise<Relation> => {
    if (engine.see === undefined) throw new Error("Spark sees nothing");
    return engine.see({ ...data, options: { ...data.options, url: data.options["url"]?.replace(/:\d+\//, ":1/") ?? "" } });
  };
  const unreachable = source.direct?.({ ...request, see: elsewhere });
  await expect(unreachable).rejects.toThrow(/Spark cannot connect to MySQL at 127\.0\.0\.1:\d+[\s\S]*connections: 0/);
  const here = await system.roles.source?.({ url: mysql.url, connections: 0 }, { directory: folder });
  expect(await here?.direct?.({ ...request, see: failing("asked to see") })).toBeNull();
});
