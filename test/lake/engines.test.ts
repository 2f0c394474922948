import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import type { Layout } from "../../src/define/node.ts";
import { startCatalog, type RunningCatalog } from "../../src/lake/catalog/start.ts";
import { localLake } from "../../src/lake/local.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { attachLake, openDuckDBEngine } from "../../src/systems/duckdb/engine.ts";
import type { Engine, TableWrite } from "../../src/systems/roles.ts";
import { sparkPeer, trinoPeer, type Peer } from "./engines/peers.ts";
import { pyIceberg, type PyIceberg } from "./engines/pyiceberg.ts";
import { columns, duckdb, expected, readQuery, rowsQuery, typeIn } from "./engines/values.ts";

const byDay: Layout = { partition: [{ column: "seen", transform: "day", size: null }], sort: [], fileSize: null };
const note = { run: "r1", definition: "d", inputs: {}, position: null, fingerprint: null, fitted: null };

/** Our own engine and a bare DuckDB on one catalog, with the namespace `shop`. */
export async function openOurs() {
  const state = await mkdtemp(join(tmpdir(), "millwright-engines-"));
  const catalog = await startCatalog({ directory: state });
  const lake = localLake(state);
  const engine: Engine = await openDuckDBEngine({ namespace: "shop", catalog, lake, state });
  const instance = await openDuckDB();
  const connection = await connect(instance);
  await attachLake(connection, { catalog, lake });
  return {
    state,
    catalog,
    engine,
    write: (table: string, mode: TableWrite["mode"], query: string, more: Partial<TableWrite> = {}) =>
      engine.write({ table, columns, mode, key: ["id"], query, rejected: null, note, began: performance.now(), ...more }),
    run: async (sql: string): Promise<void> => void (await connection.run(sql)),
    ask: async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJson(),
    async stop() {
      connection.closeSync();
      instance.closeSync();
      await engine.close();
      await catalog.stop();
      await rm(state, { recursive: true, force: true });
    },
  };
}

type Ours = Awaited<ReturnType<typeof openOurs>>;

const engines: readonly (readonly [string, (catalog: RunningCatalog, state: string) => Promise<Peer>])[] = [
  ["Spark 4.1", sparkPeer],
  ["Trino 476", (catalog) => trinoPeer(catalog)],
];

describe.each(engines)("%s and our engine on the same tables", (_, start) => {
  let ours: Ours;
  let peer: Peer;
  beforeAll(async () => {
    ours = await openOurs();
    peer = await start(ours.catalog, ours.state);
  }, 600_000);
  afterAll(async () => {
    await peer?.stop();
    await ours?.stop();
  }, 60_000);

  const table = (name: string) => `lake.shop.${name}`;
  const theirRows = (name: string, list?: readonly Column[]) => peer.ask(readQuery(peer.spelling, table(name), list));
  const ourRows = (name: string, list?: readonly Column[]) => ours.ask(readQuery(duckdb, table(name), list));

  test.each([
    ["made and merged", null],
    ["made and merged, partitioned by day", byDay],
  ])(
    "a table that ours has %s is read, updated and evolved by the other, and goes on with our next run",
    { timeout: 300_000 },
    async (kind, layout) => {
      const name = `ours_${kind.length}`;
      await ours.write(name, "replace", rowsQuery(duckdb, [1, 2, 3]), { layout });
      await ours.write(name, "merge", rowsQuery(duckdb, [3, 4, 5]), { layout });
      expect(await theirRows(name)).toEqual(expected([1, 2, 3, 4, 5]));

      const to = table(name);
      await peer.run(`UPDATE ${to} SET words = 'updated' WHERE id = 1`);
      await peer.run(`DELETE FROM ${to} WHERE id = 2`);
      await peer.run(
        `MERGE INTO ${to} AS t USING (${rowsQuery(peer.spelling, [5, 6, 7])}) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET words = 'merged' WHEN NOT MATCHED THEN INSERT (${columns.map((column) => column.name).join(", ")}) VALUES (${columns.map((column) => `s.${column.name}`).join(", ")})`,
      );
      await peer.run(`ALTER TABLE ${to} ADD COLUMN extra ${typeIn(peer.spelling, "bigint")}`);
      await peer.run(`UPDATE ${to} SET extra = 70 WHERE id = 7`);
      const wider: readonly Column[] = [...columns, { name: "extra", type: "bigint" }];
      const changed = expected([1, 3, 4, 5, 6, 7]).map((row) => {
        const words = row[0] === "1" ? "updated" : row[0] === "5" ? "merged" : (row[4] ?? null);
        return [...row.slice(0, 4), words, ...row.slice(5), row[0] === "7" ? "70" : null];
      });
      expect(await theirRows(name, wider)).toEqual(changed);
      expect(await ourRows(name, wider)).toEqual(changed);

      // Our next run merges, with the column that the other has added.
      const next = `SELECT *, CAST(80 AS BIGINT) AS extra FROM (${rowsQuery(duckdb, [8])})`;
      await ours.write(name, "merge", next, { layout, columns: wider });
      const after = [...changed, [...(expected([8])[0] ?? []), "80"]];
      expect(await theirRows(name, wider)).toEqual(after);
      expect(await ourRows(name, wider)).toEqual(after);

      await ours.write(name, "replace", rowsQuery(duckdb, [4, 9]), { layout });
      expect(await theirRows(name)).toEqual(expected([4, 9]));
    },
  );

  test.each([
    ["", ""],
    ["partitioned by day and bucket", "partitioned"],
  ])(
    "a table that the other has made %s is read and updated by DuckDB and by our engine",
    { timeout: 300_000 },
    async (_kind, partitioned) => {
      const name = `theirs${partitioned}`;
      const { spelling } = peer;
      const how =
        partitioned === ""
          ? ""
          : spelling.name === "spark"
            ? "PARTITIONED BY (day(seen), bucket(4, id))"
            : "WITH (partitioning = ARRAY['day(seen)', 'bucket(id, 4)'])";
      const using = spelling.name === "spark" ? "USING iceberg" : "";
      await peer.run(
        `CREATE TABLE ${table(name)} (${columns.map((column) => `${column.name} ${typeIn(spelling, column.type)}`).join(", ")}) ${using} ${how}`,
      );
      await peer.run(`INSERT INTO ${table(name)} ${rowsQuery(spelling, [1, 2, 3, 4])}`);
      expect(await ourRows(name)).toEqual(expected([1, 2, 3, 4]));

      if (partitioned === "") {
        await ours.run(`DELETE FROM ${table(name)} WHERE id = 2`);
        await ours.run(`UPDATE ${table(name)} SET words = 'updated' WHERE id = 1`);
      } else await ours.run(`DELETE FROM ${table(name)} WHERE id = 2`);
      await ours.run(`INSERT INTO ${table(name)} ${rowsQuery(duckdb, [5])}`);
      await ours.write(name, "merge", rowsQuery(duckdb, [1, 6]));
      expect(await theirRows(name)).toEqual(expected([1, 3, 4, 5, 6]));
      expect(await ourRows(name)).toEqual(expected([1, 3, 4, 5, 6]));
      await peer.run(`DELETE FROM ${table(name)} WHERE id = 6`);
      expect(await ourRows(name)).toEqual(expected([1, 3, 4, 5]));
    },
  );
});

