import type { ColumnType } from "../define/column.ts";
import { converter } from "./convert.ts";
import { intervalUnit, numberLine, sumType, withExponent, type PrintCall, type SqlDialect } from "./dialect.ts";
import { compareDoubles, greatestOfKnown, isWhole, joinedReasons, ofKnown } from "./emulate.ts";
import { printPattern } from "./pattern.ts";
import { escapedLiteral } from "./quote.ts";

function typeOf(type: ColumnType): string {
  switch (type) {
    case "boolean":
      return "BOOL";
    case "integer":
    case "bigint":
      return "INT64";
    case "double":
      return "FLOAT64";
    case "text":
      return "STRING";
    case "date":
      return "DATE";
    case "timestamp":
      return "DATETIME";
    case "binary":
      return "BYTES";
    default: {
      const [, precision = 38, scale = 0] = (/^decimal\((\d+),(\d+)\)$/.exec(type) ?? []).map(Number);
      return `${scale > 9 || precision - scale > 29 ? "BIGNUMERIC" : "NUMERIC"}(${precision}, ${scale})`;
    }
  }
}

const pattern = { end: "$", boundary: ["\\b", "\\B"] } as const;
const matches = (value: string, regular: string) => `regexp_contains(${value}, ${regular})`;
const attempt = (value: string, to: ColumnType) => `safe_cast(${value} as ${typeOf(to)})`;
const part =
  (name: string): PrintCall =>
  ([value]) =>
    `extract(${name} from ${value})`;
const asDouble = (value: string) => `cast(${value} as FLOAT64)`;

/** Of the sorted values of a group, between two of them; there is no exact quantile of groups. */
function quantile(value: string, share: number): string {
  const values = `array_agg(${value} ignore nulls order by ${value})`;
  const place = `(${withExponent(share)} * (count(${value}) - 1))`;
  const [low, high] = ["floor", "ceil"].map((name) => `${values}[safe_offset(cast(${name}${place} as INT64))]`);
  return `${low} + (${high} - ${low}) * (${place} - floor${place})`;
}

/** BigQuery (GoogleSQL); timestamps are DATETIME, which has no zone. */
export const bigquery: SqlDialect = Object.freeze({
  name: "bigquery",
  identifier: (name: string) => `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``,
  type: typeOf,
  text: escapedLiteral,
  double: withExponent,
  bigint: (value: string) => value,
  timestamp: (value: string) => `datetime '${value}'`,
  interval(microseconds: number) {
    const [count, unit] = intervalUnit(microseconds);
    return `interval ${count} ${unit}`;
  },
  convert: converter({
    type: typeOf,
    text: escapedLiteral,
    double: withExponent,
    trim: (value) => `trim(${value}, ' ')`,
    pattern,
    matches,
    attemptText: attempt,
    attemptNumber: attempt,
    exactNumber: "BIGNUMERIC",
    doubleText: (value) => `cast(${value} as STRING)`,
    timestampText: (value) => `regexp_replace(regexp_replace(format_datetime('%F %H:%M:%E6S', ${value}), '0+$', ''), r'[.]$', '')`,
    readDate: (value) => attempt(value, "date"),
    // Digits beyond the microsecond are cut off.
    readTimestamp: (value) => `datetime(safe_cast(regexp_replace(${value}, r'([.][0-9]{6})[0-9]+', r'\\1') as TIMESTAMP), 'UTC')`,
  }),
  compareDoubles,
  repeated: null,
  asOfJoin: false,
  lastKnown: (value: string, over: string) => `last_value(${value} ignore nulls) ${over}`,
  timeline: numberLine((timestamp) => `datetime_diff(${timestamp}, datetime '1970-01-01 00:00:00', microsecond)`),
  framed: (name) => name !== "median" && name !== "countDistinct",
  pattern,
  matches,
  // It gives back the one group that there may be.
  extract: (value, regular, group) => `regexp_extract(${value}, ${escapedLiteral(printPattern(regular, pattern, group))})`,
  calls: {
    year: part("year"),
    month: part("month"),
    dayOfMonth: part("day"),
    dayOfWeek: ([value]) => `(mod(extract(dayofweek from ${value}) + 5, 7) + 1)`,
    dayOfYear: part("dayofyear"),
    hour: part("hour"),
    minute: part("minute"),
    length: ([value]) => `char_length(${value})`,
    substring: (values) => `substr(${values.join(", ")})`,
    trim: ([value]) => `trim(${value}, ' ')`,
    startsWith: ([value, start]) => `starts_with(${value}, ${start})`,
    contains: ([value, part]) => `(strpos(${value}, ${part}) > 0)`,
    least: ofKnown("least"),
    greatest: greatestOfKnown("cast('NaN' as FLOAT64)"),
    round: ([value, digits]) => `round(${value}, ${digits})`,
    modulo: ([a = "", b = ""], types) =>
      types.every(isWhole) ? `mod(${a}, ${b})` : `${asDouble(a)} - ${asDouble(b)} * trunc(${asDouble(a)} / ${b})`,
    minutesBetween: ([from, to]) => `datetime_diff(${to}, ${from}, microsecond) / 60e6`,
    truncate: ([value, unit = ""]) => `datetime_trunc(${value}, ${unit === "'week'" ? "isoweek" : unit.replaceAll("'", "")})`,
  },
  aggregates: {
    sum: (value, over, type) =>
      type?.startsWith("decimal") ? `cast(sum(${value})${over} as ${typeOf(sumType(type))})` : `sum(${value})${over}`,
    mean: (value, over) => `avg(${asDouble(value)})${over}`,
    share: (value, over) => `avg(${asDouble(`cast(${value} as INT64)`)})${over}`,
    standardDeviation: (value, over) => `stddev_samp(${asDouble(value)})${over}`,
    median: (value) => quantile(asDouble(value), 0.5),
    some: (value, over) => `logical_or(${value})${over}`,
    every: (value, over) => `logical_and(${value})${over}`,
  },
  reasons: joinedReasons,
  json: (fields) =>
    `to_json_string(struct(${fields.map(({ name, value }) => `${value} as \`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``).join(", ")}))`,
  mode: null,
  quantile,
  byteOrder: null,
} satisfies SqlDialect);
