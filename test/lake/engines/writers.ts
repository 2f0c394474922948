import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHistory } from "../../../src/lake/catalog/heads.ts";
import { startCatalog, type RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { folderStorage } from "../../../src/lake/storage/storages.ts";
import { openDuckDBEngine } from "../../../src/systems/duckdb/engine.ts";
import type { Engine, Lake, OutsideCatalog } from "../../../src/systems/roles.ts";
import { startIcebergRest } from "../../servers/iceberg-rest.ts";
import { sparkSession } from "./peers.ts";
import { pyIceberg } from "./pyiceberg.ts";

/** A catalog with a lake, ready to be written to by many. */
export interface Place extends AsyncDisposable {
  readonly state: string;
  readonly catalog: RunningCatalog;
  readonly lake: Lake;
}

/** Our own catalog, or our gateway to Apache Iceberg's own. */
export async function openPlace(kind: "ours" | "gateway"): Promise<Place> {
  const state = await mkdtemp(join(tmpdir(), "millwright-writers-"));
  const storage = folderStorage(join(state, "lake"));
  const server = kind === "gateway" ? await startIcebergRest({ warehouse: storage.location }) : null;
  const outside: OutsideCatalog | null = server && { url: server.url, warehouse: null, authorization: { kind: "none" }, headers: {} };
  const catalog = await startCatalog({ directory: state, storages: [storage], outside });
  return {
    state,
    catalog,
    lake: { storages: [storage], duckdb: { extensions: [], statements: [] }, hadoop: {}, tiering: null },
    async [Symbol.asyncDispose]() {
      await catalog.stop();
      await server?.stop();
      await rm(state, { recursive: true, force: true });
    },
  };
}

export interface WritersOptions {
  readonly place: Place;
  /** Of a running Spark. */
  readonly spark: string;
  /** Commits of each writer at most. */
  readonly commits: number;
  /** When no further commit is begun. */
  readonly seconds: number;
}

/** Who writes: eight at once. */
const writers = ["engine", "engine", "engine", "engine", "spark", "spark", "pyiceberg", "pyiceberg"] as const;

/** What came of it: `told` counts the commits that writers were told had succeeded. */
export interface Written {
  readonly told: number;
  readonly rows: number;
  readonly distinct: number;
  /** Snapshots of the table's history, and whether each follows the one before. */
  readonly snapshots: number;
  readonly chained: boolean;
}

/** Eight writers append a row a commit to one table, each its own numbers, and once more when another was quicker. */
export async function writeTogether({ place, spark, commits, seconds }: WritersOptions): Promise<Written> {
  const { catalog, lake, state } = place;
  const engine = await openDuckDBEngine({ namespace: "shop", catalog, lake, state });
  try {
    await append(engine, "CAST(-1 AS BIGINT)", "replace");
    const end = Date.now() + seconds * 1000;
    const counts = await Promise.all(
      writers.map((kind, writer): Promise<number> => {
        const first = (writer + 1) * 1_000_000;
        if (kind === "pyiceberg") return pythonWriter(catalog, first, commits, seconds);
        if (kind === "spark") return sparkWriter(spark, place, first, commits, end);
        return repeatedly(first, commits, end, (number) => append(engine, `CAST(${number} AS BIGINT)`, "append"));
      }),
    );
    const [found] = await engine.ask(
      `SELECT count(*) AS n, count(DISTINCT id) AS d FROM ${engine.relation("written", null)} WHERE id >= 0`,
    );
    const history = readHistory(state, "shop", "written");
    return {
      told: counts.reduce((sum, count) => sum + count, 0),
      rows: Number(found?.["n"]),
      distinct: Number(found?.["d"]),
      snapshots: history.length - 1,
      chained: history.slice(1).every((snapshot, index) => snapshot.parent === history[index]?.id),
    };
  } finally {
    await engine.close();
  }
}

async function append(engine: Engine, id: string, mode: "replace" | "append"): Promise<void> {
  const note = { run: "r", definition: "d", inputs: {}, position: null, fingerprint: null, fitted: null };
  await engine.write({
    table: "written",
    columns: [{ name: "id", type: "bigint" }],
    mode,
    key: [],
    query: `SELECT ${id} AS id`,
    rejected: null,
    note,
    began: performance.now(),
  });
}

/** One commit for each number, made again on a conflict, and on nothing else. */
async function repeatedly(first: number, commits: number, end: number, commit: (number: number) => Promise<void>): Promise<number> {
  let done = 0;
  while (done < commits && Date.now() < end) {
    try {
      await commit(first + done);
      done += 1;
    } catch (error) {
      if (!/Conflict_409|CommitFailedException|commit-conflict|has changed: expected/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    }
  }
  return done;
}

async function sparkWriter(url: string, { catalog, lake }: Place, first: number, commits: number, end: number): Promise<number> {
  const session = await sparkSession(url, catalog, lake);
  try {
    return await repeatedly(first, commits, end, (number) => session.run(`INSERT INTO lake.shop.written VALUES (${number})`));
  } finally {
    await session.stop();
  }
}

async function pythonWriter(catalog: RunningCatalog, first: number, commits: number, seconds: number): Promise<number> {
  const python = await pyIceberg(catalog);
  return Number(await python.step("append", "written", { numbers: [first, first + commits], seconds }));
}
