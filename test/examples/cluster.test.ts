import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { loadMySQL } from "../../examples/flights/load-mysql.ts";
import example from "../../examples/flights/platform.ts";
import { readHeads } from "../../src/lake/catalog/heads.ts";
import { noteOf } from "../../src/lake/note.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openLakehouse } from "../../src/run/lakehouse.ts";
import { statePaths } from "../../src/run/state.ts";
import { connect, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import { startHdfs, type HDFS } from "../servers/hdfs.ts";
import { startMySQL, type MySQL } from "../servers/mysql.ts";
import { startS3, type S3 } from "../servers/s3.ts";
import { startSpark, type Spark } from "../servers/spark.ts";
import { flightsWorkspace, type Workspace } from "./workspace.ts";

const assets = ["delay_features", "carrier_month", "airports", "airlines"];
const sources = ["flights", "planes", "airports", "airlines", "weather", "events"];
const tables = [...sources, "events_quarantine", "flights_clean", "departures", "departing", "delay_features", "carrier_month"];

/** Every row of a relation as one number, whatever the order of the rows. */
const hashOf = (relation: string) => `SELECT count(*) AS rows, sum(hash(t)::hugeint)::varchar AS hash FROM ${relation} AS t`;

let workspace: Workspace;
let spark: Spark;
let mysql: MySQL;
let settings: Record<string, string>;
let local: Record<string, unknown>;

beforeAll(async () => {
  workspace = await flightsWorkspace();
  [spark, mysql] = await Promise.all([startSpark({ workers: 2 }), startMySQL()]);
  await loadMySQL({ url: mysql.url });
  settings = { OPS_DATABASE_URL: mysql.url, SPARK_URL: spark.url };
  await succeed("local");
  local = await asked("local");
}, 900_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([spark.stop(), mysql.stop()]);
  await workspace.remove();
});

describe("examples/flights on Spark, two workers of a standalone cluster, with a real MySQL 9", () => {
  test("over a stand-in of S3 its tables are equal to the local ones, as DuckDB reads them there", async () => {
    const s3: S3 = await startS3();
    try {
      await s3.bucket("flights");
      settings = { ...settings, LAKE_ENDPOINT: s3.endpoint, LAKE_ACCESS_KEY: s3.accessKey, LAKE_SECRET_KEY: s3.secretKey };
      const said = await succeed("cluster");
      for (const secret of [mysql.password, s3.secretKey]) expect(said).not.toContain(secret);
      expect(await asked("cluster")).toEqual(local);
      expect(definitionsOf("cluster")).toEqual(definitionsOf("local"));
    } finally {
      await s3.stop();
    }
  }, 1_200_000);

  test("over a real HDFS its tables are equal to the local ones, as Spark reads them there", async () => {
    const hdfs: HDFS = await startHdfs();
    try {
      settings = { ...settings, LAKE_URL: `${hdfs.url}/lake`, LAKE_WEBHDFS: hdfs.webhdfs };
      expect(await succeed("hadoop")).not.toContain(mysql.password);
      expect(await exported("hadoop")).toEqual(local);
      expect(definitionsOf("hadoop")).toEqual(definitionsOf("local"));
    } finally {
      await hdfs.stop();
    }
  }, 1_200_000);
});

/** Runs the tables of an environment; gives what it said. */
async function succeed(environment: string): Promise<string> {
  const { code, stdout, stderr } = await workspace.millwright(["run", ...assets, "--env", environment], settings);
  expect(stderr).toContain("succeeded");
  expect(code).toBe(0);
  return stdout + stderr;
}

/** The hash of each table, by `millwright query`. */
async function asked(environment: string): Promise<Record<string, unknown>> {
  const union = tables.map((table) => `SELECT '${table}' AS name, * FROM (${hashOf(table)})`).join(" UNION ALL ");
  const { code, stdout, stderr } = await workspace.millwright(["query", union, "--json", "--env", environment], settings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.anything() });
  const rows: { readonly name: string }[] = JSON.parse(stdout);
  return Object.fromEntries(rows.map(({ name, ...row }) => [name, row]));
}

/** The same, of the rows that the environment's own engine reads. */
async function exported(environment: string): Promise<Record<string, unknown>> {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const node = environmentOf(example, environment);
  const { engine, close } = await openLakehouse({
    environment: node,
    paths: statePaths(workspace.folder, environment),
    namespace: "flights",
  });
  const instance = await openDuckDB();
  const connection = await connect(instance);
  try {
    const hashes: Record<string, unknown> = {};
    for (const table of tables) {
      const file = join(workspace.folder, `${table}.parquet`);
      await engine.exportParquet(`SELECT * FROM ${engine.relation(table, null)}`, file);
      const [row] = (await connection.runAndReadAll(hashOf(`read_parquet(${quoteLiteral(file)})`))).getRowObjectsJson();
      hashes[table] = { rows: Number(row?.["rows"]), hash: row?.["hash"] };
      await rm(file);
    }
    return hashes;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await close();
  }
}

/** What each table's newest commit says that it was made by; a source's names its binding too. */
function definitionsOf(environment: string): Record<string, string | undefined> {
  const heads = readHeads(statePaths(workspace.folder, environment).state, "flights");
  const made = tables.filter((table) => !sources.includes(table) && !table.endsWith("_quarantine"));
  return Object.fromEntries(made.map((table) => [table, noteOf(heads.get(table)?.summary ?? {})?.definition]));
}
