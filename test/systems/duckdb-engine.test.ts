import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHead, readHistory } from "../../src/lake/catalog/heads.ts";
import { localLake } from "../../src/lake/local.ts";
import { startCatalog, type RunningCatalog } from "../../src/lake/catalog/start.ts";
import { noteOf } from "../../src/lake/note.ts";
import { openDuckDBEngine } from "../../src/systems/duckdb/engine.ts";
import type { Engine, TableWrite, Written } from "../../src/systems/roles.ts";

let state: string;
let catalog: RunningCatalog;
let engine: Engine;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "millwright-engine-"));
  catalog = await startCatalog({ directory: state });
  engine = await openDuckDBEngine({ namespace: "shop", catalog, lake: localLake(state), state });
});

afterAll(async () => {
  await engine.close();
  await catalog.stop();
  rmSync(state, { recursive: true, force: true });
});

const columns = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
] as const;

function write(table: string, query: string, options: Partial<TableWrite> = {}): Promise<Written> {
  const note = {
    run: "run-1",
    definition: "d1",
    inputs: { orders: "8954597067493422955" },
    position: { last: "7" },
    fingerprint: "f",
    fitted: { "fill amount": 2.5 },
  };
  return engine.write({ table, columns, mode: "replace", key: [], query, rejected: null, note, began: performance.now(), ...options });
}

const rows = (table: string) => engine.ask(`SELECT * FROM ${engine.relation(table, null)} ORDER BY ALL`);
const snapshot = (table: string) => readHead(state, "shop", table)?.snapshot ?? null;

test("a write gives its snapshot and number of rows, and the note stands in the snapshot's summary", async () => {
  const written = await write("noted", "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 2, 'max'");
  expect(written.snapshot).toBe(snapshot("noted"));
  expect(noteOf(readHead(state, "shop", "noted")?.summary ?? {})).toEqual({
    run: "run-1",
    definition: "d1",
    inputs: { orders: "8954597067493422955" },
    position: { last: "7" },
    fingerprint: "f",
    fitted: { "fill amount": 2.5 },
    rows: 2,
    quarantined: 0,
    seconds: expect.any(Number),
  });
});

test("replace makes the query the whole table, and the snapshot before still gives the rows before", async () => {
  const first = await write("replaced", "SELECT 1 AS id, 'ada' AS name");
  await write("replaced", "SELECT 2 AS id, 'max' AS name");
  expect(await rows("replaced")).toEqual([{ id: 2, name: "max" }]);
  expect(await engine.ask(`SELECT * FROM ${engine.relation("replaced", first.snapshot)}`)).toEqual([{ id: 1, name: "ada" }]);
  const emptied = await write("replaced", "SELECT 1 AS id, 'x' AS name WHERE false");
  expect(emptied.note.rows).toBe(0);
  expect(await rows("replaced")).toEqual([]);
  expect(readHistory(state, "shop", "replaced")).toHaveLength(3);
});

test("a table may read itself while it is replaced", async () => {
  await write("self", "SELECT 1 AS id, 'ada' AS name");
  await write("self", `SELECT id + 1 AS id, name FROM ${engine.relation("self", null)}`);
  expect(await rows("self")).toEqual([{ id: 2, name: "ada" }]);
});

test("many rows become one file: many small ones cost twice the time to write, and readers more", async () => {
  const million = (name: string) => `SELECT range AS id, '${name}' AS name FROM range(1000000)`;
  await write("large", million("created"));
  expect(readHead(state, "shop", "large")?.summary["total-data-files"]).toBe("1");
  await write("large", million("replaced"));
  expect(readHead(state, "shop", "large")?.summary).toMatchObject({ "total-data-files": "1", "total-records": "1000000" });
});

