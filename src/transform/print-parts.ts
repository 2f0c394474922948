import type { Column, ColumnType } from "../define/column.ts";
import type { Fitted } from "../lake/note.ts";
import type { ColumnsOf } from "./schema.ts";
import type { SqlDialect } from "./dialect.ts";

/** What the printers of operations share. */
export interface Context {
  readonly dialect: SqlDialect;
  readonly columnsOf: ColumnsOf;
  /** SQL that reads a table as stored. */
  readonly relation: (table: string) => string;
  /** Statistics by key, see fits.ts. */
  readonly fitted: Fitted;
  /** Parts that were computed before: name to SQL that reads what they gave. */
  readonly kept?: Readonly<Record<string, string>>;
}

/** One part of the chain: `name as (sql)`. */
export interface Part {
  readonly name: string;
  readonly sql: string;
}

/** Rows that a step refuses: their columns, and SQL that yields these and `reason`. */
export interface Refusal {
  readonly columns: readonly Column[];
  readonly sql: string;
}

/** What an operation becomes: the last part is its result. */
export interface Printed {
  readonly parts: readonly Part[];
  readonly refusal?: Refusal;
}

/** Columns or expressions separated by commas, on lines of at most about 120 characters. */
export function list(items: readonly string[], indent: string = "  "): string {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length < 116) lines[lines.length - 1] = `${last}, ${item}`;
    else lines.push(item);
  }
  return lines.join(`,\n${indent}`);
}

/** `select` with each column under its own name, or as the expression given for it. */
export function selection(
  columns: readonly Column[],
  expressions: Readonly<Record<string, string>>,
  dialect: SqlDialect,
  prefix: string = "",
): string {
  return list(
    columns.map(({ name }) =>
      name in expressions ? named(expressions[name] ?? "", name, dialect) : `${prefix}${dialect.identifier(name)}`,
    ),
  );
}

/** `expression as "name"`; a column that keeps its name stands alone. */
export function named(expression: string, name: string, dialect: SqlDialect): string {
  const identifier = dialect.identifier(name);
  return expression === identifier ? identifier : `${expression} as ${identifier}`;
}

export function typeIn(columns: readonly Column[], name: string): ColumnType | null {
  return columns.find((column) => column.name === name)?.type ?? null;
}

/**
 * `partition by a, b order by ...`; ties are broken by all columns, so that the same rows give the same result.
 *
 * @param also SQL by which the rows are divided too
 */
export function ordering(by: readonly string[], order: string, columns: readonly Column[], dialect: SqlDialect, also?: string): string {
  const rest = columns.map(({ name }) => name).filter((name) => name !== order && !by.includes(name));
  return `${partition(by, dialect, also)}order by ${[order, ...rest].map((name) => `${dialect.identifier(name)} nulls last`).join(", ")}`;
}

export function partition(by: readonly string[], dialect: SqlDialect, also?: string): string {
  const all = [...by.map((name) => dialect.identifier(name)), ...(also === undefined ? [] : [also])];
  return all.length === 0 ? "" : `partition by ${all.join(", ")} `;
}

/** Columns of two tables that are equal, null equal to nothing: `l."a" = r."b" and ...` */
export function equalPairs(
  pairs: readonly { readonly left: string; readonly right: string; readonly type: ColumnType | null }[],
  dialect: SqlDialect,
): string {
  return pairs
    .map(({ left, right, type }) =>
      type === "double" && dialect.compareDoubles !== null ? dialect.compareDoubles("=", left, right, false) : `${left} = ${right}`,
    )
    .join(" and ");
}
