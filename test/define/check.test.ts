import { mkdtemp, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { count, mean } from "../../src/define/aggregate.ts";
import type { Asset } from "../../src/define/asset.ts";
import { checkPlatform, type CheckResult, type CheckOptions } from "../../src/define/check.ts";
import { environment, env, type EnvironmentDeclaration } from "../../src/define/environment.ts";
import { readLock } from "../../src/define/lock.ts";
import { metric } from "../../src/define/metric.ts";
import type { Definition } from "../../src/define/node.ts";
import { platform } from "../../src/define/platform.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { binding } from "../../src/systems/binding.ts";
import { sqlite } from "../../src/systems/sqlite.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "check-"));
  using database = open();
  database.exec(
    "CREATE TABLE flights (id INTEGER PRIMARY KEY, carrier TEXT, tailnum TEXT, arr_delay REAL, scheduled TIMESTAMP); CREATE TABLE planes (tailnum TEXT, seats INTEGER)",
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => new DatabaseSync(join(directory, "ops.sqlite"));
// Loosely typed, as a source is whose columns nobody has written down: what the type checker cannot see is for check to find.
const ops = source("ops");
const flights = ops.table("flights", { key: "id", cursor: "scheduled" });
const planes = ops.table("planes", { key: "tailnum" });
const local = environment({ ops: sqlite({ file: "ops.sqlite" }) });

const define = (
  assets: readonly Asset<string>[],
  environments: { readonly [name: string]: EnvironmentDeclaration } = { local },
): Definition => platform({ name: "flights", assets, environments });
const check = (definition: Definition, options: Partial<CheckOptions> = {}): Promise<CheckResult> =>
  checkPlatform({ definition, directory, ...options });
const words = ({ problems }: CheckResult): string[] => problems.map(({ severity, code, what }) => `${severity} ${code}: ${what}`);

test("a right platform has no problems; its lock is written, is the same the second time, and stands in for the source offline", async () => {
  const definition = define([
    table("by_carrier", flights)
      .join(planes, "tailnum")
      .aggregate({ by: "carrier", columns: (row) => ({ flights: count(), seats: mean(row["seats"]!) }) }),
  ]);
  const first = await check(definition);
  expect(words(first)).toEqual([]);
  expect(first.changes).toEqual([
    "by_carrier: new table of 3 columns",
    "ops.flights: new table of 5 columns",
    "ops.planes: new table of 2 columns",
  ]);
  expect(readLock(directory)).toEqual(first.lock);
  expect(first.lock.sources["ops"]?.["flights"]).toEqual({
    id: "bigint",
    carrier: "text",
    tailnum: "text",
    arr_delay: "double",
    scheduled: "timestamp",
  });
  expect(first.lock.tables["by_carrier"]).toEqual({ carrier: "text", flights: "bigint", seats: "double" });
  expect(await readFile(join(directory, "schema.lock.d.ts"), "utf8")).toContain('"arr_delay": "double"');
  expect(await check(definition)).toEqual({ ...first, changes: [] });
  await rm(join(directory, "ops.sqlite"));
  expect(await check(definition, { offline: true })).toEqual({ ...first, changes: [] });
});

test("what has changed at the source is shown, recorded, and followed through the tables", async () => {
  const definition = define([table("seats", planes).select("seats")]);
  await check(definition);
  using database = open();
  database.exec("ALTER TABLE planes DROP COLUMN seats; ALTER TABLE planes ADD COLUMN engines INTEGER");
  const { problems, changes, lock } = await check(definition);
  expect(changes).toEqual(["ops.planes: lost the column seats (integer)", "ops.planes: new column engines (integer)"]);
  expect(problems).toMatchObject([{ severity: "error", code: "unknown-column", what: "seats has no column 'seats'" }]);
  expect(readLock(directory)?.sources["ops"]?.["planes"]).toEqual({ tailnum: "text", engines: "integer" });
  expect(lock.tables["seats"]).toEqual({ seats: "integer" });
});

test("offline nothing is written, and what a renewal would change is told", async () => {
  const { problems, changes } = await check(define([flights]), { offline: true });
  expect(problems).toMatchObject([
    { code: "columns-unknown", fix: expect.stringContaining("run millwright check where 'ops' is reachable") },
  ]);
  expect(changes).toEqual([]);
  await check(define([flights]));
  const added = define([table("ids", flights).select("id")]);
  expect((await check(added, { offline: true })).changes).toEqual(["ids: new table of 1 column"]);
  expect(readLock(directory)?.tables).toEqual({});
});

test("an unknown column is reported once, at its declaration, with the nearest names, and not again by what reads the table", async () => {
  const wrong = table("clean", flights).dedupe("tailnumber");
  const after = table("after", wrong).select("nothing");
  const { problems } = await check(define([after]));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    severity: "error",
    code: "unknown-column",
    what: "clean has no column 'tailnumber'",
    where: expect.stringMatching(/check\.test\.ts:\d+$/),
  });
  expect(problems[0]?.fix).toMatch(/use one of: tailnum,/);
});

