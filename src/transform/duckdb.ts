import { duckdbTypeOf, quoteIdentifier, quoteLiteral } from "../systems/duckdb/connection.ts";
import { intervalWords, type SqlDialect } from "./dialect.ts";

/** A part of a date or time; DuckDB gives it as bigint. */
const part = (name: string) => (value: string) => `cast(${name}(${value}) as INTEGER)`;

/** DuckDB 1.5. The session's time zone is UTC. */
export const duckdb: SqlDialect = Object.freeze({
  name: "duckdb",
  identifier: quoteIdentifier,
  type: duckdbTypeOf,
  text: quoteLiteral,
  // An exponent makes it a double: without one it is a decimal.
  double: (value: number) => (String(value).includes("e") ? String(value) : `${value}e0`),
  bigint: (value: string) => `cast(${value} as BIGINT)`,
  timestamp: (value: string) => `timestamp '${value}'`,
  interval: (microseconds: number) => `interval '${intervalWords(microseconds)}'`,
  convert(value, from, to) {
    const type = duckdbTypeOf(to);
    if (from === to) return value;
    const whole = to === "integer" || to === "bigint";
    // DuckDB would round: a fraction is not a whole number, and '1.5' does not spell one.
    if (whole && from === "text")
      return `case when regexp_full_match(trim(${value}), '[+-]?[0-9]+') then try_cast(${value} as ${type}) end`;
    if (whole && (from === "double" || from?.startsWith("decimal")))
      return `case when ${value} = trunc(${value}) then try_cast(${value} as ${type}) end`;
    // A plain cast to TIMESTAMP ignores the text's offset from UTC; 'at time zone' measured four times as slow.
    if (to === "timestamp" && from === "text") return `make_timestamp(epoch_us(try_cast(${value} as TIMESTAMPTZ)))`;
    return `try_cast(${value} as ${type})`;
  },
  same: (a: string, b: string) => `${a} is not distinct from ${b}`,
  antiJoin: "anti join",
  semiJoin: "semi join",
  asOfJoin: true,
  lastKnown: (value: string, over: string) => `last_value(${value} ignore nulls) ${over}`,
  calls: {
    year: part("year"),
    month: part("month"),
    dayOfMonth: part("day"),
    dayOfWeek: part("isodow"),
    dayOfYear: part("dayofyear"),
    hour: part("hour"),
    minute: part("minute"),
    length: part("length"),
    matches: (value = "", pattern = "") => `regexp_matches(${value}, ${pattern})`,
    startsWith: (value = "", start = "") => `starts_with(${value}, ${start})`,
    minutesBetween: (from = "", to = "") => `date_diff('microsecond', ${from}, ${to}) / 60e6`,
    truncate: (value = "", unit = "") => `date_trunc(${unit}, ${value})`,
  },
  aggregates: {
    // Sums of integers are 128 bits wide here.
    sum: (value, over, type) => (type === "integer" || type === "bigint" ? `cast(sum(${value})${over} as BIGINT)` : `sum(${value})${over}`),
    median: (value, over) => `median(${value})${over}`,
  },
  rowJson: (alias: string) => `cast(to_json(${alias}) as VARCHAR)`,
  mode: (value: string) => `mode(${value} order by ${value})`,
  quantile: (value: string, share: number) => `quantile_cont(${value}, ${share})`,
} satisfies SqlDialect);
