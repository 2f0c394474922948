import type { ColumnType } from "../define/column.ts";
import { decimalType, intervalWords, type SqlDialect } from "./dialect.ts";

function typeOf(type: ColumnType): string {
  switch (type) {
    case "boolean":
      return "BOOLEAN";
    case "integer":
      return "INT";
    case "bigint":
      return "BIGINT";
    case "double":
      return "DOUBLE";
    case "text":
      return "STRING";
    case "date":
      return "DATE";
    case "timestamp":
      return "TIMESTAMP_NTZ";
    case "binary":
      return "BINARY";
    default:
      return decimalType(type);
  }
}

/** Spark reads backslashes in text as escapes. */
const text = (value: string) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** Spark SQL 4.1 with `spark.sql.session.timeZone=UTC`; timestamps have no zone. */
export const spark: SqlDialect = Object.freeze({
  name: "spark",
  identifier: (name: string) => `\`${name.replaceAll("`", "``")}\``,
  type: typeOf,
  text,
  double: (value: number) => `${value}D`,
  bigint: (value: string) => `${value}L`,
  timestamp: (value: string) => `timestamp_ntz '${value}'`,
  interval: (microseconds: number) => `interval '${intervalWords(microseconds)}'`,
  convert(value, from, to) {
    if (from === to) return value;
    const whole = to === "integer" || to === "bigint";
    if (whole && from === "text")
      return `case when regexp_like(trim(${value}), '^[+-]?[0-9]+$') then try_cast(${value} as ${typeOf(to)}) end`;
    if (whole && (from === "double" || from?.startsWith("decimal")))
      return `case when ${value} = floor(${value}) then try_cast(${value} as ${typeOf(to)}) end`;
    // A plain cast to TIMESTAMP_NTZ ignores the text's offset from UTC.
    if (to === "timestamp" && from === "text") return `cast(try_cast(${value} as TIMESTAMP) as TIMESTAMP_NTZ)`;
    return `try_cast(${value} as ${typeOf(to)})`;
  },
  same: (a: string, b: string) => `${a} <=> ${b}`,
  antiJoin: "left anti join",
  semiJoin: "left semi join",
  asOfJoin: false,
  lastKnown: (value: string, over: string) => `last_value(${value}) ignore nulls ${over}`,
  calls: {
    dayOfWeek: (value = "") => `(weekday(${value}) + 1)`,
    dayOfMonth: (value = "") => `day(${value})`,
    length: (value = "") => `char_length(${value})`,
    matches: (value = "", pattern = "") => `regexp_like(${value}, ${pattern})`,
    startsWith: (value = "", start = "") => `startswith(${value}, ${start})`,
    floor: (value = "") => `cast(floor(${value}) as DOUBLE)`,
    ceiling: (value = "") => `cast(ceil(${value}) as DOUBLE)`,
    minutesBetween: (from = "", to = "") => `timestampdiff(MICROSECOND, ${from}, ${to}) / 60e6D`,
    truncate: (value = "", unit = "") => `cast(date_trunc(${unit}, ${value}) as TIMESTAMP_NTZ)`,
  },
  aggregates: {
    // A window with a frame takes percentile and collect_set, but neither median nor distinct.
    median: (value, over) => `percentile(${value}, 0.5)${over}`,
    countDistinct: (value, over) => (over === "" ? `count(distinct ${value})` : `cast(size(collect_set(${value})${over}) as BIGINT)`),
  },
  rowJson: (alias: string) => `to_json(struct(${alias}.*))`,
  mode: (value: string) => `mode(${value}, true)`,
  quantile: (value: string, share: number) => `percentile(${value}, ${share})`,
} satisfies SqlDialect);
