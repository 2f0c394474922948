import type { DuckDBConnection } from "@duckdb/node-api";
import { MillwrightError } from "../error.ts";
import { columnTypeOf, quoteIdentifier } from "../systems/duckdb/connection.ts";

/** A column that both tables have, and as what it is compared. */
export interface ComparedColumn {
  readonly name: string;
  readonly kind: "number" | "category";
  /** Of the reference. */
  readonly type: string;
  /** Its value in SQL: a DOUBLE where missing is NaN, or a text where missing is "". */
  readonly expression: string;
}

export interface ComparedColumns {
  readonly columns: readonly ComparedColumn[];
  /** Columns of the reference that the current table lacks, and the other way round. */
  readonly missing: readonly string[];
  readonly added: readonly string[];
  /** Of another type now, by DuckDB's names; they are compared where both are numbers or both are categories. */
  readonly retyped: readonly { readonly name: string; readonly reference: string; readonly current: string }[];
  /** Columns that cannot be compared: binary, lists, structures, or a number that became a text. */
  readonly leftOut: readonly string[];
}

/** A relation as it stands after FROM. */
export function relationOf(text: string): string {
  return /^\s*(select|with|from|values)\b/i.test(text) ? `(${text})` : text;
}

/**
 * Which columns of two tables can be compared.
 *
 * @param wanted - Every one of the reference when absent.
 * @throws MillwrightError `unknown-column` for a wanted column that the reference lacks.
 */
export async function comparedColumns(
  connection: DuckDBConnection,
  reference: string,
  current: string,
  wanted?: readonly string[],
): Promise<ComparedColumns> {
  const [before, after] = [await describe(connection, reference), await describe(connection, current)];
  const unknown = wanted?.find((name) => !before.has(name));
  if (unknown !== undefined)
    throw new MillwrightError({
      code: "unknown-column",
      what: `the reference has no column '${unknown}'`,
      fix: `use some of: ${[...before.keys()].join(", ")}`,
    });
  const names = wanted ?? [...before.keys()];
  const common = names.filter((name) => after.has(name));
  const types = common.map((name) => ({ name, reference: before.get(name) ?? "", current: after.get(name) ?? "" }));
  const compared = types.flatMap(({ name, reference: type, current: now }) => {
    const kind = kindOf(type);
    return kind === null || kindOf(now) !== kind ? [] : [{ name, kind, type, expression: expressionOf(name, type, kind) }];
  });
  return {
    columns: compared,
    missing: names.filter((name) => !after.has(name)),
    added: wanted === undefined ? [...after.keys()].filter((name) => !before.has(name)) : [],
    retyped: types.filter((type) => type.reference !== type.current),
    leftOut: common.filter((name) => !compared.some((column) => column.name === name)),
  };
}

async function describe(connection: DuckDBConnection, relation: string): Promise<Map<string, string>> {
  const rows = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
  return new Map(rows.getRows().map(([name, type]) => [String(name), String(type)]));
}

function kindOf(duckdbType: string): ComparedColumn["kind"] | null {
  if (/\[|STRUCT|MAP|UNION/i.test(duckdbType)) return null;
  switch (columnTypeOf(duckdbType)) {
    case "binary":
      return null;
    case "text":
    case "boolean":
      return "category";
    default:
      return "number";
  }
}

function expressionOf(name: string, duckdbType: string, kind: ComparedColumn["kind"]): string {
  const column = quoteIdentifier(name);
  if (kind === "category") return `coalesce(CAST(${column} AS VARCHAR), '')`;
  const type = columnTypeOf(duckdbType);
  const number =
    type === "date"
      ? `CAST(${column} AS DATE) - DATE '1970-01-01'`
      : type === "timestamp"
        ? `epoch_us(CAST(${column} AS TIMESTAMP))`
        : column;
  return `coalesce(CAST(${number} AS DOUBLE), 'nan'::DOUBLE)`;
}
