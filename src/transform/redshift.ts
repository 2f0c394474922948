import type { ColumnType } from "../define/column.ts";
import { converter } from "./convert.ts";
import { decimalType, intervalWords, sumType, timestampLine, withExponent, type PrintCall, type SqlDialect } from "./dialect.ts";
import { isWhole, joinedReasons, remainder } from "./emulate.ts";
import { printPattern } from "./pattern.ts";
import { escapedLiteral, quoteIdentifier } from "./quote.ts";

function typeOf(type: ColumnType): string {
  switch (type) {
    case "double":
      return "double precision";
    case "text":
      return "varchar(65535)";
    case "binary":
      return "varbyte";
    default:
      return type.startsWith("decimal") ? decimalType(type).toLowerCase() : type;
  }
}

const double = (value: number) => `cast(${withExponent(value)} as double precision)`;
const interval = (microseconds: number) => `interval '${intervalWords(microseconds)}'`;
const pattern = { end: "$", boundary: ["\\b", "\\B"] } as const;
/** As Perl reads it, not POSIX. */
const matches = (value: string, regular: string) => `(regexp_instr(${value}, ${regular}, 1, 1, 0, 'p') > 0)`;
const part =
  (name: string): PrintCall =>
  ([value]) =>
    `cast(extract(${name} from ${value}) as integer)`;
const asDouble = (value: string) => `cast(${value} as double precision)`;

/** Amazon Redshift. The session's time zone is UTC; timestamps have none. */
export const redshift: SqlDialect = Object.freeze({
  name: "redshift",
  identifier: quoteIdentifier,
  type: typeOf,
  text: escapedLiteral,
  double,
  bigint: (value: string) => `cast(${value} as bigint)`,
  timestamp: (value: string) => `cast('${value}' as timestamp)`,
  interval,
  convert: converter({
    type: typeOf,
    text: escapedLiteral,
    double,
    trim: (value) => `btrim(${value}, ' ')`,
    pattern,
    matches,
    attemptText: (value, to) => `try_cast(${value} as ${typeOf(to)})`,
    attemptNumber: null,
    exactNumber: "decimal(38,0)",
    doubleText: (value) => `cast(${value} as varchar(65535))`,
    timestampText: (value) => `regexp_replace(regexp_replace(to_char(${value}, 'YYYY-MM-DD HH24:MI:SS.US'), '0+$', ''), '[.]$', '')`,
    readDate: (value) => `try_cast(${value} as date)`,
    readTimestamp: (value) => `try_cast(${value} as timestamptz) at time zone 'UTC'`,
  }),
  compareDoubles: null,
  repeated: null,
  asOfJoin: false,
  lastKnown: (value: string, over: string) => `last_value(${value} ignore nulls) ${over}`,
  timeline: timestampLine(interval),
  // Frames of time do not exist.
  framed: (name, frame) => frame === "rows" && !["median", "countDistinct", "some", "every"].includes(name),
  pattern,
  matches,
  extract: (value, regular, group) => `regexp_substr(${value}, ${escapedLiteral(printPattern(regular, pattern, group))}, 1, 1, 'ep')`,
  calls: {
    year: part("year"),
    month: part("month"),
    dayOfMonth: part("day"),
    dayOfWeek: ([value]) => `((cast(extract(dow from ${value}) as integer) + 6) % 7 + 1)`,
    dayOfYear: part("doy"),
    hour: part("hour"),
    minute: part("minute"),
    length: ([value]) => `char_length(${value})`,
    trim: ([value]) => `btrim(${value}, ' ')`,
    startsWith: ([value, start]) => `(left(${value}, char_length(${start})) = ${start})`,
    contains: ([value, part]) => `(strpos(${value}, ${part}) > 0)`,
    round: ([value, digits]) => `round(${value}, ${digits})`,
    modulo: remainder(asDouble),
    minutesBetween: ([from, to]) => `datediff(microsecond, ${from}, ${to}) / ${double(60e6)}`,
    truncate: ([value, unit]) => `date_trunc(${unit}, ${value})`,
  },
  aggregates: {
    sum: (value, over, type) => {
      if (isWhole(type)) return `cast(sum(${value})${over} as bigint)`;
      return type?.startsWith("decimal") ? `cast(sum(${value})${over} as ${typeOf(sumType(type))})` : `sum(${value})${over}`;
    },
    mean: (value, over) => `avg(${asDouble(value)})${over}`,
    share: (value, over) => `avg(${asDouble(`cast(${value} as integer)`)})${over}`,
    standardDeviation: (value, over) => `stddev_samp(${asDouble(value)})${over}`,
    median: (value) => `median(${asDouble(value)})`,
    min: (value, over, type) => (type === "boolean" ? `bool_and(${value})${over}` : `min(${value})${over}`),
    max: (value, over, type) => (type === "boolean" ? `bool_or(${value})${over}` : `max(${value})${over}`),
  },
  reasons: joinedReasons,
  json: (fields) => `json_serialize(object(${fields.map(({ name, value }) => `${escapedLiteral(name)}, ${value}`).join(", ")}))`,
  mode: null,
  quantile: (value: string, share: number) => `percentile_cont(${share}) within group (order by ${value})`,
  byteOrder: null,
} satisfies SqlDialect);
