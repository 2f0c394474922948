import type { ColumnType } from "../define/column.ts";
import { converter } from "./convert.ts";
import { decimalType, intervalUnit, numberLine, withExponent, type PrintCall, type SqlDialect } from "./dialect.ts";
import { compareDoubles, greatestOfKnown, highestOr, ofKnown, roundedBy } from "./emulate.ts";
import { javaDoubleText } from "./java-text.ts";
import { printPattern } from "./pattern.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";

function typeOf(type: ColumnType): string {
  switch (type) {
    case "text":
      return "VARCHAR";
    case "timestamp":
      return "TIMESTAMP(6)";
    case "binary":
      return "VARBINARY";
    default:
      return type.startsWith("decimal") ? decimalType(type) : type.toUpperCase();
  }
}

const part =
  (name: string): PrintCall =>
  ([value]) =>
    `cast(${name}(${value}) as INTEGER)`;

const pattern = { end: "\\z", boundary: ["\\b", "\\B"] } as const;
const matches = (value: string, regular: string) => `regexp_like(${value}, ${regular})`;
const attempt = (value: string, to: ColumnType) => `try_cast(${value} as ${typeOf(to)})`;

/** Trino's own intervals end at the millisecond. */
function interval(microseconds: number): string {
  const [count, unit] = intervalUnit(microseconds);
  if (unit === "microsecond") throw new Error("Trino has no interval of microseconds");
  return `interval '${count}' ${unit}`;
}

/** Whole microseconds since 1970, exactly: a double of seconds would not be, and the functions of dates end at the millisecond. */
const microseconds = (value: string) =>
  `(date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', ${value})) * 1000000 + cast(substr(cast(cast(${value} as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT))`;

/** All values of a group or frame in one sorted array: there is no exact quantile. */
const sorted = (value: string, over: string) => `array_sort(filter(array_agg(${value})${over}, v -> v is not null))`;

/** Of a sorted array `a`, interpolated between two values; null of none. */
function quantileOf(array: string, share: number): string {
  const place = `(${withExponent(share)} * (cardinality(a) - 1))`;
  const [low, high] = [`a[cast(floor${place} as INTEGER) + 1]`, `a[cast(ceil${place} as INTEGER) + 1]`];
  const part = `(${place} - floor${place})`;
  const value = `if(cardinality(a) = 0, null, if(${part} = 0, ${low}, ${low} * (1 - ${part}) + ${high} * ${part}))`;
  return `transform(array[${array}], a -> ${value})[1]`;
}

/** A text in our spelling as ISO 8601 in full. Digits beyond the microsecond are cut off: Trino would round. */
function isoText(value: string): string {
  return [
    ["(\\.[0-9]{6})[0-9]+", "$1"],
    ["^(.{10})$", "$1T00:00"],
    ["(T.*[+-][0-9]{2}):?([0-9]{2})$", "$1:$2"],
    ["(T.*[+-][0-9]{2})$", "$1:00"],
  ].reduce((text, [pattern = "", by = ""]) => `regexp_replace(${text}, '${pattern}', '${by}')`, `replace(${value}, ' ', 'T')`);
}

const asDouble = (value: string) => `cast(${value} as DOUBLE)`;

/** Trino 476. The session's time zone is UTC; timestamps have none. */
export const trino: SqlDialect = Object.freeze({
  name: "trino",
  identifier: quoteIdentifier,
  type: typeOf,
  text: quoteLiteral,
  double: withExponent,
  bigint: (value: string) => `cast(${value} as BIGINT)`,
  timestamp: (value: string) => `cast(timestamp '${value}' as TIMESTAMP(6))`,
  interval,
  convert: converter({
    type: typeOf,
    text: quoteLiteral,
    double: withExponent,
    trim: (value) => `trim(both ' ' from ${value})`,
    pattern,
    matches,
    attemptText: attempt,
    attemptNumber: attempt,
    exactNumber: "DECIMAL(38,0)",
    doubleText: (value) =>
      javaDoubleText(value, {
        java: `format('%s', ${value})`,
        decimal: `cast(cast(format('%s', ${value}) as DECIMAL(38,21)) as VARCHAR)`,
        whole: `cast(cast(${value} as BIGINT) as VARCHAR)`,
        text: quoteLiteral,
      }),
    timestampText: (value) => `regexp_replace(regexp_replace(cast(${value} as VARCHAR), '(\\.[0-9]*?)0+$', '$1'), '\\.$', '')`,
    readDate: (value) => attempt(value, "date"),
    readTimestamp: (value) => `try(cast(from_iso8601_timestamp_nanos(${isoText(value)}) at time zone 'UTC' as TIMESTAMP(6)))`,
  }),
  compareDoubles,
  repeated: null,
  asOfJoin: false,
  lastKnown: (value: string, over: string) => `last_value(${value}) ignore nulls ${over}`,
  timeline: numberLine(microseconds),
  framed: () => true,
  pattern,
  matches,
  extract: (value, regular, group) => `regexp_extract(${value}, ${quoteLiteral(printPattern(regular, pattern))}, ${group})`,
  calls: {
    year: part("year"),
    month: part("month"),
    dayOfMonth: part("day"),
    dayOfWeek: part("day_of_week"),
    dayOfYear: part("day_of_year"),
    hour: part("hour"),
    minute: part("minute"),
    length: ([value]) => `cast(length(${value}) as INTEGER)`,
    trim: ([value]) => `trim(both ' ' from ${value})`,
    startsWith: ([value, start]) => `starts_with(${value}, ${start})`,
    contains: ([value, part]) => `(strpos(${value}, ${part}) > 0)`,
    least: ofKnown("least"),
    greatest: greatestOfKnown("nan()"),
    round: roundedBy((value) => `round(${value})`),
    minutesBetween: ([from = "", to = ""]) => `(${microseconds(to)} - ${microseconds(from)}) / 60e6`,
    truncate: ([value, unit]) => `date_trunc(${unit}, ${value})`,
  },
  aggregates: {
    max: highestOr("nan()", "bool_or"),
    median: (value, over) => quantileOf(sorted(asDouble(value), over), 0.5),
    countDistinct: (value, over) =>
      over === "" ? `count(distinct ${value})` : `cast(coalesce(cardinality(array_distinct(${sorted(value, over)})), 0) as BIGINT)`,
  },
  reasons: (texts) => `concat_ws('; ', ${texts.join(",\n    ")})`,
  json: (fields) =>
    `json_format(cast(cast(row(${fields.map(({ value }) => value).join(", ")}) as ROW(${fields.map(({ name, type }) => `${quoteIdentifier(name)} ${typeOf(type)}`).join(", ")})) as JSON))`,
  mode: null,
  quantile: (value: string, share: number) => quantileOf(sorted(value, ""), share),
  byteOrder: null,
} satisfies SqlDialect);
