import type { ColumnType } from "../define/column.ts";
import { converter } from "./convert.ts";
import { decimalType, intervalWords, sumType, timestampLine, type SqlDialect } from "./dialect.ts";
import { roundedBy } from "./emulate.ts";
import { javaDoubleText } from "./java-text.ts";
import { printPattern } from "./pattern.ts";

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
const interval = (microseconds: number) => `interval '${intervalWords(microseconds)}'`;
const double = (value: number) => `${value}D`;
const pattern = { end: "\\z", boundary: ["\\b", "\\B"] } as const;
const matches = (value: string, regular: string) => `regexp_like(${value}, ${regular})`;
const attempt = (value: string, to: ColumnType) => `try_cast(${value} as ${typeOf(to)})`;

const convert = converter({
  type: typeOf,
  text,
  double,
  trim: (value) => `trim(${value})`,
  pattern,
  matches,
  attemptText: attempt,
  attemptNumber: attempt,
  exactNumber: "DECIMAL(38,0)",
  doubleText: (value) =>
    javaDoubleText(value, {
      java: `cast(${value} as STRING)`,
      decimal: `cast(cast(${value} as DECIMAL(38,21)) as STRING)`,
      whole: `cast(cast(${value} as BIGINT) as STRING)`,
      text,
    }),
  timestampText: (value) => `cast(${value} as STRING)`,
  readDate: (value) => attempt(value, "date"),
  // A plain cast to TIMESTAMP_NTZ ignores the text's offset from UTC.
  readTimestamp: (value) => `cast(try_cast(${value} as TIMESTAMP_LTZ) as TIMESTAMP_NTZ)`,
});

/** Spark gives a bigint, which does not hold every double; from 2^52 on all are whole. */
const wholeDouble = (name: string, value: string = "") =>
  `case when abs(${value}) < 4503599627370496D then cast(${name}(${value}) as DOUBLE) else ${value} end`;

/** Spark SQL 4.1 with `spark.sql.session.timeZone=UTC` and `spark.sql.ansi.enabled=true`; timestamps have no zone. */
export const spark: SqlDialect = Object.freeze({
  name: "spark",
  identifier: (name: string) => `\`${name.replaceAll("`", "``")}\``,
  type: typeOf,
  text,
  double,
  bigint: (value: string) => `${value}L`,
  timestamp: (value: string) => `timestamp_ntz '${value}'`,
  interval,
  convert(value, from, to) {
    const converted = convert(value, from, to);
    // Its casts take 2^63 for the largest bigint.
    return from === "double" && to === "bigint" ? `case when ${value} < 9223372036854775808D then ${converted} end` : converted;
  },
  compareDoubles: null,
  repeated: {
    same: (a: string, b: string) => `${a} <=> ${b}`,
    antiJoin: "left anti join",
    semiJoin: "left semi join",
  },
  asOfJoin: false,
  lastKnown: (value: string, over: string) => `last_value(${value}) ignore nulls ${over}`,
  // Both bounds of a frame are of one type of interval.
  timeline: { ...timestampLine(interval), span: (microseconds) => `interval '${microseconds / 1_000_000}' second` },
  framed: () => true,
  pattern,
  matches,
  extract: (value, regular, group) => `regexp_extract(${value}, ${text(printPattern(regular, pattern))}, ${group})`,
  calls: {
    dayOfWeek: ([value]) => `(weekday(${value}) + 1)`,
    dayOfMonth: ([value]) => `day(${value})`,
    length: ([value]) => `char_length(${value})`,
    startsWith: ([value, start]) => `startswith(${value}, ${start})`,
    floor: ([value]) => wholeDouble("floor", value),
    ceiling: ([value]) => wholeDouble("ceil", value),
    // With digits it would round what the double's text says.
    round: roundedBy((value) => `round(${value})`),
    minutesBetween: ([from, to]) => `timestampdiff(MICROSECOND, ${from}, ${to}) / 60e6D`,
    truncate: ([value, unit]) => `cast(date_trunc(${unit}, ${value}) as TIMESTAMP_NTZ)`,
  },
  aggregates: {
    // A window with a frame takes percentile and collect_set, but neither median nor distinct.
    median: (value, over) => `percentile(${value}, 0.5)${over}`,
    countDistinct: (value, over) => (over === "" ? `count(distinct ${value})` : `cast(size(collect_set(${value})${over}) as BIGINT)`),
    sum: (value, over, type) =>
      type?.startsWith("decimal") ? `cast(sum(${value})${over} as ${typeOf(sumType(type))})` : `sum(${value})${over}`,
  },
  reasons: (texts) => `concat_ws('; ', ${texts.join(",\n    ")})`,
  json: (fields) =>
    `to_json(named_struct(${fields.map(({ name, value }) => `${text(name)}, ${value}`).join(", ")}), map('ignoreNullFields', 'false'))`,
  mode: (value: string) => `mode(${value}, true)`,
  quantile: (value: string, share: number) => `percentile(${value}, ${share})`,
  byteOrder: null,
} satisfies SqlDialect);
