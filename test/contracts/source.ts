import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Column } from "../../src/define/column.ts";
import type { SourceTableNode } from "../../src/define/node.ts";
import { MillwrightError } from "../../src/error.ts";
import type { Position, Source, Stage } from "../../src/systems/roles.ts";
import { extraction, type Extraction, type Row } from "./extracting.ts";

/** A row of the table `trips` that every source of the contract serves. */
export interface Trip {
  readonly id: number;
  readonly name: string | null;
  readonly amount: number | null;
  /** ISO 8601 in UTC, whole seconds. */
  readonly seen: string;
}

export interface SourceUnderTest {
  /** A new connection to the running system. */
  connect(): Promise<Source>;
  /** The node of `trips`; with key and cursor where the system can use them. */
  readonly table: SourceTableNode;
  readonly columns: readonly Column[];
  /** Makes the source hold these rows and no others. */
  write(trips: readonly Trip[]): Promise<void>;
  /** Inserts, or replaces by id. Sources that only grow insert. */
  change(trips: readonly Trip[]): Promise<void>;
  /** Adds rows that cannot be read, beside the good ones. */
  spoil(): Promise<{ readonly count: number; readonly origin: RegExp; readonly reason: RegExp; readonly raw: RegExp }>;
  /** A table with every type that the system has, and what must arrive. */
  types(): Promise<{ readonly table: SourceTableNode; readonly columns: readonly Column[]; readonly rows: readonly Row[] }>;
  stop(): Promise<void>;
}

export interface SourceContract {
  /** The system's title, and the version where it is a server's. */
  readonly name: string;
  /**
   * `cursor`: changed rows come by cursor and merge by key; `append`: only new rows come;
   * `all`: every extract is the whole table.
   */
  readonly increments: "cursor" | "append" | "all";
  /** Rows can be deleted at the source. */
  readonly deletes: boolean;
  /** The source answers with the list of its tables when asked for one that it does not have. */
  readonly listsTables: boolean;
  /** Rows of the large table. */
  readonly large: number;
  start(): Promise<SourceUnderTest>;
}

const first: readonly Trip[] = Array.from({ length: 5000 }, (_, index) => trip(index + 1));

/** The suite that every system of the role source passes. */
export function sourceContract(contract: SourceContract): void {
  describe(`${contract.name} as a source`, () => {
    let tested: SourceUnderTest;
    let source: Source;
    beforeAll(async () => {
      tested = await contract.start();
      await tested.write(first);
      source = await tested.connect();
    }, 120_000);
    afterAll(async () => {
      await source?.close();
      await tested?.stop();
    });
    const extract = (options: Parameters<typeof extraction>[2] = {}): Promise<Extraction> =>
      extraction(source, tested.table, { columns: tested.columns, ...options });

    test("describes the columns with their types", async () => {
      expect(await source.describe(tested.table)).toEqual(tested.columns);
    });

    if (contract.listsTables) {
      test("names its tables when asked for one that it does not have", async () => {
        const failure = await source.describe({ ...tested.table, table: "no_such_table" }).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(MillwrightError);
        expect(String(failure)).toContain("no_such_table");
        expect(String(failure)).toContain(tested.table.table);
      });
    }

    test("the first load brings every row once, and says that it is all", async () => {
      const loaded = await extract();
      expect(loaded.contains).toBe("all");
      expect(loaded.rejected).toEqual([]);
      expect(sorted(loaded.rows)).toEqual(first.map(asRow));
    });

    test("every type survives", async () => {
      const { table, columns, rows } = await tested.types();
      expect(await source.describe(table)).toEqual(columns);
      const loaded = await extraction(source, table, { columns });
      expect(loaded.rejected).toEqual([]);
      expect(loaded.rows).toEqual(rows);
    });

    test("columns that the source lost arrive as null", async () => {
      const columns: Column[] = [...tested.columns, { name: "no_longer_there", type: "text" }];
      const loaded = await extract({ columns });
      expect(loaded.rejected).toEqual([]);
      expect(sorted(loaded.rows)).toEqual(first.map((row) => ({ ...asRow(row), no_longer_there: null })));
    });

    test("while nothing changes the mark stays, and an extract changes nothing", async () => {
      const mark = await source.fingerprint(tested.table);
      const before = await extract();
      expect(await source.fingerprint(tested.table)).toBe(mark);
      const again = await extract({ position: before.position });
      expect(again.position).toEqual(before.position);
      expect(sorted(applied(contract, before, again))).toEqual(first.map(asRow));
      if (contract.increments === "append") expect(again.rows).toEqual([]);
      if (contract.increments === "cursor") expect(again.rows.length).toBeLessThan(50);
    });

    test("an extract that is killed in mid-table and resumed neither loses nor doubles a row", async () => {
      const before = await extract();
      await tested.change(newer);
      const position = JSON.parse(JSON.stringify(before.position)) as Position;
      await expect(extract({ through: killed })).rejects.toThrow("killed");
      await expect(extract({ position, through: killed })).rejects.toThrow("killed");
      await source.close();
      source = await tested.connect();
      const resumed = await extract({ position });
      expect(sorted(applied(contract, before, resumed))).toEqual(expected(contract).map(asRow));
      if (contract.increments !== "all") expect(resumed.contains).toBe("changes");
      if (contract.increments !== "all") expect(resumed.rows.length).toBeLessThan(1000);
    });

    test("the mark moves when rows change", async () => {
      const mark = await source.fingerprint(tested.table);
      await tested.write(first);
      if (mark !== null) expect(await source.fingerprint(tested.table)).not.toBe(mark);
    });

    if (contract.deletes) {
      test("deleted rows are absent from a full load", async () => {
        await tested.write(first.slice(3));
        const loaded = await extract();
        expect(loaded.contains).toBe("all");
        expect(sorted(loaded.rows)).toEqual(first.slice(3).map(asRow));
        await tested.write(first);
      });
    }

    test("what cannot be read goes to the quarantine with origin, reason and raw text", async () => {
      const { count, origin, reason, raw } = await tested.spoil();
      const loaded = await extract();
      expect(loaded.rejected.length).toBe(count);
      expect(loaded.staged.rejected).toBe(count);
      for (const rejected of loaded.rejected) {
        expect(rejected.origin).toMatch(origin);
        expect(rejected.reason).toMatch(reason);
        expect(rejected.raw).toMatch(raw);
      }
      expect(sorted(loaded.rows)).toEqual(first.map(asRow));
      // A few faults are no reason to think that the table has changed.
      expect(await source.describe(tested.table)).toEqual(tested.columns);
      await tested.write(first);
    });

    test("stops at the signal", async () => {
      const controller = new AbortController();
      const cancelling = (stage: Stage): Stage => ({
        rows: (...rows) => (controller.abort(new Error("cancelled")), stage.rows(...rows)),
        query: (...query) => (controller.abort(new Error("cancelled")), stage.query(...query)),
        reject: (rejected) => stage.reject(rejected),
      });
      await expect(extract({ signal: controller.signal, through: cancelling })).rejects.toThrow("cancelled");
    });

    test(`${contract.large} rows pass in bounded memory`, async () => {
      await tested.write(Array.from({ length: contract.large }, (_, index) => trip(index + 1)));
      const before = process.memoryUsage.rss();
      const loaded = await extract({ read: false });
      expect(loaded.staged.rows).toBe(contract.large);
      expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(500);
    }, 120_000);
  });
}

