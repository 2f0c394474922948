import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import { startCatalog, type RunningCatalog } from "../../src/lake/catalog/start.ts";
import { folderStorage } from "../../src/lake/storage/storages.ts";
import { connect as connectDuckDB, openDuckDB, quoteLiteral } from "../../src/systems/duckdb/connection.ts";
import { iceberg, system, type IcebergOptions } from "../../src/systems/iceberg.ts";
import type { OutsideCatalog, Source } from "../../src/systems/roles.ts";
import { extraction, sourceTable } from "../contracts/extracting.ts";
import { sourceContract, type Trip } from "../contracts/source.ts";
import { attach } from "../lake/catalog/lake.ts";
import { startIcebergRest } from "../servers/iceberg-rest.ts";

const columns: readonly Column[] = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
  { name: "amount", type: "double" },
  { name: "seen", type: "timestamp" },
];

function connect(options: IcebergOptions): Promise<Source> {
  if (system.roles.source === undefined) throw new Error("iceberg is no source");
  return system.roles.source(iceberg(options).options, { directory: tmpdir() });
}

/** A catalog that others run and write: Apache Iceberg's own, with DuckDB as the others' engine. */
async function startOthers() {
  const folder = await mkdtemp(join(tmpdir(), "millwright-others-"));
  const server = await startIcebergRest({ warehouse: `file://${join(folder, "warehouse")}` });
  const outside: OutsideCatalog = { url: server.url, warehouse: null, authorization: { kind: "none" }, headers: {} };
  const catalog: RunningCatalog = await startCatalog({
    directory: join(folder, "state"),
    storages: [folderStorage(join(folder, "warehouse"))],
    outside,
  });
  const instance = await openDuckDB();
  const connection = await connectDuckDB(instance);
  await attach(connection, catalog);
  await connection.run("CREATE SCHEMA lake.sales");
  const insert = async (trips: readonly Trip[]): Promise<void> => {
    const file = join(folder, "trips.json");
    await writeFile(file, trips.map((trip) => JSON.stringify(trip)).join("\n"));
    await connection.run(
      `INSERT INTO lake.sales.trips SELECT * FROM read_json(${quoteLiteral(file)}, format = 'newline_delimited', columns = {id: 'BIGINT', name: 'VARCHAR', amount: 'DOUBLE', seen: 'TIMESTAMP'})`,
    );
  };
  await connection.run("CREATE TABLE lake.sales.trips (id BIGINT, name VARCHAR, amount DOUBLE, seen TIMESTAMP)");
  return {
    url: server.url,
    insert,
    run: async (sql: string): Promise<void> => void (await connection.run(sql)),
    async stop() {
      connection.closeSync();
      instance.closeSync();
      await catalog.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

sourceContract({
  name: "Iceberg tables of others",
  increments: "append",
  deletes: true,
  listsTables: true,
  large: 300_000,
  async start() {
    const others = await startOthers();
    return {
      connect: () => connect({ url: others.url, namespace: "sales" }),
      table: sourceTable("trips"),
      columns,
      async write(trips) {
        await others.run("DELETE FROM lake.sales.trips");
        await others.insert(trips);
      },
      change: others.insert,
      // Every row of an Iceberg table has the types of its columns: none can be unreadable.
      spoil: async () => ({ count: 0, origin: /x/, reason: /x/, raw: /x/ }),
      async types() {
        await others.run("DROP TABLE IF EXISTS lake.sales.kinds");
        await others.run(`CREATE TABLE lake.sales.kinds AS SELECT true AS yes, -7::INTEGER AS small, 9007199254740993 AS big, 0.5::FLOAT AS rough, 0.1::DOUBLE AS ratio,
          12345.6789::DECIMAL(18,4) AS price, DATE '2013-02-28' AS born, TIMESTAMP '2013-01-01 10:15:00.250001' AS at, TIMESTAMPTZ '2013-01-01 10:15:00+02' AS zoned,
          'naïve 🚀' AS words, '\\x00\\xFF'::BLOB AS bytes, UUID '01234567-89ab-cdef-0123-456789abcdef' AS code, [1, 2] AS list, {'a': 1} AS nested`);
        await others.run("INSERT INTO lake.sales.kinds (big) VALUES (1)");
        const kinds: readonly Column[] = [
          { name: "yes", type: "boolean" },
          { name: "small", type: "integer" },
          { name: "big", type: "bigint" },
          { name: "rough", type: "double" },
          { name: "ratio", type: "double" },
          { name: "price", type: "decimal(18,4)" },
          { name: "born", type: "date" },
          { name: "at", type: "timestamp" },
          { name: "zoned", type: "timestamp" },
          { name: "words", type: "text" },
          { name: "bytes", type: "binary" },
          { name: "code", type: "text" },
          { name: "list", type: "text" },
          { name: "nested", type: "text" },
        ];
        const empty = Object.fromEntries(kinds.map(({ name }) => [name, null]));
        const full = {
          yes: true,
          small: -7,
          big: "9007199254740993",
          rough: 0.5,
          ratio: 0.1,
          price: "12345.6789",
          born: "2013-02-28",
          at: "2013-01-01 10:15:00.250001",
          zoned: "2013-01-01 08:15:00",
          words: "naïve 🚀",
          bytes: "\\x00\\xFF",
          code: "01234567-89ab-cdef-0123-456789abcdef",
          list: "[1,2]",
          nested: '{"a":1}',
        };
        return { table: sourceTable("kinds"), columns: kinds, rows: [full, { ...empty, big: "1" }] };
      },
      stop: others.stop,
    };
  },
});

describe("an Iceberg table of others", { timeout: 120_000 }, () => {
  let others: Awaited<ReturnType<typeof startOthers>>;
  let source: Source;
  beforeAll(async () => {
    others = await startOthers();
    source = await connect({ url: others.url, namespace: "sales" });
  }, 300_000);
  afterAll(() => others?.stop());
  const row = (id: number): Trip => ({ id, name: `trip ${id}`, amount: id, seen: "2013-01-01T00:00:00Z" });
  const metadata = async (): Promise<string> => (await fetch(`${others.url}/v1/namespaces/sales/tables/trips`)).text();

  test("is left exactly as it is by describing, marking and extracting", async () => {
    await others.insert([row(1), row(2)]);
    const before = await metadata();
    const table = sourceTable("trips");
    await source.describe(table);
    await source.fingerprint(table);
    const loaded = await extraction(source, table);
    await extraction(source, table, { position: loaded.position });
    expect(loaded.rows).toHaveLength(2);
    expect(await metadata()).toBe(before);
  });

  test("gives what was appended since, whatever else was evolved, and all when rows were changed or the table is another one", async () => {
    const table = sourceTable("trips");
    const first = await extraction(source, table);
    await others.insert([row(3)]);
    await others.run("ALTER TABLE lake.sales.trips ADD COLUMN note VARCHAR");
    await others.run("INSERT INTO lake.sales.trips VALUES (4, 'trip 4', 4, TIMESTAMP '2013-01-01', 'new')");
    const appended = await extraction(source, table, { position: first.position });
    expect([appended.contains, appended.rows.map(({ id, note }) => [id, note])]).toEqual([
      "changes",
      [
        ["3", null],
        ["4", "new"],
      ],
    ]);
    await others.run("DELETE FROM lake.sales.trips WHERE id = 1");
    const changed = await extraction(source, table, { position: appended.position });
    expect([changed.contains, changed.rows.map(({ id }) => id).toSorted()]).toEqual(["all", ["2", "3", "4"]]);
    await others.run("DROP TABLE lake.sales.trips");
    await others.run("CREATE TABLE lake.sales.trips (id BIGINT)");
    const anew = await extraction(source, table, { position: changed.position });
    expect([anew.contains, anew.rows]).toEqual(["all", []]);
  });
});
