import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MaintenanceNode } from "../../../src/define/node.ts";
import { startCatalog, type RunningCatalog } from "../../../src/lake/catalog/start.ts";
import { localLake } from "../../../src/lake/local.ts";
import { catalogClient, type CatalogClient, type CommitOutcome } from "../../../src/lake/maintain/client.ts";
import { contentReader } from "../../../src/lake/maintain/content.ts";
import { checksummed, openLeftovers } from "../../../src/lake/maintain/leftovers.ts";
import { maintainTable, type TableReport, type Work } from "../../../src/lake/maintain/maintain.ts";
import { pathSet, referencedFiles } from "../../../src/lake/maintain/reach.ts";
import { readContent, type Content } from "../../../src/lake/maintain/replace.ts";
import { openStorages, type Storages } from "../../../src/lake/storage/storages.ts";
import { openDuckDBEngine } from "../../../src/systems/duckdb/engine.ts";
import type { Engine, Lake } from "../../../src/systems/roles.ts";
import type { OutsideServer } from "../../servers/iceberg-rest.ts";

/** A lake with a catalog and the embedded engine, and one namespace `ns`. */
export interface World {
  readonly directory: string;
  readonly lake: Lake;
  readonly catalog: RunningCatalog;
  readonly engine: Engine;
  readonly storages: Storages;
  readonly client: CatalogClient;
  /** Runs a statement; `t` stands for the table `lake.ns.t`. */
  ask(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Maintains the table `t`, as if it were `later` milliseconds later. */
  maintain(work: Partial<Work>, later?: number): Promise<TableReport>;
  content(): Promise<Content>;
  /** Data and delete files in use. */
  files(): Promise<{ readonly data: number; readonly deletes: number }>;
  /** Files below the table's location that no metadata names. */
  orphans(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const compactAll: NonNullable<MaintenanceNode["compact"]> = { below: 64_000_000, into: null };
export const expireAll: NonNullable<MaintenanceNode["expire"]> = { olderThanSeconds: 0, keepLast: 1, keepTrained: true };

export const day = 86_400_000;

export async function openWorld(
  options: {
    readonly lake?: (directory: string) => Lake;
    /** Starts a catalog of others for the lake's folder. @default our own keeps the tables */
    readonly outside?: (warehouse: string) => Promise<OutsideServer>;
    /** What maintenance hears of a commit. @default how it came out */
    readonly hears?: (outcome: CommitOutcome) => CommitOutcome;
  } = {},
): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "millwright-maintain-"));
  const lake = (options.lake ?? localLake)(directory);
  const outside = await options.outside?.(lake.storages[0].location);
  const catalog = await startCatalog({
    directory,
    storages: lake.storages,
    namespace: "ns",
    outside: outside === undefined ? null : { url: outside.url, warehouse: null, authorization: { kind: "none" }, headers: {} },
  });
  const engine = await openDuckDBEngine({ namespace: "ns", catalog, state: directory, lake, memoryLimit: "1GB" });
  const storages = openStorages(lake.storages);
  const direct = catalogClient(catalog, "ns");
  const hears = options.hears ?? ((outcome) => outcome);
  const client: CatalogClient = { ...direct, commit: async (...commit) => hears(await direct.commit(...commit)) };
  const loaded = async () => {
    const table = await client.load("t");
    if (table === null) throw new Error("there is no table t");
    return table;
  };
  const maintainedAt = (later: number) => ({
    table: "t",
    client,
    storages,
    reader: contentReader(storages),
    leftovers: openLeftovers(directory, "t", () => Date.now() + later),
    now: () => Date.now() + later,
    signal: new AbortController().signal,
  });
  const content = async (): Promise<Content> => {
    const now = await readContent(maintainedAt(0));
    if (now === null) throw new Error("the table t has no content");
    return now;
  };
  return {
    directory,
    lake,
    catalog,
    engine,
    storages,
    client,
    ask: (sql) => engine.ask(sql.replaceAll(/\bt\b/g, engine.relation("t", null))),
    maintain: (work, later = 0) =>
      maintainTable(maintainedAt(later), {
        namespace: "ns",
        lake,
        engine,
        compact: null,
        expire: null,
        orphans: null,
        needed: new Set(),
        others: [],
        fileSize: null,
        ...work,
      }),
    content,
    async files() {
      const { live } = await content();
      const data = live.filter(({ entry }) => entry.holds === "data").length;
      return { data, deletes: live.length - data };
    },
    async orphans() {
      const table = await loaded();
      const used = pathSet(await referencedFiles(contentReader(storages), table));
      const files = (await Promise.all(lake.storages.map(({ location }) => storages.list(location)))).flat();
      return files.map(({ location }) => location).filter((location) => !used.has(checksummed(location)));
    },
    async close() {
      await engine.close();
      await catalog.stop();
      await outside?.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The table `t` with so many commits of a hundred rows, partitioned by nothing. */
export async function fill(world: World, commits: number, first = 0): Promise<void> {
  await world.ask(
    "CREATE TABLE IF NOT EXISTS t (id BIGINT, name VARCHAR, x DOUBLE, price DECIMAL(10, 2), seen TIMESTAMP, day DATE, good BOOLEAN, small INTEGER, raw BLOB)",
  );
  for (let commit = first; commit < first + commits; commit++) {
    await world.ask(
      `INSERT INTO t SELECT range + ${commit * 100}, CASE WHEN range % 7 = 0 THEN NULL ELSE 'name ' || range END, ` +
        `CASE WHEN range % 50 = 3 THEN 'nan'::DOUBLE ELSE range / 3 END, (range - 50) / 4, TIMESTAMP '2026-01-01 00:00:00.123456' + range * INTERVAL 1 HOUR, ` +
        `DATE '2026-01-01' + (range % 3)::INTEGER, range % 2 = 0, range::INTEGER, 'x'::BLOB FROM range(100)`,
    );
  }
}

/** All rows of `t`, or of one of its snapshots, as text that is equal for equal rows in any order. */
export async function rowsOf(world: World, snapshot: string | null = null): Promise<string> {
  const [row] = await world.engine.ask(
    `SELECT count(*) || ' ' || coalesce(sum(hash(COLUMNS(*)::VARCHAR)::HUGEINT), 0) AS rows FROM ${world.engine.relation("t", snapshot)}`.replace(
      "hash(COLUMNS(*)::VARCHAR)",
      "hash(t)",
    ) + " AS t",
  );
  return String(row?.["rows"]);
}
