import type * as Arrow from "apache-arrow";
import type { Column } from "../../define/column.ts";
import { askHistory, openHeads } from "../../lake/catalog/heads.ts";
import { MillwrightError } from "../../error.ts";
import { spark as dialect } from "../../transform/spark.ts";
import type { Engine, EngineContext, ForeignData, Relation, Value } from "../roles.ts";
import { appendedRows } from "./appended.ts";
import { isLoopback } from "./address.ts";
import type { Channel } from "./channel.ts";
import { redactor } from "./failure.ts";
import { columnsOfFiles } from "./files.ts";
import type { Plan, Relation as PlanRelation } from "./messages.ts";
import { openPool } from "./pool.ts";
import { rowsOf } from "./rows.ts";
import { catalogName, secretsIn, sessionSettings } from "./settings.ts";
import { openStaging } from "./staging.ts";
import { columnsOf } from "./types.ts";
import { writeTable } from "./write.ts";

export interface SparkEngineOptions {
  readonly channel: Channel;
  readonly arrow: typeof Arrow;
  /** Further settings of each session. */
  readonly settings: Readonly<Record<string, string>>;
  /** How long, in milliseconds, a Spark that does not answer is waited for. */
  readonly patience: number;
}

/** Spark over Spark Connect, writing Iceberg tables through a REST catalog. */
export async function openSparkEngine(options: SparkEngineOptions, context: EngineContext): Promise<Engine> {
  const { channel, arrow, patience } = options;
  const { namespace, catalog, lake, state } = context;
  const settings = sessionSettings({ catalog, lake, settings: options.settings });
  const secrets = new Set([...secretsIn(settings), ...(channel.address.token === null ? [] : [channel.address.token])]);
  const redact = (text: string) => redactor([...secrets])(text);
  const id = dialect.identifier;
  const pool = await openPool({ channel, settings, patience, redact });
  const heads = openHeads(state, namespace);
  const staging = openStaging(lake, isLoopback(channel.address.host));
  const name = (table: string) => `${id(catalogName)}.${id(namespace)}.${id(table)}`;
  const selected = (sql: string): PlanRelation => ({ sql: { query: sql } });

  const ask = async (sql: string, signal: AbortSignal | null): Promise<readonly Readonly<Record<string, Value>>[]> => {
    const session = await pool.shared();
    const rows: Readonly<Record<string, Value>>[] = [];
    for await (const { arrowBatch } of session.execute({ root: selected(sql) }, signal))
      if (arrowBatch?.data !== undefined) rows.push(...rowsOf(arrow, arrowBatch.data));
    return rows;
  };
  const command = async (plan: NonNullable<Plan["command"]>, signal: AbortSignal | null): Promise<void> =>
    (await pool.shared()).command(plan, { signal });
  const run = (sql: string, signal: AbortSignal | null) => command({ sqlCommand: { input: selected(sql) } }, signal);

  /** A view that every session of this Spark sees, gone with `drop`. */
  const view = async (
    input: PlanRelation,
    signal: AbortSignal | null,
    then: () => Promise<void> = async () => undefined,
  ): Promise<Relation> => {
    const own = pool.viewName();
    await command({ createDataframeView: { input, name: own, isGlobal: true, replace: false } }, signal);
    const relation = `global_temp.${id(own)}`;
    return {
      relation,
      async drop() {
        // Dropping the view lets go of the rows that are kept for it.
        await run(`DROP VIEW IF EXISTS ${relation}`, null);
        await then();
      },
    };
  };

  const see = async (data: ForeignData, signal: AbortSignal | null): Promise<Relation> => {
    for (const secret of secretsIn(data.options)) secrets.add(secret);
    return view({ read: { dataSource: dataSource(data) } }, signal);
  };

  const engineWithin = (signal: AbortSignal | null): Engine => {
    const within = <T>(work: () => Promise<T>): Promise<T> => guarded(signal, work);
    return {
      dialect: "spark",
      relation: (table, snapshot) => (snapshot === null ? name(table) : `(SELECT * FROM ${name(table)} VERSION AS OF ${BigInt(snapshot)})`),
      staged: (files) =>
        within(async () => {
          // Told the columns, Spark runs no job to find them.
          const schema = await columnsOfFiles(files);
          const { addresses, drop } = await staging.bring(files);
          return view({ read: { dataSource: dataSource({ format: "parquet", options: {}, schema, paths: addresses }) } }, signal, drop);
        }),
      see: (data) => within(() => see(data, signal)),
      appended: (table, from, to) =>
        within(async () => appendedRows(await askHistory(catalog, namespace, table), { target: name(table), from, to })),
      describe: (query) => within(async () => columnsOf(await (await pool.shared()).schemaOf(selected(query)))),
      ask: (sql) => within(() => ask(sql, signal)),
      write: (write) =>
        within(() =>
          writeTable({
            write,
            signal,
            pool,
            context,
            name,
            head: heads.one,
            ask: (sql) => ask(sql, signal),
            keep: (query) => keep(query, signal),
          }),
        ),
      keep: (query) => within(() => keep(query, signal)),
      exportParquet: (query, file) =>
        within(async () => {
          const folder = staging.newFolder();
          try {
            const write = { input: selected(query), source: "parquet", path: folder, mode: 3, options: {} };
            await command({ writeOperation: write }, signal);
            return await staging.fetch(folder, file);
          } finally {
            await staging.remove(folder);
          }
        }),
      within: engineWithin,
      async close() {
        heads.close();
        await pool.close();
        channel.close();
      },
    };
  };

  const keep = async (query: string, signal: AbortSignal | null): Promise<Relation> => {
    const kept = await view(selected(query), signal);
    // Filled by the first statement that reads it; what an executor loses is computed anew, from the same snapshots.
    await run(`CACHE LAZY TABLE ${kept.relation}`, signal);
    return kept;
  };

  await run(`CREATE NAMESPACE IF NOT EXISTS ${id(catalogName)}.${id(namespace)}`, null);
  return engineWithin(null);
}

/** The signal's reason in the place of what the abort led to; and a view that went with its Spark is a lost session's. */
async function guarded<T>(signal: AbortSignal | null, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (
      error instanceof MillwrightError &&
      error.problem.code === "spark-failed" &&
      /TABLE_OR_VIEW_NOT_FOUND[\s\S]*millwright_/.test(error.message)
    )
      throw new MillwrightError({ ...error.problem, code: "transient" }, { cause: error });
    throw error;
  }
}

function dataSource({ format, options, schema, paths }: ForeignData) {
  return { format, options, paths, ...(schema === null ? {} : { schema: ddl(schema) }) };
}

function ddl(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `${dialect.identifier(name)} ${dialect.type(type)}`).join(", ");
}
