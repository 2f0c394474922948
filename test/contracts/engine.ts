import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import { readHead, readHistory } from "../../src/lake/catalog/heads.ts";
import { noteOf } from "../../src/lake/note.ts";
import type { ResultRow } from "../../src/systems/duckdb/rows.ts";
import type { Engine, Progress, TableWrite, Written } from "../../src/systems/roles.ts";
import { dialectOf } from "../../src/transform/dialects.ts";
import { note, pair, parquet, readParquet, sorted, typed, typedRows, types } from "./engine-data.ts";

export interface EngineUnderTest {
  readonly engine: Engine;
  /** The environment's state folder, where heads are read; the namespace is `shop`. */
  readonly state: string;
  stop(): Promise<void>;
}

export interface EngineContract {
  /** The system's title, and the version where it is a server's. */
  readonly name: string;
  readonly sql: {
    /** What to select the column `id` with the numbers from 0 to n - 1 from. */
    numbers(n: number): string;
    readonly random: string;
    /** An expression whose computing fails with the text. */
    fail(text: string): string;
    /** A query with the columns id and name that takes minutes. */
    readonly endless: string;
  };
  start(): Promise<EngineUnderTest>;
}

/** The suite that every system of the role engine passes. Only what the contract names differs between dialects. */
export function engineContract(contract: EngineContract): void {
  const { sql } = contract;
  // A cluster on a loaded machine takes its time for a dozen of commits.
  describe(`${contract.name} as an engine`, { timeout: 600_000 }, () => {
    let tested: EngineUnderTest;
    let engine: Engine;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "millwright-engine-"));
      tested = await contract.start();
      engine = tested.engine;
    }, 600_000);
    afterAll(async () => {
      await tested?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const id = (name: string) => dialectOf(engine.dialect).identifier(name);
    const writeOf = (table: string, query: string, options: Partial<TableWrite> = {}): TableWrite => ({
      table,
      columns: pair,
      mode: "replace",
      key: [],
      query,
      rejected: null,
      note,
      began: performance.now(),
      ...options,
    });
    const write = (table: string, query: string, options: Partial<TableWrite> = {}): Promise<Written> =>
      engine.write(writeOf(table, query, options));
    const head = (table: string) => readHead(tested.state, "shop", table);
    const snapshot = (table: string) => head(table)?.snapshot ?? null;
    const history = async (table: string) => await readHistory(tested.state, "shop", table);
    const rowsAt = async (table: string, at: string | null): Promise<readonly ResultRow[]> =>
      sorted(await engine.ask(`SELECT * FROM ${engine.relation(table, at)}`));
    const rows = (table: string) => rowsAt(table, null);
    /** A row of literals as a query; several are united. */
    const values = (...list: readonly (readonly [number | null, string | null])[]) =>
      list
        .map(
          ([number, text]) =>
            `SELECT cast(${number ?? "NULL"} AS BIGINT) AS id, ${text === null ? "cast(NULL AS VARCHAR(9))" : `'${text}'`} AS name`,
        )
        .join(" UNION ALL ");
    const nothing = `${values([1, "x"])} LIMIT 0`;
    const refused = (...raws: readonly string[]) =>
      raws.map((raw) => `SELECT 'row ${raw}' AS origin, 'too large' AS reason, '${raw}' AS raw`).join(" UNION ALL ");

    describe("writing", () => {
      test("a write gives its snapshot and number of rows, and the note stands in the snapshot's summary", async () => {
        const written = await write("noted", values([1, "ada"], [2, "max"]));
        expect(written.snapshot).toBe(snapshot("noted"));
        expect(written.note).toEqual({ ...note, rows: 2, quarantined: 0, seconds: expect.any(Number) });
        expect(written.note.seconds).toBeGreaterThan(0);
        expect(noteOf(head("noted")?.summary ?? {})).toEqual({ ...written.note, seconds: expect.any(Number) });
      });

      test("replace makes the query the whole table, and the snapshot before still gives the rows before", async () => {
        const first = await write("replaced", values([1, "ada"]));
        await write("replaced", values([2, "max"], [3, null]));
        expect(await rows("replaced")).toEqual([
          { id: 2, name: "max" },
          { id: 3, name: null },
        ]);
        expect(await rowsAt("replaced", first.snapshot)).toEqual([{ id: 1, name: "ada" }]);
      });

      test("a table may read itself while it is replaced", async () => {
        await write("self", values([1, "ada"]));
        await write("self", `SELECT id + 1 AS id, name FROM ${engine.relation("self", null)}`);
        expect(await rows("self")).toEqual([{ id: 2, name: "ada" }]);
      });

      test("append adds rows", async () => {
        await write("appended", values([1, "ada"]), { mode: "append" });
        const second = await write("appended", values([1, "ada"]), { mode: "append" });
        expect(second.note.rows).toBe(2);
        expect(await rows("appended")).toEqual([
          { id: 1, name: "ada" },
          { id: 1, name: "ada" },
        ]);
      });

      test("an engine that can tell gives the rows that appends have added, and no others", async () => {
        const { snapshot: from } = await write("grown", values([1, "ada"]));
        await write("grown", values([2, "max"]), { mode: "append" });
        const { snapshot: to } = await write("grown", values([3, "mia"]), { mode: "append" });
        const appended = await engine.appended?.("grown", from, to);
        if (appended != null) {
          expect(appended.rows).toBe(2);
          expect(sorted(await engine.ask(`SELECT id FROM ${appended.relation}`))).toEqual([{ id: 2 }, { id: 3 }]);
        }
        const { snapshot: after } = await write("grown", values([4, "tim"]));
        expect((await engine.appended?.("grown", from, after)) ?? null).toBeNull();
      });

      test("merge replaces the rows of a key and adds the others; a null is a key like others", async () => {
        await write("merged", values([1, "ada"], [2, "max"], [null, "nobody"]), { mode: "merge", key: ["id"] });
        const second = await write("merged", values([2, "mia"], [3, "joe"], [null, "none"]), { mode: "merge", key: ["id"] });
        expect(second.note.rows).toBe(4);
        expect(await rows("merged")).toEqual([
          { id: 1, name: "ada" },
          { id: 2, name: "mia" },
          { id: 3, name: "joe" },
          { id: null, name: "none" },
        ]);
      });

      test("a table whose columns are all its key is merged", async () => {
        const options = { mode: "merge", key: ["id", "name"] } as const;
        await write("only_key", values([1, "ada"]), options);
        await write("only_key", values([1, "ada"], [1, "max"]), options);
        expect(await rows("only_key")).toEqual([
          { id: 1, name: "ada" },
          { id: 1, name: "max" },
        ]);
      });

      test("a write of no rows leaves its note in every mode, on a new table and on one with rows", async () => {
        for (const mode of ["append", "merge", "replace"] as const) {
          const table = `nothing_${mode}`;
          const first = await write(table, nothing, { mode, key: ["id"] });
          expect(first.note.rows).toBe(0);
          await write(table, values([1, "ada"]), { mode, key: ["id"] });
          const last = await write(table, nothing, { mode, key: ["id"], note: { ...note, run: "run-2" } });
          expect(last.note).toMatchObject({ run: "run-2", rows: mode === "replace" ? 0 : 1 });
          expect(last.snapshot).toBe(snapshot(table));
          const again = await write(table, nothing, { mode, key: ["id"] });
          expect(again.snapshot).not.toBe(last.snapshot);
          expect(await rows(table)).toEqual(mode === "replace" ? [] : [{ id: 1, name: "ada" }]);
        }
      });

      test("every type of column comes back as it was", async () => {
        const file = await parquet(folder, "typed", typed);
        const staged = await engine.staged([file]);
        expect(await engine.describe(`SELECT * FROM ${staged.relation}`)).toEqual(types);
        await write("typed", `SELECT * FROM ${staged.relation}`, { columns: types });
        await staged.drop();
        expect(head("typed")?.schema.map(({ name, type }) => ({ name, type }))).toEqual(types);
        expect(await rows("typed")).toEqual(typedRows);
      });

      test("names with quotes, spaces and words of SQL are names", async () => {
        const names = [
          { name: "select", type: "bigint" },
          { name: 'a "quoted" `name`', type: "text" },
          { name: "it's", type: "text" },
        ] as const;
        const query = `SELECT cast(1 AS BIGINT) AS ${id("select")}, 'x' AS ${id('a "quoted" `name`')}, 'y' AS ${id("it's")}`;
        await write("order", query, { columns: names });
        await write("order", query, { columns: names, mode: "merge", key: ["it's", 'a "quoted" `name`'] });
        expect(await rows("order")).toEqual([{ select: 1, 'a "quoted" `name`': "x", "it's": "y" }]);
      });

      test("many writes at once all stand, each with its own note", async () => {
        const count = 8;
        const written = await Promise.all(
          Array.from({ length: count }, (_, index) =>
            write(`wide_${index}`, `SELECT id, 'x' AS name FROM ${sql.numbers(index + 1)}`, { note: { ...note, run: `run-${index}` } }),
          ),
        );
        expect(written.map(({ note: { run, rows: n } }) => `${run} ${n}`)).toEqual(
          Array.from({ length: count }, (_, index) => `run-${index} ${index + 1}`),
        );
        expect(new Set(written.map((each) => each.snapshot)).size).toBe(count);
      });

      test("progress is told, where the engine knows it, and never more than all", async () => {
        const told: Parameters<Progress["report"]>[0][] = [];
        await write("told", `SELECT id, 'x' AS name FROM ${sql.numbers(1000)}`, { progress: { report: (step) => told.push(step) } });
        for (const { done, total } of told) expect(done).toBeLessThanOrEqual(total ?? Infinity);
      });
    });

    describe("overwriting a range", () => {
      const timed = [
        { name: "id", type: "bigint" },
        { name: "at", type: "timestamp" },
        { name: "day", type: "date" },
      ] as const;
      const at = (...list: readonly (readonly [number, string | null])[]) =>
        list
          .map(([number, time]) => {
            const stamp = time === null ? "NULL" : `'${time}'`;
            const type = dialectOf(engine.dialect).type;
            return `SELECT cast(${number} AS BIGINT) AS id, cast(${stamp} AS ${type("timestamp")}) AS at, cast(cast(${stamp} AS ${type("timestamp")}) AS DATE) AS day`;
          })
          .join(" UNION ALL ");
      const ids = async (table: string) => (await rows(table)).map((row) => row["id"]);

      test("rows of the range give way, its end and all others stay, nulls too", async () => {
        await write(
          "ranged",
          at(
            [1, "2013-01-01 23:59:59.999999"],
            [2, "2013-01-02 00:00:00"],
            [3, "2013-01-02 12:00:00"],
            [4, "2013-01-03 00:00:00"],
            [5, null],
          ),
          {
            columns: timed,
          },
        );
        const range = { column: "at", from: "2013-01-02T00:00:00Z", to: "2013-01-03T00:00:00Z" };
        const written = await write("ranged", at([6, "2013-01-02 01:00:00"]), { columns: timed, mode: "overwrite", range });
        expect(written.note.rows).toBe(4);
        expect(await ids("ranged")).toEqual([1, 4, 5, 6]);
        await write("ranged", `${at([6, "2013-01-02 01:00:00"])} LIMIT 0`, { columns: timed, mode: "overwrite", range });
        expect(await ids("ranged")).toEqual([1, 4, 5]);
      });

      test("parts that were written one by one are overwritten one by one, by date too", async () => {
        const range = (day: number) => ({ column: "day", from: `2013-01-0${day}T00:00:00Z`, to: `2013-01-0${day + 1}T00:00:00Z` });
        const options = { columns: timed, mode: "overwrite" } as const;
        for (const day of [1, 2, 3]) await write("parts", at([day, `2013-01-0${day} 05:00:00`]), { ...options, range: range(day) });
        expect(await ids("parts")).toEqual([1, 2, 3]);
        await write("parts", at([20, "2013-01-02 06:00:00"], [21, "2013-01-02 07:00:00"]), { ...options, range: range(2) });
        expect(await ids("parts")).toEqual([1, 20, 21, 3].toSorted((a, b) => a - b));
      });

      test("a table that is laid out by day keeps its layout", async () => {
        const layout = {
          partition: [{ column: "at", transform: "day", size: null }],
          sort: [{ column: "id", descending: true }],
          fileSize: null,
        } as const;
        const all = Array.from({ length: 10 }, (_, index) => [index, `2013-01-0${1 + (index % 3)} 0${index % 5}:00:00`] as const);
        await write("laid", at(...all), { columns: timed, layout });
        expect(Number(head("laid")?.summary["total-data-files"])).toBe(3);
        const range = { column: "at", from: "2013-01-02T00:00:00Z", to: "2013-01-03T00:00:00Z" };
        await write("laid", at([30, "2013-01-02 01:00:00"]), { columns: timed, mode: "overwrite", range, layout });
        expect(await ids("laid")).toEqual([0, 2, 3, 5, 6, 8, 9, 30]);
        expect(head("laid")?.summary["added-data-files"]).toBe("1");
      });
    });

    describe("columns", () => {
      const shape = (...list: readonly [string, Column["type"]][]) => list.map(([name, type]) => ({ name, type }));

      test("are added and widened where rows stay, and never retyped", async () => {
        await write("shaped", "SELECT 1 AS id, 'ada' AS name", { columns: shape(["id", "integer"], ["name", "text"]) });
        await write("shaped", "SELECT 5000000000 AS id, 'max' AS name, cast(2.5 AS DOUBLE) AS amount", {
          mode: "append",
          columns: shape(["amount", "double"], ["id", "bigint"], ["name", "text"]),
        });
        await write("shaped", "SELECT 5000000000 AS id, 'mia' AS name, cast(1 AS DECIMAL(12,2)) AS price", {
          mode: "merge",
          key: ["id"],
          columns: shape(["id", "bigint"], ["name", "text"], ["price", "decimal(12,2)"]),
        });
        expect(await rows("shaped")).toEqual([
          { id: 1, name: "ada", amount: null, price: null },
          { id: 5_000_000_000, name: "mia", amount: 2.5, price: "1.00" },
        ]);
        const before = snapshot("shaped");
        await expect(write("shaped", "SELECT 'x' AS id", { mode: "append", columns: shape(["id", "text"]) })).rejects.toMatchObject({
          problem: { code: "column-retyped" },
        });
        expect(snapshot("shaped")).toBe(before);
      });

      test("come, go and change their type when the table is replaced; the snapshot before has those before", async () => {
        const first = await write("reshaped", values([1, "ada"]));
        await write("reshaped", "SELECT 'x' AS id, cast(1.5 AS DOUBLE) AS amount", {
          columns: shape(["amount", "double"], ["id", "text"]),
        });
        expect(await rows("reshaped")).toEqual([{ id: "x", amount: 1.5 }]);
        expect(await rowsAt("reshaped", first.snapshot)).toEqual([{ id: 1, name: "ada" }]);
        expect(await history("reshaped")).toHaveLength(2);
      });

      test("by which the table is laid out may go with a replacement", async () => {
        const layout = (column: string) =>
          ({ partition: [{ column, transform: "identity", size: null }], sort: [{ column, descending: false }], fileSize: null }) as const;
        await write("relaid", values([1, "ada"], [2, "max"]), { layout: layout("name") });
        await write("relaid", "SELECT cast(7 AS BIGINT) AS id", { columns: shape(["id", "bigint"]), layout: layout("id") });
        expect(await rows("relaid")).toEqual([{ id: 7 }]);
      });
    });

    describe("quarantine", () => {
      const raws = async (table: string) => (await rows(`${table}_quarantine`)).map(({ raw }) => raw);

      test("refused rows stand there, replaced with the table or added", async () => {
        const first = await write("strict", values([1, "ada"]), { rejected: refused("7", "8") });
        expect(first.note.quarantined).toBe(2);
        expect(noteOf(head("strict_quarantine")?.summary ?? {})).toMatchObject({ run: "run-1", rows: 2 });
        const added = await write("strict", values([2, "max"]), { mode: "append", rejected: refused("9") });
        expect(added.note).toMatchObject({ rows: 2, quarantined: 1 });
        expect(await raws("strict")).toEqual(["7", "8", "9"]);
        await write("strict", values([4, "tim"]), { mode: "append", rejected: `${refused("1")} LIMIT 0` });
        expect(await raws("strict")).toEqual(["7", "8", "9"]);
        const last = await write("strict", values([3, "mia"]), { rejected: `${refused("1")} LIMIT 0` });
        expect(last.note.quarantined).toBe(0);
        expect(await raws("strict")).toEqual([]);
      });

      test("an overwrite takes the place of what was refused under its own origin", async () => {
        const range = { column: "day", from: "2013-01-01T00:00:00Z", to: "2013-01-02T00:00:00Z" };
        const columns = [{ name: "day", type: "date" }] as const;
        const rejected = (origin: string, raw: string) => `SELECT '${origin}' AS origin, 'r' AS reason, '${raw}' AS raw`;
        const part = (origin: string, raw: string | null) =>
          write("origins", "SELECT DATE '2013-01-01' AS day", {
            columns,
            mode: "overwrite",
            range,
            origin,
            rejected: raw === null ? `${rejected("x", "y")} LIMIT 0` : rejected(origin, raw),
          });
        await part("a", "1");
        await part("b", "2");
        await part("a", "3");
        expect(await raws("origins")).toEqual(["3", "2"]);
        await part("b", null);
        expect(await raws("origins")).toEqual(["3"]);
        expect(await rows("origins")).toEqual([{ day: "2013-01-01" }]);
      });

      test("where nothing is refused there is none", async () => {
        await write("clean", values([1, "ada"]), { rejected: `${refused("1")} LIMIT 0` });
        expect(head("clean_quarantine")).toBeNull();
      });

      test("what a failed write has refused does not come twice", async () => {
        await write("half", values([1, "ada"]), { rejected: refused("1") });
        const failing = `SELECT id, ${sql.fail("no such luck")} AS name FROM ${sql.numbers(1)}`;
        for (const rejected of [refused("2"), refused("3")])
          await expect(write("half", failing, { mode: "append", rejected })).rejects.toThrow("no such luck");
        expect(await rows("half")).toEqual([{ id: 1, name: "ada" }]);
        await write("half", values([2, "max"]), { mode: "append", rejected: refused("4") });
        expect(await raws("half")).toEqual(["1", "4"]);
        await expect(write("half", failing, { mode: "append", rejected: refused("5") })).rejects.toThrow("no such luck");
        await write("half", values([3, "mia"]), { mode: "append" });
        expect(await raws("half")).toEqual(["1", "4"]);
      });
    });

    describe("what goes wrong", () => {
      test("a first write that fails leaves no rows, and the next one makes the table", async () => {
        await expect(write("never", `SELECT id, ${sql.fail("no")} AS name FROM ${sql.numbers(1)}`)).rejects.toThrow("no");
        expect(snapshot("never")).toBeNull();
        expect((await write("never", values([1, "ada"]))).note.rows).toBe(1);
      });

      test("a write onto a snapshot that has been overtaken is a conflict, and leaves the table as it is", async () => {
        const first = await write("raced", values([1, "ada"]));
        await write("raced", values([2, "max"]), { onto: first.snapshot });
        const before = snapshot("raced");
        for (const onto of [first.snapshot, null])
          await expect(write("raced", values([3, "mia"]), { mode: "append", onto })).rejects.toMatchObject({
            problem: { code: "commit-conflict" },
          });
        expect(snapshot("raced")).toBe(before);
      });

      test("of two writes at once onto the same snapshot one wins", async () => {
        const { snapshot: onto } = await write("duel", values([0, "start"]));
        const results = await Promise.allSettled(
          [1, 2].map((number) => write("duel", values([number, "x"]), { mode: "append", onto, note: { ...note, run: `run-${number}` } })),
        );
        expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
        expect(await rows("duel")).toHaveLength(2);
      });

      test("an aborted signal ends what is computed within it, and nothing else; the table stays as it was", async () => {
        await write("interrupted", values([1, "ada"]));
        const before = snapshot("interrupted");
        const cancel = new AbortController();
        const writing = engine.within(cancel.signal).write(writeOf("interrupted", sql.endless, { mode: "append" }));
        const asking = engine.within(cancel.signal).ask(`SELECT count(*) AS n FROM (${sql.endless}) AS e`);
        const other = engine.ask(`SELECT count(*) AS n FROM ${sql.numbers(1000)}`);
        setTimeout(() => cancel.abort(new Error("cancelled by the test")), 500);
        const ended = await Promise.allSettled([writing, asking]);
        for (const each of ended) expect(each).toMatchObject({ status: "rejected", reason: { message: "cancelled by the test" } });
        expect(await other).toEqual([{ n: 1000 }]);
        expect(snapshot("interrupted")).toBe(before);
        expect(await rows("interrupted")).toEqual([{ id: 1, name: "ada" }]);
        await expect(engine.within(cancel.signal).ask("SELECT 1 AS n")).rejects.toThrow("cancelled by the test");
      });

      test("a query that cannot be read says why", async () => {
        await expect(engine.ask("SELECT * FROM no_such_table")).rejects.toThrow(/no_such_table/);
        await expect(engine.describe("SELECT no_such_column FROM (SELECT 1 AS n) AS t")).rejects.toThrow(/no_such_column/);
      });
    });

    describe("what is kept, brought and taken away", () => {
      test("what is kept is computed once and read by other statements, several at once, until it is dropped", async () => {
        const kept = await engine.keep(`SELECT id, ${sql.random} AS chance FROM ${sql.numbers(3)}`);
        const other = await engine.keep(values([7, "x"]));
        const all = await Promise.all([kept, kept, other].map(({ relation }) => engine.ask(`SELECT * FROM ${relation}`)));
        expect(all[0]).toHaveLength(3);
        expect(all.map(sorted).slice(0, 2)).toEqual([sorted(all[0] ?? []), sorted(all[0] ?? [])]);
        expect(all[2]).toEqual([{ id: 7, name: "x" }]);
        const columns = [pair[0], { name: "chance", type: "double" }] as const;
        await write("from_kept", `SELECT * FROM ${kept.relation}`, { columns });
        expect(await rows("from_kept")).toEqual(sorted(all[0] ?? []));
        await kept.drop();
        await expect(engine.ask(`SELECT * FROM ${kept.relation}`)).rejects.toThrow();
        expect(await engine.ask(`SELECT * FROM ${other.relation}`)).toEqual([{ id: 7, name: "x" }]);
        await other.drop();
      });

      test("Parquet files are read together, whatever the order of their columns, until they are dropped", async () => {
        const files = [
          await parquet(folder, "one", "SELECT 1::BIGINT AS id, 'ada' AS name"),
          await parquet(folder, "two", "SELECT 'max' AS name, 2::BIGINT AS id"),
        ];
        const staged = await engine.staged(files);
        expect(await engine.describe(`SELECT id, name FROM ${staged.relation}`)).toEqual(pair);
        const written = await write("brought", `SELECT * FROM ${staged.relation}`);
        expect(written.note.rows).toBe(2);
        expect(await rows("brought")).toEqual([
          { id: 1, name: "ada" },
          { id: 2, name: "max" },
        ]);
        await staged.drop();
      });

      test("a query is written into one Parquet file of this machine, types and all, also when it has no rows", async () => {
        const staged = await engine.staged([await parquet(folder, "leaving", typed)]);
        const file = join(folder, "export.parquet");
        expect(await engine.exportParquet(`SELECT * FROM ${staged.relation}`, file)).toBe(2);
        expect(await readParquet(file)).toEqual(typedRows);
        const empty = join(folder, "empty.parquet");
        expect(await engine.exportParquet(`SELECT * FROM ${staged.relation} WHERE ${id("integer")} = 4711`, empty)).toBe(0);
        expect(await readParquet(empty)).toEqual([]);
        await staged.drop();
      });

      test("rows are answered in the order of the query, numbers beyond 2^53 and decimals as text", async () => {
        expect(await engine.ask(`SELECT id FROM ${sql.numbers(5)} ORDER BY id DESC`)).toEqual([4, 3, 2, 1, 0].map((n) => ({ id: n })));
        expect(
          await engine.ask(
            "SELECT cast('9007199254740993' AS BIGINT) AS a, cast(-1.5 AS DECIMAL(9,3)) AS b, cast('nan' AS DOUBLE) AS c, 9007199254740991 AS d",
          ),
        ).toEqual([{ a: "9007199254740993", b: "-1.500", c: null, d: 9_007_199_254_740_991 }]);
      });
    });
  });
}
