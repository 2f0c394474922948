import type { Column, ColumnType } from "../define/column.ts";
import type { SourceTableNode } from "../define/node.ts";
import { MillwrightError, type Problem } from "../error.ts";
import { decimalSize } from "./convert.ts";

/** How the columns of a source differ from the agreed ones. */
export type SchemaChange =
  | { readonly kind: "added"; readonly column: string; readonly type: ColumnType }
  | { readonly kind: "lost"; readonly column: string; readonly type: ColumnType }
  | { readonly kind: "widened" | "refused"; readonly column: string; readonly from: ColumnType; readonly to: ColumnType }
  /** The source's type became narrower; the agreed one holds every value of it. */
  | { readonly kind: "kept"; readonly column: string; readonly from: ColumnType; readonly to: ColumnType };

export interface SchemaComparison {
  readonly changes: readonly SchemaChange[];
  /** The agreed columns in their order, widened where that is safe, then the new ones. */
  readonly columns: readonly Column[];
  readonly refused: readonly Problem[];
}

/**
 * Compares the agreed columns with what the source has now.
 * New columns are added, lost ones stay (null from now on), types widen where Iceberg allows it without rewriting
 * (integer to bigint, more precision of a decimal); every other change of type is refused, with what to do.
 */
export function compareColumns(agreed: readonly Column[], now: readonly Column[], where?: Problem["where"]): SchemaComparison {
  const changes: SchemaChange[] = [];
  const refused: Problem[] = [];
  const current = new Map(now.map(({ name, type }) => [name, type]));
  const columns = agreed.map((column): Column => {
    const { name, type: from } = column;
    const to = current.get(name);
    if (to === undefined) {
      changes.push({ kind: "lost", column: name, type: from });
      return column;
    }
    if (to === from) return column;
    if (holds(to, from)) {
      changes.push({ kind: "widened", column: name, from, to });
      return { name, type: to };
    }
    if (covers(from, to)) {
      changes.push({ kind: "kept", column: name, from, to });
      return column;
    }
    changes.push({ kind: "refused", column: name, from, to });
    refused.push({
      code: "column-retyped",
      what: `the source's column ${name} is now ${to}, and was agreed as ${from}, which cannot become ${to} without a new table`,
      ...(where === undefined ? {} : { where }),
      fix: `declare ${name} as ${from} in the table's columns to keep it (values that do not fit go to the quarantine), or rebuild the table with --full --allow-destroy`,
    });
    return column;
  });
  const known = new Set(agreed.map(({ name }) => name));
  for (const column of now) {
    if (known.has(column.name)) continue;
    changes.push({ kind: "added", column: column.name, type: column.type });
    columns.push(column);
  }
  return { changes, columns, refused };
}

/** Whether `wide` holds every value of `narrow`, and Iceberg can turn the one into the other in place. */
function holds(wide: ColumnType, narrow: ColumnType): boolean {
  if (wide === "bigint") return narrow === "integer";
  if (!isDecimal(wide) || !isDecimal(narrow)) return false;
  const [precision, scale] = decimalSize(wide);
  const [lessPrecision, sameScale] = decimalSize(narrow);
  return scale === sameScale && precision >= lessPrecision;
}

/** Whether values that the source now calls `now` go into the agreed type as they are. */
function covers(agreed: ColumnType, now: ColumnType): boolean {
  if (agreed === "text") return now !== "binary";
  if (agreed === "double") return now === "integer" || now === "bigint";
  if (agreed === "timestamp") return now === "date";
  if (isDecimal(agreed) && (now === "integer" || now === "bigint")) {
    const [precision, scale] = decimalSize(agreed);
    return precision - scale >= (now === "integer" ? 10 : 19);
  }
  return holds(agreed, now);
}

function isDecimal(type: ColumnType): type is `decimal(${number},${number})` {
  return type.startsWith("decimal");
}

/** The error of a table that the source does not have, with those that it has. */
export function unknownTable(table: SourceTableNode, tables: readonly string[]): MillwrightError {
  return new MillwrightError({
    code: "unknown-source-table",
    what: `the source ${table.source} has no table '${table.table}'`,
    where: table.origin,
    fix: tables.length === 0 ? "it has no tables at all; check the environment's options" : `use one of: ${tables.join(", ")}`,
  });
}

/** Checks that the key and the cursor of a table are columns that the source has. */
export function requireColumns(table: SourceTableNode, names: readonly string[]): void {
  for (const name of [...table.key, ...(table.cursor === null ? [] : [table.cursor])]) {
    if (names.includes(name)) continue;
    throw new MillwrightError({
      code: "unknown-column",
      what: `the source's table '${table.table}' has no column '${name}', which is declared as its ${table.cursor === name ? "cursor" : "key"}`,
      where: table.origin,
      fix: `use one of: ${names.join(", ")}`,
    });
  }
}