const newer: readonly Trip[] = [trip(5001), trip(5002), { ...trip(7, "changed"), seen: "2014-02-01T00:00:00Z" }];

/** What the table holds after `newer`: changed by key, or grown by it where the source only grows. */
function expected({ increments }: SourceContract): readonly Trip[] {
  if (increments === "append") return sortedTrips([...first, ...newer]);
  const ids = new Set(newer.map(({ id }) => id));
  return sortedTrips([...first.filter(({ id }) => !ids.has(id)), ...newer]);
}

function sortedTrips(trips: readonly Trip[]): readonly Trip[] {
  return trips.toSorted((a, b) => a.id - b.id || (a.seen < b.seen ? -1 : 1));
}

/** What a run makes of an extract: replaced, merged by key, or appended. */
function applied({ increments }: SourceContract, before: Extraction, after: Extraction): readonly Row[] {
  if (after.contains === "all") return after.rows;
  const merged = new Map<string, Row>();
  for (const [index, row] of [...before.rows, ...after.rows].entries())
    merged.set(increments === "cursor" ? String(row["id"]) : String(index), row);
  return [...merged.values()];
}

function trip(id: number, name: string = `trip ${id}, "quoted" ü`): Trip {
  const seen = new Date(Date.UTC(2013, 0, 1) + id * 60_000).toISOString().replace(".000", "");
  return { id, name: id % 11 === 0 ? null : name, amount: id % 7 === 0 ? null : id / 8, seen };
}

function asRow({ id, name, amount, seen }: Trip): Row {
  return { id: String(id), name, amount, seen: seen.replace("T", " ").replace("Z", "") };
}

function sorted(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => Number(a["id"]) - Number(b["id"]) || (String(a["seen"]) < String(b["seen"]) ? -1 : 1));
}

/** As a process that dies after the first rows were staged: what it staged is lost, and its position never committed. */
function killed(stage: Stage): Stage {
  return {
    async rows(...rows) {
      await stage.rows(...rows);
      if (rows[0].length > 0) throw new Error("killed");
    },
    async query(...query) {
      if ((await stage.query(...query)) > 0) throw new Error("killed");
      return 0;
    },
    reject: (rejected) => stage.reject(rejected),
  };
}