test("wrong types, keys, cursors and metrics are found", async () => {
  const unkeyed = source("ops").table("flights", { key: "idd", cursor: "sheduled", name: "unkeyed" });
  const summed = table("summed", flights).aggregate({ columns: (row) => ({ total: mean(row["carrier"]!) }) });
  const late = metric("late", planes, (row) => mean(row["arr_delay"]!));
  expect(words(await check(define([unkeyed, summed, late])))).toEqual([
    "error unknown-column: unkeyed has no column 'idd', which is declared as its key",
    "error unknown-column: unkeyed has no column 'sheduled', which is declared as its cursor",
    "error wrong-type: summed: 'mean' takes a number, and this is text",
    expect.stringMatching(/^error unknown-column: .*'arr_delay'/),
  ]);
});

test("every environment binds every source, to a system that exists and can be one; what nothing needs is a warning", async () => {
  const result = await check(
    define([flights, planes], {
      local,
      misspelt: environment({ opps: sqlite({ file: "ops.sqlite" }) }),
      empty: environment({}),
      other: environment({ ops: binding("oracel", {}), lake: sqlite({ file: "lake.sqlite" }) }),
    }),
  );
  expect(words(result)).toEqual([
    "error unbound-role: environment 'misspelt' does not bind the source 'ops', which the tables flights and planes need",
    expect.stringMatching(/^warning unused-binding: environment 'misspelt' binds 'opps'/),
    "error unbound-role: environment 'empty' does not bind the source 'ops', which the tables flights and planes need",
    "error unknown-system: there is no system 'oracel'",
    "error wrong-role: SQLite cannot be the lake: it can be source",
  ]);
  expect(result.problems[0]?.fix).toBe("rename 'opps', which nothing needs, to 'ops'");
});

test("a missing secret is a warning that names the variable, offline too, and its value is never shown", async () => {
  const name = "CHECK_TEST_OPS_FILE";
  const secret = define([flights], { local: environment({ ops: sqlite({ file: env(name) }) }), second: local });
  await check(define([flights]));
  for (const offline of [true, false]) {
    const { problems } = await check(secret, { offline });
    expect(problems).toMatchObject([{ severity: "warning", code: "missing-secret", what: expect.stringContaining(name) }]);
  }
  expect(words(await check(secret, { environment: "second" }))).toEqual([]);
  process.env[name] = "nowhere.sqlite";
  try {
    expect((await check(secret)).problems).toMatchObject([{ code: "source-unreachable" }]);
    process.env[name] = "ops.sqlite";
    expect(words(await check(secret))).toEqual([]);
  } finally {
    delete process.env[name];
  }
});

test("a source that cannot be reached is a warning while the lock or the declaration says its columns, and an error without", async () => {
  const gone = { local: environment({ ops: sqlite({ file: "gone.sqlite" }) }) };
  expect((await check(define([flights], gone))).problems).toMatchObject([
    {
      severity: "warning",
      code: "source-unreachable",
      what: expect.stringMatching(/^the source 'ops' could not be asked for its columns: /),
    },
    { severity: "error", code: "columns-unknown" },
  ]);
  expect(existsSync(join(directory, "schema.lock.json"))).toBe(false);
  const declared = ops.table("flights", { columns: { id: "bigint" }, key: "id" });
  expect((await check(define([declared], gone))).problems).toMatchObject([{ severity: "warning", code: "source-unreachable" }]);
  await check(define([flights]));
  expect((await check(define([flights], gone))).problems).toMatchObject([{ severity: "warning", code: "source-unreachable" }]);
});

