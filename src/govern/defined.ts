import { isColumnType, type Column } from "../define/column.ts";
import { definitionHash } from "../define/made.ts";
import type { MetricNode, ModelNode, TableNode } from "../define/node.ts";
import { columnLineage, type InputField } from "../transform/lineage.ts";
import { outputColumns, type ColumnsOf } from "../transform/schema.ts";

/** A column that another one, or the choice of a table's rows, derives from. */
export interface ColumnOrigin {
  readonly table: string;
  readonly column: string;
  /** `direct`: its value becomes the other's, as it is or computed; `indirect`: it decides which value or row is taken. */
  readonly kind: "direct" | "indirect";
  /** As OpenLineage names it, in lower case: identity, transformation, aggregation; join, group_by, filter, sort, window, conditional. */
  readonly subtype: string;
}

/** The body of the event `asset.defined`: what an asset's columns are and where they come from, by one declaration of it. */
export interface DefinedBody {
  /** Hash of the declaration. */
  readonly definition: string;
  readonly columns: readonly Column[];
  /** For each column those of the inputs that its values come from; empty where none does (a count), absent where it is not known (SQL). */
  readonly lineage: readonly { readonly column: string; readonly from: readonly ColumnOrigin[] }[];
  /** Columns of the inputs that decide on the rows, and so on every column. */
  readonly rows: readonly ColumnOrigin[];
}

/**
 * What the journal is to keep of a table or model when it is first made by a declaration.
 *
 * @param columnsOf the columns of its inputs; of a table in SQL, of the table itself too, since only the engine knows them
 */
export function definedBody(node: TableNode | ModelNode, columnsOf: ColumnsOf): DefinedBody & Readonly<Record<string, unknown>> {
  return { definition: definitionHash(node), ...(node.kind === "model" ? modelColumns(node, columnsOf) : tableColumns(node, columnsOf)) };
}

type Shape = Omit<DefinedBody, "definition">;

function tableColumns(node: TableNode, columnsOf: ColumnsOf): Shape {
  if (node.sql !== null) return { columns: columnsOf(node.name) ?? outputColumns(node, columnsOf).columns, lineage: [], rows: [] };
  const { columns, rows } = columnLineage(node, columnsOf);
  return {
    columns: outputColumns(node, columnsOf).columns,
    lineage: Object.entries(columns).map(([column, from]) => ({ column, from: from.map(originOf) })),
    rows: rows.map(originOf),
  };
}

/** A model's outputs come from its features; its target and the split's column shaped it without being read when it answers. */
function modelColumns(node: ModelNode, columnsOf: ColumnsOf): Shape {
  const apart = new Set([node.target, node.split.by, ...node.ignore]);
  const features = node.features ?? (columnsOf(node.from) ?? []).map(({ name }) => name).filter((name) => !apart.has(name));
  const from: readonly ColumnOrigin[] = [
    ...features.map((column): ColumnOrigin => ({ table: node.from, column, kind: "direct", subtype: "transformation" })),
    { table: node.from, column: node.target, kind: "indirect", subtype: "conditional" },
    { table: node.from, column: node.split.by, kind: "indirect", subtype: "filter" },
  ];
  return {
    columns: [
      { name: "label", type: "bigint" },
      { name: "probabilities", type: "double" },
    ],
    lineage: ["label", "probabilities"].map((column) => ({ column, from })),
    rows: [],
  };
}

/** A metric's one value, as a table of one row and the column `value`. */
export function metricColumns(node: MetricNode, columnsOf: ColumnsOf): Shape {
  const operations = [{ kind: "aggregate", by: [], columns: { value: node.value } }] as const;
  return tableColumns(
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
}

function originOf({ table, column, type, subtype }: InputField): ColumnOrigin {
  return { table, column, kind: type, subtype };
}

/** The body of an event `asset.defined`, as read from the journal; null when it is none. */
export function readDefined(body: Readonly<Record<string, unknown>>): DefinedBody | null {
  const { definition, columns, lineage, rows } = body;
  if (typeof definition !== "string" || !isList(columns, isColumn) || !isList(lineage, isEntry)) return null;
  return { definition, columns, lineage, rows: isList(rows, isOrigin) ? rows : [] };
}

function isList<T>(value: unknown, isPart: (part: unknown) => part is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isPart);
}

function isColumn(value: unknown): value is Column {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "type" in value &&
    isColumnType(value.type)
  );
}

function isEntry(value: unknown): value is DefinedBody["lineage"][number] {
  return (
    typeof value === "object" &&
    value !== null &&
    "column" in value &&
    typeof value.column === "string" &&
    "from" in value &&
    isList(value.from, isOrigin)
  );
}

function isOrigin(value: unknown): value is ColumnOrigin {
  return (
    typeof value === "object" &&
    value !== null &&
    "table" in value &&
    typeof value.table === "string" &&
    "column" in value &&
    typeof value.column === "string" &&
    "kind" in value &&
    (value.kind === "direct" || value.kind === "indirect") &&
    "subtype" in value &&
    typeof value.subtype === "string"
  );
}
