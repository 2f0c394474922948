import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlite, system } from "../../src/systems/sqlite.ts";
import type { Source } from "../../src/systems/roles.ts";
import { extraction, sourceTable } from "../contracts/extracting.ts";
import { sourceContract, type Trip } from "../contracts/source.ts";

const connect = (file: string): Promise<Source> => {
  if (system.roles.source === undefined) throw new Error("sqlite is no source");
  return system.roles.source(sqlite({ file }).options, { directory: tmpdir() });
};

sourceContract({
  name: "SQLite",
  increments: "cursor",
  deletes: true,
  listsTables: true,
  large: 300_000,
  async start() {
    const folder = await mkdtemp(join(tmpdir(), "millwright-sqlite-"));
    const file = join(folder, "ops.sqlite");
    const database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE trips (id BIGINT PRIMARY KEY, name TEXT, amount REAL, seen TIMESTAMP)");
    const change = async (trips: readonly Trip[]): Promise<void> => {
      const insert = database.prepare("INSERT OR REPLACE INTO trips VALUES (?, ?, ?, ?)");
      database.exec("BEGIN");
      for (const { id, name, amount, seen } of trips) insert.run(id, name, amount, seen);
      database.exec("COMMIT");
    };
    return {
      connect: () => connect(file),
      table: sourceTable("trips", { key: ["id"], cursor: "seen" }),
      columns: [
        { name: "id", type: "bigint" },
        { name: "name", type: "text" },
        { name: "amount", type: "double" },
        { name: "seen", type: "timestamp" },
      ],
      async write(trips) {
        database.exec("DELETE FROM trips");
        await change(trips);
      },
      change,
      async spoil() {
        database.exec(
          "INSERT INTO trips VALUES (9001, 'wrong', 'abc', '2013-01-01T00:00:00Z'), (9002, 'wrong', 1, '2013-02-30'), (9003, x'00ff', 1, NULL)",
        );
        return { count: 3, origin: /^trips id=900\d$/, reason: /is no (double|timestamp|text)$/, raw: /^\{"id":900\d,"name":/ };
      },
      async types() {
        database.exec(`
          CREATE TABLE IF NOT EXISTS kinds (number INTEGER PRIMARY KEY, small INT, wide INTEGER, big BIGINT, ratio DOUBLE, price DECIMAL(18,4),
            yes BOOLEAN, born DATE, at DATETIME, words VARCHAR(20), bytes BLOB, untyped, emoji TEXT);
          DELETE FROM kinds;
          INSERT INTO kinds VALUES (9223372036854775807, -2147483648, 2147483648, -9223372036854775808, 0.1, 12345.6789, 1, '2013-02-28', '2013-01-01 10:15:00.250001', 'it''s', x'00ff10', 7.5, 'naïve 🚀'),
            (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '')`);
        return {
          table: sourceTable("kinds"),
          columns: Object.entries({
            number: "bigint",
            small: "integer",
            wide: "bigint",
            big: "bigint",
            ratio: "double",
            price: "decimal(18,4)",
            yes: "boolean",
            born: "date",
            at: "timestamp",
            words: "text",
            bytes: "binary",
            untyped: "double",
            emoji: "text",
          } as const).map(([name, type]) => ({ name, type })),
          rows: [
            {
              number: "1",
              small: null,
              wide: null,
              big: null,
              ratio: null,
              price: null,
              yes: null,
              born: null,
              at: null,
              words: null,
              bytes: null,
              untyped: null,
              emoji: "",
            },
            {
              number: "9223372036854775807",
              small: -2147483648,
              wide: "2147483648",
              big: "-9223372036854775808",
              ratio: 0.1,
              price: "12345.6789",
              yes: true,
              born: "2013-02-28",
              at: "2013-01-01 10:15:00.250001",
              words: "it's",
              bytes: "\\x00\\xFF\\x10",
              untyped: 7.5,
              emoji: "naïve 🚀",
            },
          ],
        };
      },
      async stop() {
        database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-sqlite-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a file that is absent or no database is an error that names it", async () => {
  await expect(connect(join(folder, "absent.sqlite"))).rejects.toThrow("absent.sqlite: ENOENT");
  const text = join(folder, "text.sqlite");
  await writeFile(text, "this is no database, only text that is long enough to be looked at");
  await expect((await connect(text)).describe(sourceTable("trips"))).rejects.toThrow("file is not a database");
});

test("a key or cursor that the table lacks is an error with its columns", async () => {
  const file = join(folder, "few.sqlite");
  using database = new DatabaseSync(file);
  database.exec("CREATE TABLE few (a INTEGER, b TEXT)");
  const source = await connect(file);
  const columns = await source.describe(sourceTable("few"));
  await expect(extraction(source, sourceTable("few", { key: ["a"], cursor: "updated" }), { columns })).rejects.toThrow(
    /no column 'updated'.*cursor[\s\S]*use one of: a, b/,
  );
});

test("one reading is one snapshot, whatever is written meanwhile", async () => {
  const file = join(folder, "moving.sqlite");
  using database = new DatabaseSync(file);
  database.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE t (id BIGINT, at INT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i, i FROM n",
  );
  const source = await connect(file);
  let written = 0;
  const read = await extraction(source, sourceTable("t", { key: ["id"], cursor: "at" }), {
    through: (stage) => ({
      ...stage,
      rows: (...rows) => {
        database.exec(`INSERT INTO t VALUES (${20_000 + written}, ${20_000 + written})`);
        written++;
        return stage.rows(...rows);
      },
    }),
  });
  expect(written).toBeGreaterThan(3);
  expect(read.rows.length).toBe(10_000);
  expect(read.position["last"]).toBe("10000");
});
