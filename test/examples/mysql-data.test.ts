import { spawnSync } from "node:child_process";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadMySQL } from "../../examples/flights/load-mysql.ts";
import { startMySQL, type MySQL } from "../servers/mysql.ts";
import { referenceRows } from "./reference.ts";

let server: MySQL;
let connection: Connection;
beforeAll(async () => {
  server = await startMySQL();
  connection = await createConnection({ uri: server.url, dateStrings: true });
}, 180_000);
afterAll(async () => {
  await connection.end();
  await server.stop();
});

const program = new URL("../../examples/flights/load-mysql.ts", import.meta.url).pathname;
const rowsOf = async (sql: string): Promise<RowDataPacket[]> => (await connection.query<RowDataPacket[]>(sql))[0];

test("MySQL holds every row and value of the files", async () => {
  expect(await loadMySQL({ url: server.url })).toEqual({ flights: 336_776, planes: 3_322, airports: 1_458, airlines: 16 });
  for (const [table, key] of [
    ["flights", "id"],
    ["planes", null],
    ["airports", null],
    ["airlines", null],
  ] as const) {
    const rows = await rowsOf(`select * from ${table}${key === null ? "" : ` order by ${key}`}`);
    const byKey = key === null ? new Map(rows.map((row) => [Object.values(row)[0], row])) : null;
    let index = 0;
    for await (const expected of referenceRows(table)) {
      const row = byKey === null ? rows[index] : byKey.get(Object.values(expected)[0]);
      index++;
      for (const [name, field] of Object.entries(expected)) {
        const value: unknown = row?.[name];
        const same = field === null ? value === null : typeof value === "number" ? value === Number(field) : value === field;
        if (!same) expect({ table, index, name, value }).toEqual({ table, index, name, value: field });
      }
    }
    expect(rows.length).toBe(index);
  }
}, 60_000);

test("the columns have MySQL's own types, a key, and an index along the cursor", async () => {
  const types = await rowsOf(
    "select column_name name, column_type type from information_schema.columns where table_schema = database() and table_name = 'flights'",
  );
  expect(Object.fromEntries(types.map(({ name, type }) => [name, type]))).toMatchObject({
    id: "bigint",
    dep_time: "int",
    dep_delay: "double",
    tailnum: "varchar(6)",
    time_hour: "varchar(20)",
    updated_at: "datetime",
  });
  const keys = await rowsOf(
    "select index_name name, group_concat(column_name order by seq_in_index) columns from information_schema.statistics where table_schema = database() and table_name = 'flights' group by 1 order by 1",
  );
  expect(keys).toEqual([
    { name: "flights_updated_at", columns: "updated_at,id" },
    { name: "PRIMARY", columns: "id" },
  ]);
  expect(
    await rowsOf(
      "select count(*) wrong from flights where updated_at <> str_to_date(left(time_hour, 13), '%Y-%m-%dT%H') + interval minute minute",
    ),
  ).toEqual([{ wrong: 0 }]);
});

test("the program loads a sample of the first flights and says what it loaded", () => {
  const result = spawnSync(process.execPath, [program, "--rows", "5000"], {
    env: { ...process.env, OPS_DATABASE_URL: server.url },
    encoding: "utf8",
  });
  expect(result.stderr).toBe("");
  expect(result.stdout).toMatch(/^flights 5,000, planes 3,322, airports 1,458, airlines 16 rows in [\d.]+ s\n$/);
}, 30_000);

test("loading again replaces what somebody changed, and leaves only the four tables", async () => {
  await connection.query("update planes set seats = 1");
  await loadMySQL({ url: server.url, rows: 10 });
  expect((await rowsOf("show tables")).map((row) => Object.values(row)[0])).toEqual(["airlines", "airports", "flights", "planes"]);
  expect(await rowsOf("select (select count(*) from flights) flights, (select count(*) from planes where seats = 1) changed")).toEqual([
    { flights: 10, changed: 0 },
  ]);
});

test("a database that is not named or not there is said so, without its password", () => {
  const run = (url: string | undefined): { code: number | null; text: string } => {
    const { status, stderr } = spawnSync(process.execPath, [program], { env: { ...process.env, OPS_DATABASE_URL: url }, encoding: "utf8" });
    return { code: status, text: stderr };
  };
  expect(run(undefined)).toMatchObject({ code: 2, text: expect.stringMatching(/OPS_DATABASE_URL is not set/) });
  const wrong = run(server.url.replace(server.password, "hidden-password"));
  expect(wrong).toMatchObject({ code: 1, text: expect.stringMatching(/Access denied/) });
  expect(wrong.text).not.toContain("hidden-password");
}, 20_000);
