import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import type { ColumnType } from "../define/column.ts";
import type { ModelNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { columnTypeOf, quoteIdentifier } from "../systems/duckdb/connection.ts";
import type { TrainingColumn, TrainingData } from "./columns.ts";

/**
 * Reads the labelled rows of a feature table in an order that depends on nothing but their values: by the split column, then by
 * every other column that is read. Equal rows are interchangeable, so the same table always gives the same arrays.
 *
 * @param relation - A `SELECT`, or a table's name as SQL writes it.
 * @throws MillwrightError `unknown-column`, `column-type`, `label-values`, `empty-split`.
 */
export async function readTrainingData(
  connection: DuckDBConnection,
  relation: string,
  node: ModelNode,
  signal?: AbortSignal,
): Promise<TrainingData> {
  const source = /^\s*(select|with|from|values)\b/i.test(relation) ? `(${relation})` : relation;
  const types = await columnTypes(connection, source);
  const chosen = chooseColumns(node, types);
  const time = `epoch_us(CAST(${quoteIdentifier(node.split.by)} AS TIMESTAMP))`;
  const label = `CAST(${quoteIdentifier(node.target)} AS DOUBLE)`;
  const counts = await connection.runAndReadAll(
    `SELECT count(*), count(${label}), count(*) FILTER (WHERE ${label} IS NOT NULL AND ${time} IS NOT NULL),
       count(*) FILTER (WHERE ${label} NOT IN (0, 1)), max(${time}) FILTER (WHERE ${label} IS NOT NULL) FROM ${source}`,
  );
  const [all, labelled, rows, strange, newest] = (counts.getRows()[0] ?? []).map(Number);
  if (all === undefined || labelled === undefined || rows === undefined || newest === undefined)
    throw new Error("the count of training rows came back empty");
  if (strange) {
    throw new MillwrightError({
      code: "label-values",
      what: `the target '${node.target}' of model '${node.name}' has ${strange} values other than 0 and 1`,
      where: node.origin,
      fix: "make the target a boolean, for example late: arr_delay > 15",
    });
  }
  const columns = [...chosen.features, ...chosen.slices.filter((name) => !chosen.features.includes(name))];
  const expressions = [time, label, ...columns.map((name) => expressionOf(name, types))];
  const result = await connection.stream(
    `SELECT ${expressions.map((expression, index) => `${expression} AS c${index}`).join(", ")} FROM ${source}
     WHERE ${label} IS NOT NULL AND ${time} IS NOT NULL ORDER BY ${expressions.map((_, index) => index + 1).join(", ")}`,
  );
  const times = new Float64Array(rows);
  const labels = new Float32Array(rows);
  const builders = columns.map((name) => builderOf(name, typeOf(types, name), rows));
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    signal?.throwIfAborted();
    chunk.getColumnValues(0).forEach((value, row) => (times[at + row] = Number(value)));
    chunk.getColumnValues(1).forEach((value, row) => (labels[at + row] = Number(value)));
    builders.forEach((builder, index) => builder.add(at, chunk.getColumnValues(index + 2)));
    at += chunk.rowCount;
  }
  const built = new Map(builders.map((builder) => [builder.column.name, builder.column]));
  const pick = (names: readonly string[]): TrainingColumn[] =>
    names.map((name) => built.get(name)).filter((column) => column !== undefined);
  const trainingRows = firstAfter(times, newest - node.split.days * 86_400_000_000);
  if (trainingRows === 0 || trainingRows === rows) {
    throw new MillwrightError({
      code: "empty-split",
      what: `model '${node.name}' has ${trainingRows} training rows and ${rows - trainingRows} test rows: the last ${node.split.days} days by '${node.split.by}' are the test`,
      where: node.origin,
      fix: "choose fewer or more days, or load more data",
    });
  }
  return {
    rows,
    trainingRows,
    times,
    labels,
    features: pick(chosen.features),
    slices: pick(chosen.slices),
    leftOut: { withoutLabel: all - labelled, withoutTime: labelled - rows },
  };
}

async function columnTypes(connection: DuckDBConnection, source: string): Promise<Map<string, ColumnType>> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  return new Map(described.getRows().map(([name, type]) => [String(name), columnTypeOf(String(type))]));
}

