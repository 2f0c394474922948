import { duckdbTypeOf, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { converter } from "./convert.ts";
import { intervalWords, timestampLine, withExponent, type PrintCall, type SqlDialect } from "./dialect.ts";
import { printPattern } from "./pattern.ts";

/** A part of a date or time; DuckDB gives it as bigint. */
const part =
  (name: string): PrintCall =>
  ([value]) =>
    `cast(${name}(${value}) as INTEGER)`;

const interval = (microseconds: number) => `interval '${intervalWords(microseconds)}'`;
const pattern = { end: "\\z", boundary: ["\\b", "\\B"] } as const;
const matches = (value: string, text: string) => `regexp_matches(${value}, ${text})`;
const attempt = (value: string, to: Parameters<typeof duckdbTypeOf>[0]) => `try_cast(${value} as ${duckdbTypeOf(to)})`;
/** Its offset from UTC is ignored by a plain cast to TIMESTAMP; 'at time zone' measured four times as slow. */
const instant = (value: string) => `make_timestamp(epoch_us(try_cast(${value} as TIMESTAMPTZ)))`;

const convert = converter({
  type: duckdbTypeOf,
  text: quoteLiteral,
  double: withExponent,
  trim: (value) => `trim(${value})`,
  pattern,
  matches,
  attemptText: attempt,
  attemptNumber: attempt,
  exactNumber: "DECIMAL(38,0)",
  // Adding 0 makes 0 of -0.
  doubleText: (value) =>
    `case when isfinite(${value}) then cast(${value} + 0e0 as VARCHAR) when ${value} > 0 then case when isnan(${value}) then 'NaN' else 'Infinity' end when ${value} < 0 then '-Infinity' end`,
  timestampText: (value) => `cast(${value} as VARCHAR)`,
  readDate: (value) => attempt(value, "date"),
  readTimestamp: instant,
});

/** DuckDB 1.5. The session's time zone is UTC. */
export const duckdb: SqlDialect = Object.freeze({
  name: "duckdb",
  identifier: quoteIdentifier,
  type: duckdbTypeOf,
  text: quoteLiteral,
  double: withExponent,
  bigint: (value: string) => `cast(${value} as BIGINT)`,
  timestamp: (value: string) => `timestamp '${value}'`,
  interval,
  convert(value, from, to) {
    if (to !== "timestamp" || from !== "text") return convert(value, from, to);
    // The usual spellings are seen by their shape: reading every text by a regular expression measured three times as slow.
    const shapes = [" __:__:__", "T__:__:__Z"].map((time) => `(${value} like '____-__-__${time}' and ${value} not like '%${time[0]}24:%')`);
    return `case when ${shapes.join(" or ")} then ${instant(value)} else ${convert(value, from, to)} end`;
  },
  compareDoubles: null,
  repeated: {
    same: (a: string, b: string) => `${a} is not distinct from ${b}`,
    antiJoin: "anti join",
    semiJoin: "semi join",
  },
  asOfJoin: true,
  lastKnown: (value: string, over: string) => `last_value(${value} ignore nulls) ${over}`,
  timeline: timestampLine(interval),
  framed: () => true,
  pattern,
  matches,
  extract: (value, regular, group) => `regexp_extract(${value}, ${quoteLiteral(printPattern(regular, pattern))}, ${group})`,
  calls: {
    year: part("year"),
    month: part("month"),
    dayOfMonth: part("day"),
    dayOfWeek: part("isodow"),
    dayOfYear: part("dayofyear"),
    hour: part("hour"),
    minute: part("minute"),
    length: part("length"),
    startsWith: ([value, start]) => `starts_with(${value}, ${start})`,
    round: ([value, digits]) => `round(${value}, ${digits})`,
    minutesBetween: ([from, to]) => `date_diff('microsecond', ${from}, ${to}) / 60e6`,
    truncate: ([value, unit]) => `date_trunc(${unit}, ${value})`,
  },
  aggregates: {
    // Sums of integers are 128 bits wide here.
    sum: (value, over, type) => (type === "integer" || type === "bigint" ? `cast(sum(${value})${over} as BIGINT)` : `sum(${value})${over}`),
    median: (value, over) => `median(${value})${over}`,
  },
  reasons: (texts) => `concat_ws('; ', ${texts.join(",\n    ")})`,
  json: (fields) => `cast(json_object(${fields.map(({ name, value }) => `${quoteLiteral(name)}, ${value}`).join(", ")}) as VARCHAR)`,
  mode: (value: string) => `mode(${value} order by ${value})`,
  quantile: (value: string, share: number) => `quantile_cont(${value}, ${share})`,
  byteOrder: null,
} satisfies SqlDialect);
