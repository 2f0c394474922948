import { createConnection, type Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPeer } from "../../src/extract/peer.ts";
import { mysql, system } from "../../src/systems/mysql.ts";
import type { Source } from "../../src/systems/roles.ts";
import { extraction, sourceTable } from "../contracts/extracting.ts";
import { sourceContract, type Trip } from "../contracts/source.ts";
import { startMySQL, type MySQL } from "../servers/mysql.ts";
import { makeKinds } from "./mysql-kinds.ts";

let server: MySQL | null = null;
const running = async (): Promise<MySQL> => (server ??= await startMySQL());
afterAll(async () => server?.stop());

const connect = async (url: string): Promise<Source> => {
  if (system.roles.source === undefined) throw new Error("mysql is no source");
  return system.roles.source({ ...mysql({ url: { secret: "env", name: "OPS_DATABASE_URL" } }).options, url }, { directory: "/" });
};

sourceContract({
  name: "MySQL",
  increments: "cursor",
  deletes: true,
  listsTables: true,
  large: 300_000,
  async start() {
    const { url } = await running();
    const admin = await createConnection({ uri: url, timezone: "Z" });
    await admin.query("SET SESSION sql_mode = ''");
    await admin.query(
      "CREATE TABLE trips (id BIGINT PRIMARY KEY, name VARCHAR(100) CHARACTER SET utf8mb4, amount DOUBLE, seen DATETIME, KEY (seen))",
    );
    const change = async (trips: readonly Trip[]): Promise<void> => {
      for (let start = 0; start < trips.length; start += 5000) {
        const rows = trips
          .slice(start, start + 5000)
          .map(({ id, name, amount, seen }) => [id, name, amount, seen.replace("T", " ").replace("Z", "")]);
        await admin.query("REPLACE INTO trips VALUES ?", [rows]);
      }
    };
    return {
      connect: () => connect(url),
      table: sourceTable("trips", { key: ["id"], cursor: "seen" }),
      columns: [
        { name: "id", type: "bigint" },
        { name: "name", type: "text" },
        { name: "amount", type: "double" },
        { name: "seen", type: "timestamp" },
      ],
      async write(trips) {
        await admin.query("TRUNCATE trips");
        await change(trips);
      },
      change,
      async spoil() {
        await admin.query("INSERT INTO trips VALUES (9001, 'zero', 1, '0000-00-00 00:00:00'), (9002, 'no day', 1, '2013-02-00 00:00:00')");
        return {
          count: 2,
          origin: /^trips id=900\d$/,
          reason: /^seen: text '\d{4}-\d\d-00 00:00:00' is no timestamp$/,
          raw: /^\{"id":"900\d","name":/,
        };
      },
      async types() {
        await makeKinds(admin);
        const columns = Object.entries({
          id: "integer",
          tiny: "integer",
          flag: "integer",
          small: "integer",
          middle: "integer",
          whole: "integer",
          positive: "bigint",
          big: "bigint",
          huge: "decimal(20,0)",
          price: "decimal(18,4)",
          long_price: "text",
          single: "double",
          ratio: "double",
          one: "boolean",
          bits: "bigint",
          bits64: "decimal(20,0)",
          born: "date",
          at: "timestamp",
          stamp: "timestamp",
          clock: "text",
          built: "integer",
          fixed: "text",
          words: "text",
          latin: "text",
          story: "text",
          kind: "text",
          several: "text",
          document: "text",
          packed: "binary",
          bytes: "binary",
          image: "binary",
          place: "text",
          "odd `name": "integer",
        } as const).map(([name, type]) => ({ name, type }));
        return {
          table: sourceTable("kinds"),
          columns,
          rows: [
            {
              id: 1,
              tiny: -128,
              flag: 1,
              small: 65535,
              middle: -8388608,
              whole: -2147483648,
              positive: "4294967295",
              big: "-9223372036854775808",
              huge: "18446744073709551615",
              price: "-12345678901234.5678",
              long_price: "1.000000000000000000000000000001",
              single: 16777216,
              ratio: 0.1,
              one: true,
              bits: "2730",
              bits64: "18446744073709551615",
              born: "2013-02-28",
              at: "2013-01-01 10:15:00.250001",
              stamp: "2013-01-01 08:15:00.25",
              clock: "-838:59:58.5",
              built: 2155,
              fixed: "ab",
              words: "naïve 🚀 'x' \\",
              latin: "é",
              story: "line\nline",
              kind: "b c",
              several: "x,z",
              document: '{"a": [1, null], "n": 9007199254740993}',
              packed: "\\x00\\xFF\\x10",
              bytes: "\\x00",
              image: "\\xFF\\xD8\\xFF",
              place: "POINT(1 2)",
              "odd `name": 7,
            },
            Object.fromEntries(columns.map(({ name }) => [name, name === "id" ? 2 : null])),
          ],
        };
      },
      stop: () => admin.end(),
    };
  },
});

describe("a MySQL that is in use", () => {
  let admin: Connection;
  let url: string;
  beforeAll(async () => {
    ({ url } = await running());
    admin = await createConnection({ uri: url });
  }, 120_000);
  afterAll(() => admin.end());

  test("one reading is one snapshot, whatever is committed meanwhile", async () => {
    await admin.query("CREATE TABLE moving (id INT PRIMARY KEY, at BIGINT)");
    await admin.query("INSERT INTO moving VALUES ?", [Array.from({ length: 8000 }, (_, index) => [index, index])]);
    let written = 0;
    const read = await extraction(await connect(url), sourceTable("moving", { key: ["id"], cursor: "at" }), {
      through: (stage) => ({
        ...stage,
        rows: async (...rows) => {
          await admin.query("INSERT INTO moving VALUES (?, ?)", [10_000 + written, 10_000 + written]);
          await admin.query("DELETE FROM moving WHERE id = ?", [7999 - written]);
          written++;
          return stage.rows(...rows);
        },
      }),
    });
    expect(written).toBeGreaterThan(2);
    expect(read.rows).toHaveLength(8000);
    expect(read.position).toEqual({ cursor: "at", last: "7999", number: 1 });
  });

  test("a cursor of 64-bit numbers is compared exactly", async () => {
    await admin.query("CREATE TABLE wide (id INT PRIMARY KEY, at BIGINT UNSIGNED)");
    await admin.query("INSERT INTO wide VALUES (1, 18446744073709551613), (2, 18446744073709551614), (3, NULL)");
    const source = await connect(url);
    const table = sourceTable("wide", { key: ["id"], cursor: "at" });
    const first = await extraction(source, table);
    await admin.query("INSERT INTO wide VALUES (4, 18446744073709551615)");
    const second = await extraction(source, table, { position: first.position });
    expect(second.rows.map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  test("a user without the right to see the binary log has no mark, and reads all the same", async () => {
    await admin.query("CREATE TABLE plain (id INT PRIMARY KEY)");
    await admin.query("CREATE USER reader@'%' IDENTIFIED BY 'p@ss:word/1'");
    await admin.query("GRANT SELECT ON flights.* TO reader@'%'");
    const address = new URL(url);
    address.username = "reader";
    address.password = encodeURIComponent("p@ss:word/1");
    const source = await connect(address.href);
    expect(await source.fingerprint(sourceTable("plain"))).toBeNull();
    expect((await extraction(source, sourceTable("plain"))).rows).toEqual([]);
  });

  test("a query that the server is slow to answer ends with the signal", async () => {
    await admin.query("CREATE TABLE slow (id INT PRIMARY KEY)");
    await admin.query("INSERT INTO slow VALUES (1), (2), (3), (4)");
    await admin.query("CREATE VIEW sleepy AS SELECT id, SLEEP(5) AS pause FROM slow");
    const source = await connect(url);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("cancelled")), 300);
    const began = performance.now();
    await expect(extraction(source, sourceTable("sleepy"), { signal: controller.signal })).rejects.toThrow("cancelled");
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  test("errors name the server, never the password", async () => {
    const address = new URL(url);
    address.password = "hidden";
    const wrong = String(await (await connect(address.href)).describe(sourceTable("plain")).catch((error: unknown) => error));
    expect(wrong).toMatch(/cannot connect to 127\.0\.0\.1:\d+: Access denied/);
    address.port = "1";
    const absent = String(await (await connect(address.href)).describe(sourceTable("plain")).catch((error: unknown) => error));
    expect(absent).toMatch(/cannot connect to 127\.0\.0\.1:1: .*ECONNREFUSED/);
    const bad = String(await connect("postgres://me:hidden@localhost/x").catch((error: unknown) => error));
    for (const text of [wrong, absent, bad]) expect(text).not.toContain("hidden");
  });
});

test("without the driver the error is the line that installs it", async () => {
  const missing = Object.assign(new Error("Cannot find package 'mysql2' imported from x"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(loadPeer(system, () => Promise.reject(missing))).rejects.toThrow('npm install "mysql2@^3.24.0"');
});
