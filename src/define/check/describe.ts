import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import { connectSource } from "../../run/bind.ts";
import { startHelpers } from "../../run/helper.ts";
import type { Source } from "../../systems/roles.ts";
import type { Column } from "../column.ts";
import type { Definition, EnvironmentNode, SourceTableNode } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Columns by asset. */
export type Described = ReadonlyMap<string, readonly Column[] | null>;

export interface DescribeOptions {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  readonly directory: string;
  readonly findings: Findings;
  readonly signal: AbortSignal;
  /** How long a source may take to answer, in milliseconds. */
  readonly patience: number;
}

/**
 * The columns that every source table has now, by asset. The environment's helpers run meanwhile. A source that cannot be
 * reached is a warning and its tables are absent; a table that its source does not have is an error, and null here.
 */
export async function describeSources(options: DescribeOptions): Promise<Described> {
  const { definition, environment, directory, findings, signal } = options;
  const bound = definition.assets.filter((asset) => asset.kind === "source").filter((asset) => asset.source in environment.bindings);
  const described = new Map<string, readonly Column[] | null>();
  if (bound.length === 0) return described;
  let helpers: Awaited<ReturnType<typeof startHelpers>>;
  try {
    helpers = await startHelpers(environment, directory, signal);
  } catch (error) {
    if (!(error instanceof MillwrightError)) throw error;
    findings.warning(error.problem);
    return described;
  }
  try {
    const bySource = Map.groupBy(bound, ({ source }) => source);
    await Promise.all([...bySource.values()].map((tables) => describeTables(tables, described, options)));
  } finally {
    await helpers.stop();
  }
  return described;
}

async function describeTables(
  tables: readonly SourceTableNode[],
  described: Map<string, readonly Column[] | null>,
  options: DescribeOptions,
): Promise<void> {
  const [{ source: role } = { source: "" }] = tables;
  const binding = options.environment.bindings[role];
  if (binding === undefined) return;
  const opening = connectSource(binding, options.directory);
  try {
    const source = await inTime(opening, options);
    for (const table of tables) {
      try {
        described.set(table.name, await inTime(source.describe(table), options));
      } catch (error) {
        if (report(error, table, options) === "error") described.set(table.name, null);
      }
    }
  } catch (error) {
    const [first] = tables;
    if (first !== undefined && report(error, first, options) === "error") for (const { name } of tables) described.set(name, null);
  } finally {
    await closeLater(opening);
  }
}

/** What a user wrote wrong is an error; that a source does not answer is a warning, since the lock can stand in for it. */
function report(error: unknown, table: SourceTableNode, { findings, environment }: DescribeOptions): "error" | "warning" {
  if (error instanceof MillwrightError) {
    const { problem } = error;
    // Told for the whole environment already.
    if (problem.code === "missing-secret") return "warning";
    if (/^(unknown|bad|wrong|no)-/.test(problem.code)) {
      findings.error({ where: table.origin, ...problem });
      return "error";
    }
  }
  const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  findings.warning({
    code: "source-unreachable",
    what: `the source '${table.source}' could not be asked for its columns: ${reason}`,
    where: environment.bindings[table.source]?.origin ?? environment.origin,
    fix: "start it, or pass --offline to use schema.lock.json alone",
  });
  return "warning";
}

async function inTime<T>(work: Promise<T>, { patience, signal }: DescribeOptions): Promise<T> {
  const done = new AbortController();
  const late = sleep(patience, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => {
    throw new MillwrightError({ code: "source-late", what: `it did not answer within ${patience / 1000} s` });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
}

/** Closes a source when it is open; one that never opens is not waited for. */
async function closeLater(opening: Promise<Source>): Promise<void> {
  const closed = opening.then(
    (source) => source.close(),
    () => undefined,
  );
  await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
}