test("what is kept is read by other statements, several at once, until it is dropped", async () => {
  const kept = await engine.keep("SELECT range AS id FROM range(3)");
  const other = await engine.keep("SELECT 7 AS id");
  const sums = await Promise.all([kept, other, kept].map(({ relation }) => engine.ask(`SELECT sum(id)::INTEGER AS n FROM ${relation}`)));
  expect(sums).toEqual([[{ n: 3 }], [{ n: 7 }], [{ n: 3 }]]);
  await write("from_kept", `SELECT id, 'x' AS name FROM ${kept.relation}`);
  await kept.drop();
  await expect(engine.ask(`SELECT * FROM ${kept.relation}`)).rejects.toThrow(/does not exist/i);
  expect(await engine.ask(`SELECT * FROM ${other.relation}`)).toEqual([{ id: 7 }]);
  await other.drop();
});

test("append adds rows", async () => {
  await write("appended", "SELECT 1 AS id, 'ada' AS name", { mode: "append" });
  const second = await write("appended", "SELECT 1 AS id, 'ada' AS name", { mode: "append" });
  expect(second.note.rows).toBe(2);
  expect(await rows("appended")).toEqual([
    { id: 1, name: "ada" },
    { id: 1, name: "ada" },
  ]);
});

test("merge replaces the rows of a key and adds the others", async () => {
  await write("merged", "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 2, 'max'", { mode: "merge", key: ["id"] });
  const second = await write("merged", "SELECT 2 AS id, 'mia' AS name UNION ALL SELECT 3, 'joe'", { mode: "merge", key: ["id"] });
  expect(second.note.rows).toBe(3);
  expect(await rows("merged")).toEqual([
    { id: 1, name: "ada" },
    { id: 2, name: "mia" },
    { id: 3, name: "joe" },
  ]);
});

test("a key that is null is a key like others: merged again it is one row", async () => {
  await write("null_key", "SELECT NULL AS id, 'ada' AS name", { mode: "merge", key: ["id"] });
  await write("null_key", "SELECT NULL AS id, 'max' AS name", { mode: "merge", key: ["id"] });
  expect(await rows("null_key")).toEqual([{ id: null, name: "max" }]);
});

test("a table whose columns are all its key is merged", async () => {
  await write("only_key", "SELECT 1 AS id, 'ada' AS name", { mode: "merge", key: ["id", "name"] });
  await write("only_key", "SELECT 1 AS id, 'ada' AS name UNION ALL SELECT 1, 'max'", { mode: "merge", key: ["id", "name"] });
  expect(await rows("only_key")).toEqual([
    { id: 1, name: "ada" },
    { id: 1, name: "max" },
  ]);
});

test("refused rows stand in the quarantine in the same commit, replaced with the table or added", async () => {
  const rejected = (...ids: number[]) =>
    ids.map((id) => `SELECT 'row ${id}' AS origin, 'too large' AS reason, '${id}' AS raw`).join(" UNION ALL ");
  const first = await write("strict", "SELECT 1 AS id, 'ada' AS name", { rejected: rejected(7, 8) });
  expect(first.note.quarantined).toBe(2);
  expect(noteOf(readHead(state, "shop", "strict_quarantine")?.summary ?? {})).toMatchObject({ run: "run-1", rows: 2 });
  const added = await write("strict", "SELECT 2 AS id, 'max' AS name", { mode: "append", rejected: rejected(9) });
  expect(added.note).toMatchObject({ rows: 2, quarantined: 1 });
  expect((await rows("strict_quarantine")).map(({ raw }) => raw)).toEqual(["7", "8", "9"]);
  await write("strict", "SELECT 3 AS id, 'mia' AS name", { rejected: `${rejected(1)} LIMIT 0` });
  expect(await rows("strict_quarantine")).toEqual([]);
});

