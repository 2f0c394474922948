import type { ColumnType } from "../define/column.ts";
import { MillwrightError } from "../error.ts";
import { converter } from "./convert.ts";
import { decimalType, intervalWords, sumType, timestampLine, withExponent, type PrintCall, type SqlDialect } from "./dialect.ts";
import { isWhole, remainder, roundedBy } from "./emulate.ts";
import { isUnambiguous, printPattern } from "./pattern.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";

function typeOf(type: ColumnType): string {
  switch (type) {
    case "double":
      return "double precision";
    case "binary":
      return "bytea";
    default:
      return type.startsWith("decimal") ? decimalType(type).replace("DECIMAL", "numeric") : type;
  }
}

const double = (value: number) => `cast(${withExponent(value)} as double precision)`;
const interval = (microseconds: number) => `interval '${intervalWords(microseconds)}'`;
const pattern = { end: "$", boundary: ["\\y", "\\Y"] } as const;
const matches = (value: string, regular: string) => `(${value} ~ ${regular})`;
const part =
  (name: string): PrintCall =>
  ([value]) =>
    `cast(extract(${name} from ${value}) as integer)`;
const asDouble = (value: string) => `cast(${value} as double precision)`;

const convert = converter({
  type: typeOf,
  text: quoteLiteral,
  double,
  trim: (value) => `trim(both ' ' from ${value})`,
  pattern,
  matches,
  attemptText: null,
  attemptNumber: null,
  exactNumber: "numeric",
  doubleText: (value) =>
    `case when ${value} = trunc(${value}) and abs(${value}) < 1e16 then cast(cast(${value} as bigint) as text) || '.0' else cast(${value} as text) end`,
  timestampText: (value) => `cast(${value} as text)`,
  readDate: (value) => `cast(${value} as date)`,
  // Digits beyond the microsecond are cut off: PostgreSQL would round.
  readTimestamp: (value) => `cast(regexp_replace(${value}, '([.][0-9]{6})[0-9]+', '\\1') as timestamptz) at time zone 'UTC'`,
});

/** There are no extremes of booleans, and those of decimals lose their scale. */
function extreme(name: string, ofBooleans: string, value: string, over: string, type: ColumnType | null): string {
  if (type === "boolean") return `${ofBooleans}(${value})${over}`;
  return type?.startsWith("decimal") ? `cast(${name}(${value})${over} as ${typeOf(type)})` : `${name}(${value})${over}`;
}

/** PostgreSQL 12 or newer, encoding UTF-8, with ICU for upper and lower case. The session's time zone is UTC. */
export const postgres: SqlDialect = Object.freeze({
  name: "postgres",
  identifier: quoteIdentifier,
  type: typeOf,
  text: quoteLiteral,
  double,
  bigint: (value: string) => `cast(${value} as bigint)`,
  timestamp: (value: string) => `timestamp '${value}'`,
  interval,
  convert(value, from, to) {
    const converted = convert(value, from, to);
    // The result of a case loses its scale.
    return to.startsWith("decimal") && from !== to ? `cast(${converted} as ${typeOf(to)})` : converted;
  },
  compareDoubles: null,
  repeated: null,
  asOfJoin: false,
  lastKnown: null,
  timeline: timestampLine(interval),
  // Ordered sets and distinct values are of whole groups only.
  framed: (name) => name !== "median" && name !== "countDistinct",
  pattern,
  matches,
  extract(value, regular, group) {
    if (!isUnambiguous(regular)) throw notPortable(printPattern(regular, pattern));
    // The whole is a group too, so that any group is an element of the match.
    return `(regexp_match(${value}, ${quoteLiteral(`(${printPattern(regular, pattern)})`)}))[${group + 1}]`;
  },
  calls: {
    year: part("year"),
    month: part("month"),
    dayOfMonth: part("day"),
    dayOfWeek: part("isodow"),
    dayOfYear: part("doy"),
    hour: part("hour"),
    minute: part("minute"),
    length: ([value]) => `char_length(${value})`,
    trim: ([value]) => `trim(both ' ' from ${value})`,
    upper: ([value]) => `(upper(${value} collate "und-x-icu") collate "C")`,
    lower: ([value]) => `(lower(${value} collate "und-x-icu") collate "C")`,
    contains: ([value, part]) => `(strpos(${value}, ${part}) > 0)`,
    startsWith: ([value, start]) => `starts_with(${value}, ${start})`,
    // Its own % is for exact numbers only.
    modulo: remainder(asDouble),
    // Its own rounding of doubles takes halves to the even number.
    round: roundedBy((value) => `(trunc(${value}) + case when abs(${value} - trunc(${value})) >= 0.5 then sign(${value}) else 0 end)`),
    minutesBetween: ([from, to]) => `cast(extract(epoch from ${to} - ${from}) * 1000000 as double precision) / 60e6`,
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
    // The middle from below and from above: its interpolation makes NaN of an infinity.
    median: (value) =>
      `percentile_disc(0.5) within group (order by ${asDouble(value)}) / 2 + percentile_disc(0.5) within group (order by ${asDouble(value)} desc) / 2`,
    min: (value, over, type) => extreme("min", "bool_and", value, over, type),
    max: (value, over, type) => extreme("max", "bool_or", value, over, type),
  },
  reasons: (texts) => `concat_ws('; ', ${texts.join(",\n    ")})`,
  json: (fields) =>
    `(select cast(row_to_json(r) as text) from (select ${fields.map(({ name, value }) => `${value} as ${quoteIdentifier(name)}`).join(", ")}) as r)`,
  mode: null,
  quantile: (value: string, share: number) => `percentile_cont(${share}) within group (order by ${value})`,
  byteOrder: (column) => `${column} collate "C"`,
} satisfies SqlDialect);

/** Of several matches PostgreSQL takes the longest, the other engines the first. */
function notPortable(pattern: string): MillwrightError {
  return new MillwrightError({
    code: "pattern-not-portable",
    what: `what the regular expression ${pattern} extracts may differ on PostgreSQL, which looks for the longest match`,
    fix: "write it without lazy repetitions, and with alternatives and repeated groups that begin with different characters",
  });
}
