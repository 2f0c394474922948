import type { ColumnType } from "../define/column.ts";

export interface MysqlColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The SQL that gives its values in a form that loses nothing. */
  readonly select: string;
}

/** Columns of information_schema as our types. */
export function mysqlColumns(rows: readonly Readonly<Record<string, unknown>>[]): MysqlColumn[] {
  return rows.map((row) => {
    const name = String(row["name"]);
    const quoted = `\`${name.replaceAll("`", "``")}\``;
    const [type, select] = typed(
      String(row["kind"]).toLowerCase(),
      String(row["declared"]).toLowerCase(),
      Number(row["digits"] ?? 0),
      Number(row["scale"] ?? 0),
      quoted,
    );
    return { name, type, select };
  });
}

/** The type, and how the column is selected. */
function typed(kind: string, declared: string, digits: number, scale: number, column: string): [ColumnType, string] {
  const unsigned = declared.includes("unsigned");
  switch (kind) {
    case "tinyint":
    case "smallint":
    case "mediumint":
    case "year":
      return ["integer", column];
    case "int":
      return [unsigned ? "bigint" : "integer", column];
    case "bigint":
      return [unsigned ? "decimal(20,0)" : "bigint", column];
    case "decimal":
      // More digits than the lake's decimals have stay exact as text.
      return [digits <= 38 ? `decimal(${digits},${scale})` : "text", column];
    case "float":
      // Sent as text a FLOAT is cut to six digits.
      return ["double", `CAST(${column} AS DOUBLE)`];
    case "double":
      return ["double", column];
    case "bit":
      if (declared === "bit(1)") return ["boolean", column];
      return [declared === "bit(64)" ? "decimal(20,0)" : "bigint", `CAST(${column} AS UNSIGNED)`];
    case "date":
      return ["date", column];
    case "datetime":
    case "timestamp":
      return ["timestamp", column];
    case "binary":
    case "varbinary":
    case "tinyblob":
    case "blob":
    case "mediumblob":
    case "longblob":
      return ["binary", column];
    case "vector":
      return ["text", `VECTOR_TO_STRING(${column})`];
    case "geometry":
    case "point":
    case "linestring":
    case "polygon":
    case "multipoint":
    case "multilinestring":
    case "multipolygon":
    case "geomcollection":
    case "geometrycollection":
      return ["text", `ST_AsText(${column})`];
    default:
      // char, varchar, text, enum, set, json, and time, which is a span of up to 838 hours.
      return ["text", column];
  }
}
