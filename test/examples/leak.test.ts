import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import definition from "../../examples/flights/platform.ts";
import { prepare } from "../../examples/flights/prepare.ts";
import type { Column } from "../../src/define/column.ts";
import type { TableNode } from "../../src/define/node.ts";
import { columnTypeOf, connect, openDuckDB, quoteIdentifier, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import { askRows, type ResultRow } from "../../src/systems/duckdb/rows.ts";
import { nextFit } from "../../src/transform/fits.ts";
import { printTable } from "../../src/transform/print.ts";

// The features of a flight must be the same whether or not anything is known that happened after its scheduled
// departure. So the world is cut at an instant (later messages and weather removed, later outcomes falsified) and
// the features of the flights that were to leave just before it are computed again.

let folder: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-leak-"));
  await prepare({ out: folder, rows: 5000 });
  instance = await openDuckDB();
  connection = await connect(instance);
  const csv = (name: string) =>
    `read_csv(${quoteLiteral(new URL(`../../examples/flights/data/${name}.csv.gz`, import.meta.url).pathname)}, nullstr = '')`;
  await connection.run(`CREATE TABLE all_flights AS SELECT row_number() OVER () AS id, * EXCLUDE (time_hour), strftime(time_hour, '%Y-%m-%dT%H:%M:%SZ') AS time_hour,
    time_hour::TIMESTAMP + to_minutes(minute::BIGINT) AS updated_at FROM (SELECT * FROM ${csv("flights")} LIMIT 5000)`);
  await connection.run(`CREATE TABLE planes AS SELECT * FROM ${csv("planes")}`);
  await connection.run(
    `CREATE TABLE all_weather AS SELECT origin, time_hour::TIMESTAMP AS time_hour, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib FROM ${csv("weather")}`,
  );
  await connection.run(`CREATE TABLE all_events AS SELECT m[1]::TIMESTAMP AS time, m[2] AS airport, m[3] AS event, nullif(m[4], '-') AS tailnum, m[5] AS flight, m[6]::TIMESTAMP AS scheduled
    FROM (SELECT string_split(line, ' ') AS m FROM read_csv(${quoteLiteral(join(folder, "gates", "*.log.gz"))}, columns = {'line': 'VARCHAR'}, delim = '\\x01', header = false, quote = '', escape = '')) WHERE len(m) = 6`);
}, 120_000);

afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true, force: true });
});

/** The world as it was known at an instant; all of it when null. */
async function cutAt(instant: string | null): Promise<void> {
  const at = `TIMESTAMP ${quoteLiteral(instant ?? "2100-01-01 00:00:00")}`;
  const outcomes = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"];
  const falsified = outcomes.map(
    (name) => `CASE WHEN dep_delay IS NULL OR updated_at + to_minutes(dep_delay::BIGINT) >= ${at} THEN 977 ELSE ${name} END AS ${name}`,
  );
  await connection.run(
    `CREATE OR REPLACE TABLE flights AS SELECT ${instant === null ? "*" : `* REPLACE (${falsified.join(", ")})`} FROM all_flights`,
  );
  await connection.run(`CREATE OR REPLACE TABLE weather AS SELECT * FROM all_weather WHERE time_hour <= ${at} - INTERVAL 1 HOUR`);
  await connection.run(`CREATE OR REPLACE TABLE events AS SELECT * FROM all_events WHERE time < ${at}`);
}

/** Builds the tables behind the features, in order, as the engine would. */
async function build(change: (node: TableNode) => TableNode = (node) => node): Promise<void> {
  for (const name of ["flights_clean", "departures", "departing", "delay_features"]) {
    const declared = definition.assets.find((asset) => asset.name === name);
    if (declared?.kind !== "table") throw new Error(`the example has no table ${name}`);
    const node = change(declared);
    const columns = new Map<string, readonly Column[]>();
    for (const input of node.inputs) {
      const rows = await askRows(connection, `DESCRIBE ${quoteIdentifier(input)}`);
      columns.set(
        input,
        rows.map((row) => ({ name: String(row["column_name"]), type: columnTypeOf(String(row["column_type"])) })),
      );
    }
    const print = { node, columnsOf: (table: string) => columns.get(table) ?? [], relation: quoteIdentifier, dialect: "duckdb" as const };
    let fitted = {};
    for (let next = nextFit({ ...print, fitted }); next !== null; next = nextFit({ ...print, fitted })) {
      const [row] = await askRows(connection, next.query);
      fitted = { ...fitted, ...next.read(row ?? {}) };
    }
    await connection.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(name)} AS ${printTable({ ...print, fitted }).query}`);
  }
}

const instants = [
  "2013-01-01 16:00:00",
  "2013-01-01 22:30:00",
  "2013-01-02 13:00:00",
  "2013-01-03 00:30:00",
  "2013-01-04 17:45:00",
  "2013-01-05 20:00:00",
];

async function featuresBefore(instant: string): Promise<readonly ResultRow[]> {
  return askRows(
    connection,
    `SELECT * EXCLUDE (late) FROM delay_features WHERE scheduled > TIMESTAMP '${instant}' - INTERVAL 45 MINUTES AND scheduled <= TIMESTAMP '${instant}' ORDER BY id`,
  );
}

/** The instants at which cutting the world changes the features. */
async function leaks(change?: (node: TableNode) => TableNode): Promise<readonly string[]> {
  await cutAt(null);
  await build(change);
  const known = new Map<string, readonly ResultRow[]>();
  for (const instant of instants) known.set(instant, await featuresBefore(instant));
  const leaking: string[] = [];
  for (const instant of instants) {
    expect(known.get(instant)?.length).toBeGreaterThan(10);
    await cutAt(instant);
    await build(change);
    if (JSON.stringify(await featuresBefore(instant)) !== JSON.stringify(known.get(instant))) leaking.push(instant);
  }
  return leaking;
}

test("no feature changes when all that happened after the scheduled departure is taken away or falsified", async () => {
  expect(await leaks()).toEqual([]);
});

test("the check finds a leak: the departure delay itself among the features", async () => {
  const leaky = (node: TableNode): TableNode =>
    node.name !== "delay_features"
      ? node
      : {
          ...node,
          operations: node.operations.map((operation) =>
            operation.kind === "select" ? { ...operation, columns: [...operation.columns, "dep_delay"] } : operation,
          ),
        };
  expect(await leaks(leaky)).toEqual(instants);
});

test("the check finds a subtler leak: messages counted until after the scheduled departure", async () => {
  const late = (node: TableNode): TableNode =>
    node.name !== "departures"
      ? node
      : {
          ...node,
          operations: [
            ...node.operations,
            {
              kind: "derive",
              columns: {
                time: {
                  kind: "call",
                  function: "addSeconds",
                  arguments: [
                    { kind: "column", name: "time" },
                    { kind: "literal", type: "integer", value: -1800 },
                  ],
                },
              },
            },
          ],
        };
  expect((await leaks(late)).length).toBeGreaterThan(0);
});