test("where the number of rows is known, refused ones are looked for only when fewer have come", async () => {
  const rejected = "SELECT 'counted' AS origin, 'too big' AS reason, '{}' AS raw";
  const whole = await write("counted", "SELECT 1 AS id, 'ada' AS name", { rejected: "SELECT error('asked')", rows: 1 });
  expect(whole.note.quarantined).toBe(0);
  expect(snapshot("counted_quarantine")).toBeNull();
  const fewer = await write("counted", "SELECT 1 AS id, 'ada' AS name", { rejected, rows: 2 });
  expect(fewer.note.quarantined).toBe(1);
  expect(await rows("counted_quarantine")).toEqual([{ origin: "counted", reason: "too big", raw: "{}" }]);
  await write("counted", "SELECT 1 AS id, 'ada' AS name", { rejected, rows: 1 });
  expect(await rows("counted_quarantine")).toEqual([]);
  // The first write of a table that refuses rows makes both.
  await write("counted first", "SELECT 1 AS id, 'ada' AS name", { rejected, rows: 2 });
  expect(await rows("counted first_quarantine")).toHaveLength(1);
});

test("a write that fails leaves table and quarantine as they were, and the engine goes on", async () => {
  await write("failing", "SELECT 1 AS id, 'ada' AS name", { rejected: "SELECT 'a' AS origin, 'b' AS reason, 'c' AS raw" });
  const before = [snapshot("failing"), snapshot("failing_quarantine")];
  await expect(
    write("failing", "SELECT 2 AS id, error('no such luck') AS name", {
      mode: "append",
      rejected: "SELECT 'd' AS origin, 'e' AS reason, 'f' AS raw",
    }),
  ).rejects.toThrow("no such luck");
  expect([snapshot("failing"), snapshot("failing_quarantine")]).toEqual(before);
  await write("failing", "SELECT 3 AS id, 'mia' AS name", { mode: "append" });
  expect(await rows("failing")).toEqual([
    { id: 1, name: "ada" },
    { id: 3, name: "mia" },
  ]);
});

test("a first write that fails leaves no table", async () => {
  await expect(write("never", "SELECT 1 AS id, error('no') AS name")).rejects.toThrow("no");
  expect(readHead(state, "shop", "never")).toBeNull();
  expect((await write("never", "SELECT 1 AS id, 'ada' AS name")).note.rows).toBe(1);
});

test("columns are added, widened and, when the table is replaced, dropped", async () => {
  await write("shaped", "SELECT 1 AS id, 'ada' AS name", {
    columns: [
      { name: "id", type: "integer" },
      { name: "name", type: "text" },
    ],
  });
  await write("shaped", "SELECT 5000000000 AS id, 'max' AS name, 2.5 AS amount", {
    mode: "append",
    columns: [
      { name: "id", type: "bigint" },
      { name: "name", type: "text" },
      { name: "amount", type: "double" },
    ],
  });
  expect(await rows("shaped")).toEqual([
    { id: 1, name: "ada", amount: null },
    { id: 5_000_000_000, name: "max", amount: 2.5 },
  ]);
  await expect(write("shaped", "SELECT 'x' AS id", { mode: "append", columns: [{ name: "id", type: "text" }] })).rejects.toMatchObject({
    problem: { code: "column-retyped" },
  });
  await write("shaped", "SELECT 'x' AS id", { columns: [{ name: "id", type: "text" }] });
  expect(await rows("shaped")).toEqual([{ id: "x" }]);
});