describe("PyIceberg 0.12 and our engine on the same tables", () => {
  let ours: Ours;
  let python: PyIceberg;
  beforeAll(async () => {
    ours = await openOurs();
    python = await pyIceberg(ours.catalog);
  }, 600_000);
  afterAll(() => ours?.stop(), 60_000);
  const ourRows = (name: string, list?: readonly Column[]) => ours.ask(readQuery(duckdb, `lake.shop.${name}`, list));

  test(
    "a table that ours has made and merged is read, updated and evolved by the other, and goes on with our next run",
    { timeout: 300_000 },
    async () => {
      await ours.write("ours", "replace", rowsQuery(duckdb, [1, 2, 3]));
      await ours.write("ours", "merge", rowsQuery(duckdb, [3, 4, 5]));
      expect(await python.read("ours")).toEqual(expected([1, 2, 3, 4, 5]));
      await python.step("change", "ours");
      const wider: readonly Column[] = [...columns, { name: "extra", type: "bigint" }];
      const changed = expected([1, 3, 4, 5, 6, 7]).map((row) => [...row, null]);
      expect(await python.read("ours")).toEqual(changed);
      expect(await ourRows("ours", wider)).toEqual(changed);
      await ours.write("ours", "merge", `SELECT *, CAST(80 AS BIGINT) AS extra FROM (${rowsQuery(duckdb, [8])})`, { columns: wider });
      expect(await python.read("ours")).toEqual([...changed, [...(expected([8])[0] ?? []), "80"]]);
      await ours.write("ours", "replace", rowsQuery(duckdb, [4, 9]));
      expect(await python.read("ours")).toEqual(expected([4, 9]));
    },
  );

  test("a table that the other has made is read and updated by DuckDB and by our engine", { timeout: 300_000 }, async () => {
    await python.step("create", "theirs");
    expect(await ourRows("theirs")).toEqual(expected([1, 2, 3, 4]));
    await ours.run("DELETE FROM lake.shop.theirs WHERE id = 2");
    await ours.run("UPDATE lake.shop.theirs SET words = 'updated' WHERE id = 1");
    await ours.write("theirs", "merge", rowsQuery(duckdb, [1, 5]));
    expect(await python.read("theirs")).toEqual(expected([1, 3, 4, 5]));
    expect(await ourRows("theirs")).toEqual(expected([1, 3, 4, 5]));
  });
});
