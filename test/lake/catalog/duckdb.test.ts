import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readHead, readHistory } from "../../../src/lake/catalog/heads.ts";
import { bytesOfFiles } from "../../../src/plan/measure/files.ts";
import { openLake, properties, rows, transaction, type Lake } from "./lake.ts";

describe("DuckDB works on the lake through the catalog", () => {
  let lake: Lake;
  beforeAll(async () => {
    lake = await openLake();
  });
  afterAll(() => lake.close());
  const run = (sql: string) => lake.connection.run(sql);
  const ask = (sql: string) => rows(lake.connection, sql);

  test("create, insert, update, delete and merge give the rows that they should", async () => {
    await run("CREATE TABLE lake.ns.t (id BIGINT, name VARCHAR, amount DOUBLE)");
    await run("INSERT INTO lake.ns.t SELECT i, 'n' || i, i * 1.5 FROM range(1000) r(i)");
    await run("UPDATE lake.ns.t SET amount = 0 WHERE id < 10");
    await run("DELETE FROM lake.ns.t WHERE id >= 990");
    await run(`MERGE INTO lake.ns.t USING (SELECT 5::BIGINT AS id, 'm' AS name, 9.0::DOUBLE AS amount UNION ALL SELECT 5000, 'new', 1.0) s ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET name = s.name, amount = s.amount WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.name, s.amount)`);
    expect(await ask("SELECT count(*), sum(amount), max(name) FILTER (id = 5) FROM lake.ns.t")).toEqual([["991", 734275, "m"]]);
  });

  test("every column type survives, and reads back as ours", async () => {
    await run(`CREATE TABLE lake.ns.types AS SELECT true AS a, 1::INTEGER AS b, 9007199254740993::BIGINT AS c, 1.5::DOUBLE AS d, 'x' AS e,
      DATE '2013-01-01' AS f, TIMESTAMP '2013-01-01 10:15:00.123456' AS g, 'ab'::BLOB AS h, 12.34::DECIMAL(10, 2) AS i`);
    expect(await ask("SELECT * REPLACE (CAST(g AS VARCHAR) AS g, CAST(i AS VARCHAR) AS i) FROM lake.ns.types")).toEqual([
      [true, 1, "9007199254740993", 1.5, "x", "2013-01-01", "2013-01-01 10:15:00.123456", "ab", "12.34"],
    ]);
    expect(readHead(lake.directory, "ns", "types")?.schema.map(({ name, type }) => [name, type])).toEqual([
      ["a", "boolean"],
      ["b", "integer"],
      ["c", "bigint"],
      ["d", "double"],
      ["e", "text"],
      ["f", "date"],
      ["g", "timestamp"],
      ["h", "binary"],
      ["i", "decimal(10,2)"],
    ]);
  });

  test("columns are added, renamed, widened and dropped, and old snapshots keep theirs", async () => {
    await run("CREATE TABLE lake.ns.evolving AS SELECT 1::INTEGER AS id, 'a' AS name");
    const before = readHead(lake.directory, "ns", "evolving")?.snapshot;
    await run("ALTER TABLE lake.ns.evolving ADD COLUMN extra INTEGER");
    await run("ALTER TABLE lake.ns.evolving RENAME COLUMN name TO label");
    await run("ALTER TABLE lake.ns.evolving ALTER COLUMN id TYPE BIGINT");
    await run("INSERT INTO lake.ns.evolving VALUES (5000000000, 'b', 7)");
    await run("ALTER TABLE lake.ns.evolving DROP COLUMN extra");
    expect(await ask("SELECT * FROM lake.ns.evolving ORDER BY id")).toEqual([
      ["1", "a"],
      ["5000000000", "b"],
    ]);
    expect(await ask(`SELECT id FROM lake.ns.evolving AT (VERSION => ${before})`)).toHaveLength(1);
    expect(readHead(lake.directory, "ns", "evolving")?.schema.map(({ name, type, id }) => [name, type, id])).toEqual([
      ["id", "bigint", 1],
      ["label", "text", 2],
    ]);
  });

  test("a partitioned table takes inserts, updates and deletes", async () => {
    await run("CREATE TABLE lake.ns.parted (id BIGINT, p INTEGER) PARTITIONED BY (p)");
    await run("INSERT INTO lake.ns.parted SELECT i, (i % 4)::INTEGER FROM range(100) r(i)");
    await run("UPDATE lake.ns.parted SET id = id + 1000 WHERE p = 1");
    await run("DELETE FROM lake.ns.parted WHERE p = 2");
    expect(await ask("SELECT p, count(*), min(id) FROM lake.ns.parted GROUP BY p ORDER BY p")).toEqual([
      [0, "25", "0"],
      [1, "25", "1001"],
      [3, "25", "3"],
    ]);
  });

  test("format version 3 works, with deletion vectors and an annotated replacement", async () => {
    await run("CREATE TABLE lake.ns.v3 (id BIGINT, v VARCHAR) WITH ('format-version' = '3')");
    await run("INSERT INTO lake.ns.v3 VALUES (1, 'a'), (2, 'b')");
    await run("DELETE FROM lake.ns.v3 WHERE id = 1");
    expect(await ask("SELECT * FROM lake.ns.v3")).toEqual([["2", "b"]]);
    await transaction(
      lake.connection,
      "INSERT INTO lake.ns.v3 VALUES (3, 'c')",
      properties("lake.ns.v3", { "millwright.write": "replace" }),
    );
    expect(await ask("SELECT * FROM lake.ns.v3")).toEqual([["3", "c"]]);
    await transaction(lake.connection, properties("lake.ns.v3", { "millwright.write": "replace" }));
    expect(await ask("SELECT * FROM lake.ns.v3")).toEqual([]);
  });

  test("a transaction over two tables is there whole, and after a rollback not at all", async () => {
    await run("CREATE TABLE lake.ns.left_side (id BIGINT)");
    await run("CREATE TABLE lake.ns.right_side (id BIGINT)");
    await transaction(lake.connection, "INSERT INTO lake.ns.left_side VALUES (1)", "INSERT INTO lake.ns.right_side VALUES (2)");
    await run("BEGIN");
    await run("INSERT INTO lake.ns.left_side VALUES (3)");
    await run("INSERT INTO lake.ns.right_side VALUES (4)");
    await run("ROLLBACK");
    expect(await ask("SELECT id FROM lake.ns.left_side UNION ALL SELECT id FROM lake.ns.right_side ORDER BY id")).toEqual([["1"], ["2"]]);
  });

  test("annotations go into the snapshot's summary, other properties to the table", async () => {
    await transaction(
      lake.connection,
      "CREATE TABLE lake.ns.noted AS SELECT 1::BIGINT AS id",
      properties("lake.ns.noted", {
        "millwright.snapshot.run": "r1",
        "millwright.snapshot.inputs": '{"a":"7159834187018030014"}',
        comment: "kept",
      }),
    );
    const head = readHead(lake.directory, "ns", "noted");
    expect(head?.summary).toMatchObject({
      operation: "append",
      "millwright.run": "r1",
      "millwright.inputs": '{"a":"7159834187018030014"}',
      "total-records": "1",
      "added-records": "1",
    });
    expect(await ask("SELECT key, value FROM iceberg_table_properties(lake.ns.noted) ORDER BY key")).toEqual([["comment", "kept"]]);
    expect(readHistory(lake.directory, "ns", "noted")).toMatchObject([
      { id: head?.snapshot, parent: null, current: true, operation: "append" },
    ]);
  });

  test("an annotated CREATE TABLE AS without rows has a snapshot", async () => {
    await transaction(
      lake.connection,
      "CREATE TABLE lake.ns.bare AS SELECT 1::BIGINT AS id WHERE false",
      properties("lake.ns.bare", { "millwright.snapshot.run": "r1" }),
    );
    expect(readHead(lake.directory, "ns", "bare")).toMatchObject({
      snapshot: expect.stringMatching(/^\d+$/),
      summary: { "millwright.run": "r1", "total-records": "0" },
    });
    expect(await ask("SELECT * FROM lake.ns.bare")).toEqual([]);
    await run("INSERT INTO lake.ns.bare VALUES (1)");
    expect(await ask("SELECT * FROM lake.ns.bare")).toEqual([["1"]]);
  });

  test("an annotated commit without data keeps the rows, in a snapshot of its own", async () => {
    await run("CREATE TABLE lake.ns.still AS SELECT 1::BIGINT AS id");
    await transaction(lake.connection, properties("lake.ns.still", { "millwright.snapshot.position": "7" }));
    expect(await ask("SELECT * FROM lake.ns.still")).toEqual([["1"]]);
    expect(readHistory(lake.directory, "ns", "still").map((snapshot) => snapshot.summary["millwright.position"])).toEqual([undefined, "7"]);
    await run("INSERT INTO lake.ns.still VALUES (2)");
    expect(await ask("SELECT * FROM lake.ns.still ORDER BY id")).toEqual([["1"], ["2"]]);
  });

  test("an annotated replacement holds only what it inserts, and older snapshots stay readable", async () => {
    await run("CREATE TABLE lake.ns.rebuilt AS SELECT i AS id FROM range(10) r(i)");
    await run("DELETE FROM lake.ns.rebuilt WHERE id < 3");
    const old = readHead(lake.directory, "ns", "rebuilt")?.snapshot;
    await transaction(
      lake.connection,
      "INSERT INTO lake.ns.rebuilt VALUES (100), (101)",
      "INSERT INTO lake.ns.rebuilt VALUES (102)",
      properties("lake.ns.rebuilt", { "millwright.write": "replace", "millwright.snapshot.run": "r2" }),
    );
    expect(await ask("SELECT * FROM lake.ns.rebuilt ORDER BY id")).toEqual([["100"], ["101"], ["102"]]);
    expect(await ask(`SELECT count(*), min(id) FROM lake.ns.rebuilt AT (VERSION => ${old})`)).toEqual([["7", "3"]]);
    expect(readHead(lake.directory, "ns", "rebuilt")?.summary).toMatchObject({
      operation: "overwrite",
      "millwright.run": "r2",
      "total-records": "3",
      "total-data-files": "2",
      "total-delete-files": "0",
      "total-position-deletes": "0",
      "deleted-records": "10",
    });
    await run("INSERT INTO lake.ns.rebuilt VALUES (103)");
    await run("DELETE FROM lake.ns.rebuilt WHERE id = 100");
    expect(await ask("SELECT * FROM lake.ns.rebuilt ORDER BY id")).toEqual([["101"], ["102"], ["103"]]);
  });

  test("each snapshot says how many bytes its files take, as their manifests have it", async () => {
    const said: (string | undefined)[] = [];
    const held = () => {
      const head = readHead(lake.directory, "ns", "sized");
      if (head === null) throw new Error("the table is gone");
      said.push(head.summary["total-files-size"]);
      expect(head.summary["total-files-size"]).toBe(String(bytesOfFiles(head)));
    };
    await run("CREATE TABLE lake.ns.sized AS SELECT i AS id FROM range(1000) r(i)");
    held();
    await run("INSERT INTO lake.ns.sized SELECT i FROM range(10) r(i)");
    held();
    await run("DELETE FROM lake.ns.sized WHERE id < 3");
    held();
    await transaction(lake.connection, properties("lake.ns.sized", { "millwright.snapshot.position": "7" }));
    held();
    const replaced = properties("lake.ns.sized", { "millwright.write": "replace", "millwright.snapshot.run": "r2" });
    await transaction(lake.connection, "INSERT INTO lake.ns.sized VALUES (100)", "INSERT INTO lake.ns.sized VALUES (102)", replaced);
    held();
    const [created, inserted, deleted, noted, last] = said.map(Number);
    expect([Number(created) < Number(inserted), Number(inserted) < Number(deleted), noted === deleted]).toEqual([true, true, true]);
    expect(Number(last)).toBeLessThan(Number(noted));
  });

  test("a replacement without rows empties the table", async () => {
    await run("CREATE TABLE lake.ns.emptied AS SELECT 1::BIGINT AS id");
    await transaction(
      lake.connection,
      "INSERT INTO lake.ns.emptied SELECT 1::BIGINT WHERE false",
      properties("lake.ns.emptied", { "millwright.write": "replace", "millwright.snapshot.run": "r2" }),
    );
    expect(await ask("SELECT * FROM lake.ns.emptied")).toEqual([]);
    expect(readHead(lake.directory, "ns", "emptied")?.summary).toMatchObject({
      "millwright.run": "r2",
      "total-records": "0",
      "deleted-records": "1",
    });
  });

  test("two snapshots of one transaction are both there; the last one is annotated", async () => {
    await run("CREATE TABLE lake.ns.twice AS SELECT i AS id FROM range(5) r(i)");
    await transaction(
      lake.connection,
      "DELETE FROM lake.ns.twice WHERE id < 2",
      "INSERT INTO lake.ns.twice VALUES (9)",
      properties("lake.ns.twice", { "millwright.snapshot.run": "r3" }),
    );
    const history = readHistory(lake.directory, "ns", "twice");
    expect(history.map(({ operation, summary }) => [operation, summary["millwright.run"]])).toEqual([
      ["append", undefined],
      ["delete", undefined],
      ["append", "r3"],
    ]);
    expect(await ask("SELECT * FROM lake.ns.twice ORDER BY id")).toEqual([["2"], ["3"], ["4"], ["9"]]);
    expect(await ask(`SELECT count(*) FROM lake.ns.twice AT (VERSION => ${history[1]?.id})`)).toEqual([["3"]]);
  });

  test("a replacement together with a schema change and a merge together with an annotation hold", async () => {
    await run("CREATE TABLE lake.ns.mixed AS SELECT 1::BIGINT AS id, 'a' AS name");
    await transaction(
      lake.connection,
      "ALTER TABLE lake.ns.mixed ADD COLUMN extra DOUBLE",
      "INSERT INTO lake.ns.mixed (id, name, extra) VALUES (2, 'b', 0.5)",
      properties("lake.ns.mixed", { "millwright.write": "replace", "millwright.snapshot.run": "r1" }),
    );
    expect(await ask("SELECT * FROM lake.ns.mixed")).toEqual([["2", "b", 0.5]]);
    await transaction(
      lake.connection,
      `MERGE INTO lake.ns.mixed t USING (SELECT 2::BIGINT AS id, 'c' AS name UNION ALL SELECT 3, 'd') s ON t.id = s.id
        WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)`,
      properties("lake.ns.mixed", { "millwright.snapshot.run": "r2" }),
    );
    expect(await ask("SELECT id, name FROM lake.ns.mixed ORDER BY id")).toEqual([
      ["2", "c"],
      ["3", "d"],
    ]);
    expect(readHead(lake.directory, "ns", "mixed")?.summary["millwright.run"]).toBe("r2");
  });

  test("a dropped table's name can be used again, and never shares files", async () => {
    await run("CREATE TABLE lake.ns.again AS SELECT 1::BIGINT AS id");
    const first = readHead(lake.directory, "ns", "again")?.metadataLocation;
    await run("DROP TABLE lake.ns.again");
    await run("CREATE TABLE lake.ns.again AS SELECT 2::BIGINT AS id");
    expect(await ask("SELECT * FROM lake.ns.again")).toEqual([["2"]]);
    const folder = (location: string | undefined) => location?.split("/metadata/")[0];
    expect(folder(readHead(lake.directory, "ns", "again")?.metadataLocation)).not.toBe(folder(first));
  });
});