test("every type of column comes back as it was", async () => {
  const types = [
    { name: "boolean", type: "boolean" },
    { name: "integer", type: "integer" },
    { name: "bigint", type: "bigint" },
    { name: "double", type: "double" },
    { name: "text", type: "text" },
    { name: "date", type: "date" },
    { name: "timestamp", type: "timestamp" },
    { name: "binary", type: "binary" },
    { name: "decimal", type: "decimal(20,3)" },
  ] as const;
  const query = `SELECT true AS boolean, -7 AS integer, 9007199254740993 AS bigint, 0.1 AS double, 'Zürich ''n'' 🌍' AS text, DATE '2013-02-28' AS date,
    TIMESTAMP '2013-01-01 10:15:00.123456' AS timestamp, '\\x00\\xFF'::BLOB AS binary, 12345678901234567.891 AS decimal UNION ALL SELECT ${types.map(() => "NULL").join(", ")}`;
  await write("typed", query, { columns: types });
  expect(readHead(state, "shop", "typed")?.schema.map(({ name, type }) => ({ name, type }))).toEqual(types);
  const [values, nulls] = await engine.ask(
    `SELECT * REPLACE (hex("binary") AS "binary") FROM ${engine.relation("typed", null)} ORDER BY "boolean" NULLS LAST`,
  );
  expect(values).toEqual({
    boolean: true,
    integer: -7,
    bigint: "9007199254740993",
    double: 0.1,
    text: "Zürich 'n' 🌍",
    date: "2013-02-28",
    timestamp: "2013-01-01T10:15:00.123456Z",
    binary: "00FF",
    decimal: "12345678901234567.891",
  });
  expect(Object.values(nulls ?? {}).every((value) => value === null)).toBe(true);
});

test("names with quotes, spaces and words of SQL are names", async () => {
  const names = [
    { name: "select", type: "bigint" },
    { name: 'a "quoted" name', type: "text" },
    { name: "it's", type: "text" },
  ] as const;
  const query = `SELECT 1 AS "select", 'x' AS "a ""quoted"" name", 'y' AS "it's"`;
  await write("order", query, { columns: names });
  await write("order", query, { columns: names, mode: "merge", key: ["it's", 'a "quoted" name'] });
  expect(await rows("order")).toEqual([{ select: 1, 'a "quoted" name': "x", "it's": "y" }]);
});

test("sixteen writes at once all stand", async () => {
  const written = await Promise.all(
    Array.from({ length: 16 }, (_, index) => write(`wide_${index}`, `SELECT ${index} AS id, 'x' AS name FROM range(${index + 1})`)),
  );
  expect(written.map(({ note }) => note.rows)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  expect(new Set(written.map(({ snapshot: id }) => id)).size).toBe(16);
});

test("an aborted signal ends what is computed within it, and nothing else; the table stays as it was", async () => {
  await write("interrupted", "SELECT 1 AS id, 'ada' AS name");
  const before = snapshot("interrupted");
  const cancel = new AbortController();
  const endless = "SELECT count(*) AS id, 'x' AS name FROM range(100000000) a, range(1000) b WHERE hash(a.range + b.range) = 1";
  const writing = engine.within(cancel.signal).write({
    table: "interrupted",
    columns,
    mode: "append",
    key: [],
    query: endless,
    rejected: null,
    began: performance.now(),
    note: { run: "run-1", definition: "d1", inputs: {}, position: null, fingerprint: null, fitted: null },
  });
  const other = engine.ask("SELECT count(*) AS n FROM range(300000000) WHERE hash(range) % 2 = 0");
  setTimeout(() => cancel.abort(new Error("cancelled by the test")), 300);
  await expect(writing).rejects.toThrow("cancelled by the test");
  expect(await other).toHaveLength(1);
  expect(snapshot("interrupted")).toBe(before);
  expect(await rows("interrupted")).toEqual([{ id: 1, name: "ada" }]);
});

test("an engine that is closed ends what still runs before it goes", async () => {
  const other = await openDuckDBEngine({ namespace: "shop", catalog, lake: localLake(state), state });
  const endless = [1, 2, 3].map(
    (id) => `SELECT count(*) AS n FROM range(100000000) a, range(1000) b WHERE hash(a.range + b.range) = ${id}`,
  );
  const running = Promise.allSettled(endless.map((sql) => other.ask(sql)));
  await other.ask("SELECT 1 AS one");
  await other.close();
  const ended = await running;
  expect(ended.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(other.ask("SELECT 1 AS one")).rejects.toThrow(/closed/);
});
