import type { Column, ColumnType } from "../define/column.ts";
import { duckdbTypeOf, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { decimalSize } from "./convert.ts";

/**
 * DuckDB SQL that turns a text into a type, null when the text does not fit. DuckDB's own casts round (`12.7` becomes 13)
 * and ignore a timestamp's zone; these do not.
 *
 * @param text an SQL expression, used more than once
 */
export function typedSql(type: ColumnType, text: string): string {
  const guarded = (pattern: string, cast: string): string =>
    `CASE WHEN regexp_full_match(${text}, ${quoteLiteral(pattern)}) THEN ${cast} END`;
  const cast = `try_cast(${text} AS ${duckdbTypeOf(type)})`;
  switch (type) {
    case "text":
      return text;
    case "boolean":
      return guarded("(?i)true|false|t|f|1|0", cast);
    case "integer":
    case "bigint":
      return guarded("[+-]?[0-9]+", cast);
    case "double":
      return guarded("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?|(?i)nan|[+-]?inf(inity)?", cast);
    case "date":
      return guarded(
        "[0-9]{4,6}-[0-9]{2}-[0-9]{2}([T ]00:00(:00([.]0+)?)?Z?)?",
        `try_cast(left(${text}, instr(${text} || 'T', 'T') - 1) AS DATE)`,
      );
    case "timestamp":
      return (
        `CASE WHEN regexp_full_match(${text}, '[0-9]{4,6}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z?)?') THEN ${cast}` +
        ` WHEN regexp_full_match(${text}, '[0-9]{4,6}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?')` +
        ` THEN try_cast(try_cast(${completeTime(text)} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP) END`
      );
    case "binary":
      return `encode(${text})`;
    default: {
      const [precision, scale] = decimalSize(type);
      return guarded(`[+-]?[0-9]{0,${precision + 20}}(\\.[0-9]{0,${scale}}0*)?`, cast);
    }
  }
}

/** Adds the seconds that DuckDB asks for, and writes a zone of four digits with its colon. */
function completeTime(text: string): string {
  const seconds = `regexp_replace(${text}, '^([^ T]+[T ][0-9]{2}:[0-9]{2}) ?(Z|UTC|[+-].*)?$', '\\1:00\\2')`;
  return `regexp_replace(regexp_replace(${seconds}, ' ?(Z|UTC)$', '+00'), '([+-][0-9]{2})([0-9]{2})$', '\\1:\\2')`;
}

export interface TextRows {
  /** A query of raw texts, one column per name, and what `origin`, `raw` and `reason` name. */
  readonly from: string;
  /** The raw text of a column, as an expression over `from`; columns that it does not name become null. */
  readonly texts: ReadonlyMap<string, string>;
  readonly origin: string;
  readonly raw: string;
  /** An expression that is null for a row that could be taken apart, else why it could not. */
  readonly reason: string;
}

/**
 * The query for `Stage.query` with `rejects`: typed columns of rows that came as text, and for rows whose text does not fit,
 * the origin, the raw text and the reason, in the same words as elsewhere.
 */
export function typedRows(columns: readonly Column[], rows: TextRows): string {
  const present = columns.flatMap((column, index) => {
    const text = rows.texts.get(column.name);
    return text === undefined ? [] : [{ column, text, name: `typed_${index}`, source: `text_${index}` }];
  });
  const texts = present.map(({ text, source }) => `${text} AS ${source}`);
  const typed = present.map(({ column, name, source }) => `${typedSql(column.type, source)} AS ${name}`);
  const misfits = present
    .filter(({ column }) => column.type !== "text" && column.type !== "binary")
    .map(
      ({ column, name, source }) =>
        `WHEN ${source} IS NOT NULL AND ${name} IS NULL THEN ${quoteLiteral(`${column.name}: text '`)} || left(${source}, 60) || ${quoteLiteral(`' is no ${column.type}`)}`,
    );
  const reason = misfits.length === 0 ? "taken_reason" : `CASE WHEN taken_reason IS NOT NULL THEN taken_reason ${misfits.join(" ")} END`;
  const out = columns.map((column) => {
    const found = present.find((one) => one.column === column);
    return `${found?.name ?? `CAST(NULL AS ${duckdbTypeOf(column.type)})`} AS ${quoteIdentifier(column.name)}`;
  });
  const taken = [...texts, `${rows.origin} AS taken_origin`, `${rows.raw} AS taken_raw`, `${rows.reason} AS taken_reason`];
  const rejected = (name: string): string => `CASE WHEN rejected_reason IS NOT NULL THEN taken_${name} END AS rejected_${name}`;
  return `SELECT ${[...out, rejected("origin"), "rejected_reason", rejected("raw")].join(", ")}
    FROM (SELECT *, ${reason} AS rejected_reason FROM (SELECT ${["*", ...typed].join(", ")} FROM (SELECT ${taken.join(", ")} FROM (${rows.from}))))`;
}
