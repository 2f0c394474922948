import type { ColumnType } from "../define/column.ts";
import { converter } from "./convert.ts";
import { intervalWords, numberLine, sumType, withExponent, type PrintCall, type SqlDialect } from "./dialect.ts";
import { isWhole, joinedReasons, ofKnown } from "./emulate.ts";
import { printPattern } from "./pattern.ts";
import { escapedLiteral, quoteIdentifier } from "./quote.ts";

function typeOf(type: ColumnType): string {
  switch (type) {
    case "text":
      return "VARCHAR";
    case "timestamp":
      return "TIMESTAMP_NTZ";
    default:
      return type.startsWith("decimal") ? type.replace("decimal", "NUMBER") : type.toUpperCase();
  }
}

const double = (value: number) => `cast(${withExponent(value)} as DOUBLE)`;
const pattern = { end: "$", boundary: ["\\b", "\\B"] } as const;
/** Its regexp_like must match the whole text. */
const matches = (value: string, regular: string) => `(regexp_instr(${value}, ${regular}) > 0)`;
const part =
  (name: string): PrintCall =>
  ([value]) =>
    `${name}(${value})`;
const asDouble = (value: string) => `cast(${value} as DOUBLE)`;

/** Snowflake with the parameters TIMEZONE = 'UTC' and WEEK_START = 0 or 1; timestamps have no zone. */
export const snowflake: SqlDialect = Object.freeze({
  name: "snowflake",
  identifier: quoteIdentifier,
  type: typeOf,
  text: escapedLiteral,
  double,
  bigint: (value: string) => `cast(${value} as BIGINT)`,
  timestamp: (value: string) => `cast('${value}' as TIMESTAMP_NTZ)`,
  interval: (microseconds: number) => `interval '${intervalWords(microseconds)}'`,
  convert: converter({
    type: typeOf,
    text: escapedLiteral,
    double,
    trim: (value) => `trim(${value}, ' ')`,
    pattern,
    matches,
    // Of texts only; a number that is too large fails.
    attemptText: (value, to) => `try_cast(${value} as ${typeOf(to)})`,
    attemptNumber: null,
    exactNumber: "NUMBER(38,0)",
    doubleText: (value) => `to_varchar(${value})`,
    timestampText: (value) => `regexp_replace(regexp_replace(to_varchar(${value}, 'YYYY-MM-DD HH24:MI:SS.FF6'), '0+$', ''), '[.]$', '')`,
    readDate: (value) => `try_to_date(${value}, 'YYYY-MM-DD')`,
    readTimestamp: (value) => `cast(convert_timezone('UTC', try_to_timestamp_tz(${value})) as TIMESTAMP_NTZ)`,
  }),
  compareDoubles: null,
  repeated: null,
  asOfJoin: false,
  lastKnown: (value: string, over: string) => `last_value(${value}) ignore nulls ${over}`,
  timeline: numberLine((timestamp) => `datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), ${timestamp})`),
  framed: (name, frame) =>
    name !== "median" && name !== "countDistinct" && (frame === "rows" || !["some", "every", "standardDeviation"].includes(name)),
  pattern,
  matches,
  extract: (value, regular, group) => {
    const text = escapedLiteral(printPattern(regular, pattern));
    return group === 0 ? `regexp_substr(${value}, ${text})` : `regexp_substr(${value}, ${text}, 1, 1, 'e', ${group})`;
  },
  calls: {
    dayOfMonth: part("dayofmonth"),
    dayOfWeek: part("dayofweekiso"),
    dayOfYear: part("dayofyear"),
    trim: ([value]) => `trim(${value}, ' ')`,
    startsWith: ([value, start]) => `startswith(${value}, ${start})`,
    least: ofKnown("least"),
    greatest: ofKnown("greatest"),
    round: ([value, digits]) => `round(${value}, ${digits})`,
    minutesBetween: ([from, to]) => `datediff(microsecond, ${from}, ${to}) / ${double(60e6)}`,
    truncate: ([value, unit]) => `date_trunc(${unit}, ${value})`,
  },
  aggregates: {
    sum: (value, over, type) => {
      if (isWhole(type)) return `cast(sum(${value})${over} as BIGINT)`;
      return type?.startsWith("decimal") ? `cast(sum(${value})${over} as ${typeOf(sumType(type))})` : `sum(${value})${over}`;
    },
    mean: (value, over) => `avg(${asDouble(value)})${over}`,
    share: (value, over) => `avg(${asDouble(`cast(${value} as INTEGER)`)})${over}`,
    standardDeviation: (value, over) => `stddev_samp(${asDouble(value)})${over}`,
    median: (value) => `median(${asDouble(value)})`,
    some: (value, over) => `boolor_agg(${value})${over}`,
    every: (value, over) => `booland_agg(${value})${over}`,
  },
  reasons: joinedReasons,
  json: (fields) =>
    `to_json(object_construct_keep_null(${fields.map(({ name, value }) => `${escapedLiteral(name)}, ${value}`).join(", ")}))`,
  mode: null,
  quantile: (value: string, share: number) => `percentile_cont(${share}) within group (order by ${value})`,
  byteOrder: null,
} satisfies SqlDialect);