function chooseColumns(node: ModelNode, types: ReadonlyMap<string, ColumnType>): { features: string[]; slices: string[] } {
  const apart = new Set([node.target, node.split.by, ...node.ignore]);
  const features = node.features === null ? [...types.keys()].filter((name) => !apart.has(name)) : [...node.features];
  for (const name of [node.target, node.split.by, ...features, ...node.slices, ...Object.keys(node.prepare)]) {
    if (!types.has(name)) {
      throw new MillwrightError({
        code: "unknown-column",
        what: `model '${node.name}' names the column '${name}', which '${node.from}' does not have`,
        where: node.origin,
        fix: `use one of: ${[...types.keys()].join(", ")}`,
      });
    }
  }
  for (const name of [...features, ...node.slices]) {
    if (types.get(name) === "binary")
      throw new MillwrightError({
        code: "column-type",
        what: `the binary column '${name}' cannot be a feature or a slice of model '${node.name}'`,
        where: node.origin,
        fix: `add '${name}' to the model's ignore list`,
      });
  }
  if (features.includes(node.target))
    throw new MillwrightError({
      code: "target-as-feature",
      what: `model '${node.name}' has its target '${node.target}' among its features`,
      where: node.origin,
      fix: "take it out of features",
    });
  if (features.length === 0)
    throw new MillwrightError({
      code: "no-features",
      what: `model '${node.name}' has no features`,
      where: node.origin,
      fix: "list features, or ignore fewer columns",
    });
  const by = types.get(node.split.by);
  if (by !== "timestamp" && by !== "date" && by !== "text")
    throw new MillwrightError({
      code: "column-type",
      what: `model '${node.name}' splits by '${node.split.by}', a column of type ${by}`,
      where: node.origin,
      fix: "split by a date or a timestamp",
    });
  if (types.get(node.target) === "text")
    throw new MillwrightError({
      code: "column-type",
      what: `the target '${node.target}' of model '${node.name}' is text`,
      where: node.origin,
      fix: "make the target a boolean, for example late: arr_delay > 15",
    });
  return { features, slices: [...node.slices] };
}

function typeOf(types: ReadonlyMap<string, ColumnType>, name: string): ColumnType {
  const type = types.get(name);
  if (type === undefined) throw new Error(`no type for column ${name}`);
  return type;
}

function expressionOf(name: string, types: ReadonlyMap<string, ColumnType>): string {
  const column = quoteIdentifier(name);
  switch (typeOf(types, name)) {
    case "text":
      return `coalesce(CAST(${column} AS VARCHAR), '')`;
    case "boolean":
      return `coalesce(${column}, false)`;
    case "date":
      return `CAST(CAST(${column} AS DATE) - DATE '1970-01-01' AS DOUBLE)`;
    case "timestamp":
      return `CAST(epoch_us(CAST(${column} AS TIMESTAMP)) AS DOUBLE)`;
    default:
      return `CAST(${column} AS DOUBLE)`;
  }
}

interface Builder {
  readonly column: TrainingColumn;
  add(at: number, values: readonly DuckDBValue[]): void;
}

function builderOf(name: string, type: ColumnType, rows: number): Builder {
  if (type === "text") {
    const codes = new Int32Array(rows);
    const dictionary: string[] = [];
    const known = new Map<string, number>();
    return {
      column: { kind: "text", name, type, codes, dictionary },
      add: (at, values) =>
        values.forEach((value, row) => {
          const text = String(value);
          let code = known.get(text);
          if (code === undefined) {
            code = dictionary.push(text) - 1;
            known.set(text, code);
          }
          codes[at + row] = code;
        }),
    };
  }
  if (type === "boolean") {
    const values = new Uint8Array(rows);
    return {
      column: { kind: "boolean", name, type, values },
      add: (at, read) => read.forEach((value, row) => (values[at + row] = value === true ? 1 : 0)),
    };
  }
  const values = new Float64Array(rows);
  return {
    column: { kind: "number", name, type, values },
    add: (at, read) => read.forEach((value, row) => (values[at + row] = value === null ? Number.NaN : Number(value))),
  };
}

/** The index of the first element above a bound, in an array that never falls. */
function firstAfter(values: Float64Array, bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? Number.POSITIVE_INFINITY) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
