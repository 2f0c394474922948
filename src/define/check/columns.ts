import { MillwrightError } from "../../error.ts";
import { logFormat } from "../../extract/log-format.ts";
import { partsProblems } from "../../transform/parts-check.ts";
import { outputColumns } from "../../transform/schema.ts";
import type { Column, Columns } from "../column.ts";
import type { SchemaLock } from "../lock.ts";
import { layoutProblems } from "../layout.ts";
import { useOneOf } from "../nearest.ts";
import type { Definition, EndpointNode, MetricNode, SourceTableNode, TableNode } from "../node.ts";
import type { Described } from "./describe.ts";
import type { Findings } from "./diagnostic.ts";
import { checkModel } from "./model.ts";
import { checkScript } from "./script.ts";
import { sqlChecker } from "./sql.ts";

export interface ColumnsOptions {
  readonly definition: Definition;
  readonly lock: SchemaLock;
  /** Columns of source tables as their sources have just told them. */
  readonly described: Described;
  readonly findings: Findings;
}

/**
 * Works out the columns of every table, in order, and reports what does not fit: through all operations, in keys and cursors,
 * in models, endpoints and metrics. What follows from an unknown is not reported again.
 *
 * @returns The lock as it should be now.
 */
export async function checkColumns({ definition, lock, described, findings }: ColumnsOptions): Promise<SchemaLock> {
  const known = new Map<string, readonly Column[] | null>();
  const columnsOf = (table: string): readonly Column[] | null => known.get(table) ?? null;
  const sources: Record<string, Record<string, Columns>> = {};
  const tables: Record<string, Columns> = {};
  const models = new Set(
    definition.assets.flatMap((asset) => (asset.kind === "model" || asset.kind === "imported-model" ? [asset.name] : [])),
  );
  const sql = sqlChecker(findings);
  try {
    for (const asset of definition.assets) {
      switch (asset.kind) {
        case "source": {
          const columns = sourceColumns(asset, lock, described.get(asset.name), findings);
          known.set(asset.name, columns);
          if (columns === null) break;
          checkSourceTable(asset, columns, findings);
          layoutProblems(asset, columns).forEach(findings.error);
          (sources[asset.source] ??= {})[asset.table] = record(columns);
          break;
        }
        case "table": {
          const complete = asset.inputs.every((input) => columnsOf(input) !== null);
          const columns = !complete
            ? null
            : asset.sql === null
              ? tableColumns(asset, columnsOf, findings)
              : await sql.columns(asset, columnsOf);
          known.set(asset.name, columns);
          if (columns !== null) [...layoutProblems(asset, columns), ...partsProblems(asset, columnsOf)].forEach(findings.error);
          const kept = columns === null ? lock.tables[asset.name] : record(columns);
          if (kept !== undefined) tables[asset.name] = kept;
          break;
        }
        case "metric":
          checkMetric(asset, columnsOf, findings);
          break;
        case "model":
          checkModel(asset, columnsOf(asset.from), findings);
          checkScript(asset, findings);
          break;
        case "endpoint":
          if (!models.has(asset.model))
            findings.error({
              code: "unknown-asset",
              what: `endpoint '${asset.name}' serves '${asset.model}', and there is no such model`,
              where: asset.origin,
              fix: useOneOf(asset.model, [...models]),
            });
          checkLog(asset, definition, columnsOf, findings);
          break;
      }
    }
  } finally {
    sql.close();
  }
  return { version: 1, sources, tables };
}

/** A name that no input has would keep nothing out of the log, although somebody believes so. */
function checkLog(
  endpoint: EndpointNode,
  definition: Definition,
  columnsOf: (table: string) => readonly Column[] | null,
  findings: Findings,
): void {
  const model = definition.assets.find((asset) => asset.kind === "model" && asset.name === endpoint.model);
  const columns = model?.kind === "model" ? columnsOf(model.from) : null;
  if (model?.kind !== "model" || columns === null) return;
  const apart = [...model.ignore, model.target, model.split.by];
  const names = (model.features ?? columns.map(({ name }) => name)).filter((name) => !apart.includes(name));
  for (const name of endpoint.log.without) {
    if (names.includes(name)) continue;
    findings.error({
      code: "unknown-column",
      what: `endpoint '${endpoint.name}' is not to log '${name}', which is no input of the model '${model.name}'`,
      where: endpoint.origin,
      fix: useOneOf(name, names),
    });
  }
}

