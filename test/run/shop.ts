import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { count, environment, metric, platform, source, table, type Definition } from "../../src/index.ts";
import type { BindingNode } from "../../src/define/node.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { readHeads, type Head } from "../../src/lake/catalog/heads.ts";
import { openQuery } from "../../src/query/query.ts";
import { openJournal, type JournalEvent } from "../../src/run/journal.ts";
import type { AssetResult, PlannedStep } from "../../src/run/report.ts";
import { runPlatform, type RunOptions, type RunResult } from "../../src/run/run.ts";
import { statePaths } from "../../src/run/state.ts";
import { sqlite } from "../../src/systems/index.ts";
import type { ResultRow } from "../../src/systems/duckdb/rows.ts";
import { temporaryFolder } from "./temporary.ts";

export interface ShopOptions {
  /** Orders above this are put aside. @default 100 */
  readonly most?: number;
  /** Whether orders are extracted by the cursor `at`. @default true */
  readonly cursor?: boolean;
  readonly helpers?: readonly string[];
  /** The file that `ops` is bound to. @default shop.sqlite */
  readonly file?: string;
  /** Where the tables lie. @default embedded */
  readonly lake?: BindingNode;
}

/** A small platform: orders (with a cursor) and customers (without), cleaned, joined, summed up in SQL, loaded and measured. */
export function shopPlatform({ most = 100, cursor = true, helpers = [], file = "shop.sqlite", lake }: ShopOptions = {}): Definition {
  const ops = source("ops");
  const orders = ops.table("orders", { key: "id", ...(cursor ? { cursor: "at" } : {}) });
  const customers = ops.table("customers", { key: "name" });
  const clean = table("orders_clean", orders)
    .dedupe("id")
    .fill({ amount: "median" })
    .check({ amount: { between: [0, most] } });
  const known = table("orders_known", clean).join(customers, { on: { customer: "name" }, columns: ["country"] });
  const mart = table
    .sql("sales", { known }, { duckdb: "SELECT country, count(*) AS orders, sum(amount) AS amount FROM known GROUP BY country" })
    .load();
  return platform({
    name: "shop",
    assets: [mart, metric("orders_total", clean, () => count())],
    environments: { local: environment({ ops: sqlite({ file }), helpers, ...(lake === undefined ? {} : { lake }) }) },
  });
}

/** All the assets of the shop and its load, in order. */
export const shopSteps = ["orders", "orders_clean", "customers", "orders_known", "sales", "warehouse.sales", "orders_total"] as const;

/** What a run came to, and what it said. */
export interface Ran extends RunResult {
  readonly planned: readonly PlannedStep[];
  readonly notes: readonly string[];
  /** Asset to outcome. */
  readonly outcomes: Readonly<Record<string, AssetResult["outcome"]>>;
  detail(asset: string): string | null;
}

export interface Shop {
  readonly directory: string;
  /** Changes the source. */
  source(sql: string): void;
  run(definition?: Definition, options?: Partial<RunOptions>): Promise<Ran>;
  /** Asks warehouse and lake. */
  ask(sql: string): Promise<readonly ResultRow[]>;
  heads(): ReadonlyMap<string, Head>;
  /** The newest snapshot of each table. */
  snapshots(): Readonly<Record<string, string | null>>;
  events(filter?: Parameters<ReturnType<typeof openJournal>["events"]>[0]): readonly JournalEvent[];
}

/** A shop with five orders of three customers, nothing of it extracted yet. */
export function openShop({ lake }: Pick<ShopOptions, "lake"> = {}): Shop {
  const directory = temporaryFolder();
  const file = join(directory, "shop.sqlite");
  const source = (sql: string): void => {
    using database = new DatabaseSync(file);
    database.exec(sql);
  };
  source(`
    CREATE TABLE orders (id BIGINT PRIMARY KEY, customer TEXT, amount DOUBLE, at TIMESTAMP);
    CREATE TABLE customers (name TEXT PRIMARY KEY, country TEXT);
    INSERT INTO customers VALUES ('ada', 'GB'), ('max', 'DE'), ('mia', 'DE');
    INSERT INTO orders VALUES (1, 'ada', 12.5, '2026-01-05T09:30:00Z'), (2, 'max', 8, '2026-01-05T10:00:00Z'), (3, 'ada', 20, '2026-01-06T11:15:00Z'),
      (4, 'mia', NULL, '2026-01-06T12:00:00Z'), (5, 'mia', 900, '2026-01-07T08:00:00Z');`);
  const paths = statePaths(directory, "local");
  const shop: Shop = {
    directory,
    source,
    async run(definition = shopPlatform(lake === undefined ? {} : { lake }), options = {}) {
      const notes: string[] = [];
      let planned: readonly PlannedStep[] = [];
      const result = await runPlatform({
        definition,
        environment: environmentOf(definition, "local"),
        directory,
        assets: [],
        signal: new AbortController().signal,
        reporter: {
          plan: (lines) => void (planned = lines),
          started: () => undefined,
          progress: () => undefined,
          retry: (asset, _attempt, _delay, reason) => notes.push(`${asset}: ${reason}`),
          finished: () => undefined,
          note: (text) => notes.push(text),
        },
        ...options,
      });
      const outcomes = Object.fromEntries(result.results.map(({ asset, outcome }) => [asset, outcome]));
      return { ...result, planned, notes, outcomes, detail: (asset) => result.results.find((one) => one.asset === asset)?.detail ?? null };
    },
    async ask(sql) {
      const session = await openQuery({ bindings: lake === undefined ? {} : { lake } }, paths, "shop");
      try {
        return (await session.ask(sql)).rows;
      } finally {
        await session.close();
      }
    },
    heads: () => readHeads(paths.state, "shop"),
    snapshots: () => Object.fromEntries([...shop.heads()].map(([table, head]) => [table, head.snapshot])),
    events(filter) {
      using journal = openJournal(paths.journal);
      return journal.events(filter);
    },
  };
  return shop;
}

/** Every step of the shop with that outcome, but for those that are named. */
export function outcomes(
  outcome: AssetResult["outcome"],
  others: Readonly<Record<string, AssetResult["outcome"]>> = {},
): Record<string, AssetResult["outcome"]> {
  return { ...Object.fromEntries(shopSteps.map((step) => [step, outcome])), ...others };
}
