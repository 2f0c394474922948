import { existsSync } from "node:fs";
import { Client } from "pg";
import { expect, test } from "vitest";
import { startPostgres } from "./postgres.ts";

test("a real PostgreSQL keeps rows as they went in, runs as an ordinary user, and leaves nothing when it is stopped", async () => {
  const server = await startPostgres();
  const client = new Client({ connectionString: server.url });
  let folder = "";
  try {
    await client.connect();
    await client.query("create table t (id bigint primary key, name text, amount numeric(10, 2), at timestamp)");
    await client.query("insert into t values ($1, $2, $3, $4), (2, null, null, null)", [
      "9007199254740993",
      "Zürich 東京 🛫",
      "1.50",
      "2013-03-10 07:03:00.123456",
    ]);
    const { rows } = await client.query("select id, name, amount, cast(at as text) as at from t order by id desc");
    expect(rows).toEqual([
      { id: "9007199254740993", name: "Zürich 東京 🛫", amount: "1.50", at: "2013-03-10 07:03:00.123456" },
      { id: "2", name: null, amount: null, at: null },
    ]);
    const settings = await client.query<{ folder: string; zone: string; level: string }>(
      "select current_setting('data_directory') as folder, current_setting('timezone') as zone, current_setting('wal_level') as level",
    );
    expect(settings.rows).toEqual([{ folder: expect.any(String), zone: "UTC", level: "logical" }]);
    folder = settings.rows[0]?.folder ?? "";
    expect(existsSync(folder)).toBe(true);
    expect(server.version).toMatch(/^PostgreSQL \d+/);
  } finally {
    await client.end();
    await server.stop();
  }
  expect(existsSync(folder)).toBe(false);
}, 300_000);