test("a table that its source does not have is one error, which names those there are; a declared column that it lacks is a warning", async () => {
  const { problems } = await check(define([table("copy", source("ops").table("flight"))]));
  expect(problems).toMatchObject([{ severity: "error", code: "unknown-source-table", fix: expect.stringContaining("flights") }]);
  const declared = ops.table("planes", { columns: { tailnum: "text", seat: "integer" } });
  expect((await check(define([declared]))).problems).toMatchObject([
    { severity: "warning", code: "unknown-column", fix: "did you mean 'seats'?" },
  ]);
});

test("the columns of logs come from the pattern when nothing else tells them", async () => {
  const events = source("gates").table("events", { pattern: "{time:timestamp} {airport} {event}" });
  const definition = platform({
    name: "gates",
    assets: [table("out", events).select("time", "airport")],
    environments: { local: environment({ gates: sqlite({ file: "gone.sqlite" }) }) },
  });
  const { problems, lock } = await check(definition, { offline: true });
  expect(problems).toEqual([]);
  expect(lock.tables["out"]).toEqual({ time: "timestamp", airport: "text" });
});

test("SQL is read by the engine against the columns that its tables have, and its declared columns are compared", async () => {
  const right = table.sql(
    "busy",
    { f: flights },
    { duckdb: "select carrier, count(*) as flights from f group by carrier" },
    { carrier: "text", flights: "bigint" },
  );
  const { problems, lock } = await check(define([table("copy", right).select("flights")]));
  expect(problems).toEqual([]);
  expect(lock.tables).toEqual({ busy: { carrier: "text", flights: "bigint" }, copy: { flights: "bigint" } });
  const wrong = [
    table.sql("a", { f: flights }, { duckdb: "select carier from f" }),
    table.sql("b", { f: flights }, { duckdb: "select carrier frm f" }),
    table.sql("c", { f: flights }, { spark: "select carrier from f" }),
    table.sql("d", { f: flights }, { duckdb: "select carrier, id from f" }, { carrier: "text", id: "integer", seats: "integer" }),
  ];
  expect(words(await check(define(wrong)))).toEqual([
    expect.stringMatching(/^error bad-sql: a: Binder Error: .*carier/),
    expect.stringMatching(/^error bad-sql: b: Parser Error: /),
    "error wrong-dialect: c is written in spark, and this engine reads duckdb",
    "error sql-columns: d declares 'id' as integer, and its SQL gives bigint",
    "error sql-columns: d declares the column 'seats', which its SQL does not give",
  ]);
});

test("helpers prepare what is described, and are stopped; one that fails is a warning", async () => {
  const make = `node -e "new (require('node:sqlite').DatabaseSync)('made.sqlite').exec('CREATE TABLE planes (tailnum TEXT)')"`;
  const serve = `node -e "process.once('SIGTERM', () => { require('node:fs').writeFileSync('stopped', ''); process.exit() }); console.log('ready'); setInterval(() => {}, 1000)"`;
  const made = { local: environment({ ops: sqlite({ file: "made.sqlite" }), helpers: [make, serve] }) };
  expect(words(await check(define([planes], made)))).toEqual([]);
  await expect.poll(() => existsSync(join(directory, "stopped"))).toBe(true);
  const failing = { local: environment({ ops: sqlite({ file: "made.sqlite" }), helpers: ['node -e "process.exit(3)"'] }) };
  expect((await check(define([planes], failing))).problems).toMatchObject([{ severity: "warning", code: "helper-failed" }]);
}, 30_000);

test("an environment that does not exist is refused", async () => {
  await expect(check(define([flights]), { environment: "prod" })).rejects.toThrow(/no environment 'prod'/);
});
