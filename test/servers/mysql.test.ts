import { createConnection } from "mysql2/promise";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMySQL, type MySQL } from "./mysql.ts";

let server: MySQL;
beforeAll(async () => {
  server = await startMySQL();
}, 180_000);
afterAll(() => server.stop());

test("the server is a MySQL 9 whose log holds rows and whose clock is UTC", async () => {
  const connection = await createConnection(server.url);
  try {
    const [rows] = await connection.query(
      "select version() version, @@binlog_format format, @@log_bin log, @@session.time_zone zone, database() name",
    );
    expect(rows).toEqual([{ version: expect.stringMatching(/^9\./), format: "ROW", log: 1, zone: "+00:00", name: server.database }]);
  } finally {
    await connection.end();
  }
});

test("rows come back as they went in", async () => {
  const connection = await createConnection({ uri: server.url, supportBigNumbers: true, timezone: "Z" });
  try {
    await connection.query("create table t (id bigint primary key, name varchar(20), amount double, at datetime(6))");
    await connection.execute("insert into t values (?, ?, ?, ?), (?, ?, ?, ?)", [
      "9007199254740993",
      "Zürich 東京 🛫",
      0.1,
      "2013-03-10 07:03:00.123456",
      2,
      null,
      null,
      null,
    ]);
    const [rows] = await connection.query({
      sql: "select cast(id as char) id, name, amount, cast(at as char) at from t order by t.id desc",
    });
    expect(rows).toEqual([
      { id: "9007199254740993", name: "Zürich 東京 🛫", amount: 0.1, at: "2013-03-10 07:03:00.123456" },
      { id: "2", name: null, amount: null, at: null },
    ]);
  } finally {
    await connection.end();
  }
});

test("a second server stands beside the first, and nothing of it is left when it is stopped", async () => {
  const second = await startMySQL();
  const connection = await createConnection(second.url);
  const [rows] = await connection.query<{ [column: string]: string }[] & import("mysql2").RowDataPacket[]>(
    "select @@datadir folder, @@server_uuid uuid",
  );
  await connection.end();
  const folder = String(rows[0]?.["folder"]);
  expect(second.port).not.toBe(server.port);
  expect(existsSync(folder)).toBe(true);
  await second.stop();
  expect(existsSync(folder)).toBe(false);
  await expect(createConnection(second.url)).rejects.toThrow(/ECONNREFUSED/);
}, 30_000);