/** Declared, else as just described, else of the lock, else named by the pattern. */
function sourceColumns(
  node: SourceTableNode,
  lock: SchemaLock,
  described: readonly Column[] | null | undefined,
  findings: Findings,
): readonly Column[] | null {
  if (node.columns !== null) {
    const declared = list(node.columns);
    for (const { name } of described ? declared : []) {
      if (described?.some((column) => column.name === name)) continue;
      findings.warning({
        code: "unknown-column",
        what: `${node.name} declares the column '${name}', which the source '${node.source}' does not have now`,
        where: node.origin,
        fix: useOneOf(
          name,
          (described ?? []).map((column) => column.name),
        ),
      });
    }
    return declared;
  }
  const locked = lock.sources[node.source]?.[node.table];
  const columns = described ?? (locked === undefined ? patternColumns(node, findings) : list(locked));
  if (columns === null && described === undefined) {
    findings.error({
      code: "columns-unknown",
      what: `the columns of ${node.name} are not known: they are not declared, not in schema.lock.json, and the source '${node.source}' has not told them`,
      where: node.origin,
      fix: `run millwright check where '${node.source}' is reachable, and commit schema.lock.json; or declare the columns`,
    });
  }
  return columns;
}

function patternColumns(node: SourceTableNode, findings: Findings): readonly Column[] | null {
  if (node.pattern === null || node.pattern === "json") return null;
  try {
    return logFormat(node.pattern, node.origin).columns;
  } catch (error) {
    if (!(error instanceof MillwrightError)) throw error;
    findings.error(error.problem);
    return null;
  }
}

function checkSourceTable(node: SourceTableNode, columns: readonly Column[], findings: Findings): void {
  const names = columns.map(({ name }) => name);
  for (const [use, name] of [
    ...node.key.map((key) => ["key", key] as const),
    ...(node.cursor === null ? [] : [["cursor", node.cursor] as const]),
  ]) {
    if (names.includes(name)) continue;
    findings.error({
      code: "unknown-column",
      what: `${node.name} has no column '${name}', which is declared as its ${use}`,
      where: node.origin,
      fix: useOneOf(name, names),
    });
  }
  const cursor = columns.find(({ name }) => name === node.cursor);
  if (cursor?.type === "boolean" || cursor?.type === "binary") {
    findings.error({
      code: "wrong-type",
      what: `${node.name}: its cursor '${cursor.name}' is ${cursor.type}, which does not grow`,
      where: node.origin,
      fix: "use a column that never falls when a row changes: a time or a number",
    });
  }
}

/** Null after a problem that leaves the columns in doubt: what reads them is not reported then. */
function tableColumns(
  node: TableNode,
  columnsOf: (table: string) => readonly Column[] | null,
  findings: Findings,
): readonly Column[] | null {
  const { columns, problems } = outputColumns(node, columnsOf);
  problems.forEach(findings.error);
  return problems.length === 0 ? columns : null;
}

function checkMetric(node: MetricNode, columnsOf: (table: string) => readonly Column[] | null, findings: Findings): void {
  const columns = columnsOf(node.of);
  if (columns === null) return;
  const operations = [{ kind: "aggregate", by: [], columns: { [node.name]: node.value } }] as const;
  const { problems } = outputColumns(
    {
      kind: "table",
      name: node.name,
      origin: node.origin,
      inputs: [node.of],
      operations,
      sql: null,
      load: false,
      layout: null,
      parts: null,
    },
    columnsOf,
  );
  problems.forEach(findings.error);
}

function record(columns: readonly Column[]): Columns {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

function list(columns: Columns): readonly Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }));
}
