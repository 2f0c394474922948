import { quoteIdentifier } from "../systems/duckdb/connection.ts";
import { list } from "./print-parts.ts";

/** A quantile to be computed under a name, of an expression that yields doubles. */
export interface Quantile {
  readonly name: string;
  readonly value: string;
  /** 0 to 1. */
  readonly share: number;
}

/** The rows that statistics are computed of: what comes before a `select`, and what it selects from. */
export interface Chained {
  readonly text: string;
  readonly name: string;
}

/** Of the rows that are drawn, so many standard deviations on each side of a share hold it: less than once in 10^14 they do not, and then the query fails. */
const deviations = 8;

/**
 * Quantiles of many rows in DuckDB, whose own keep every value in memory, uncounted: 100 million rows take gigabytes for each column.
 * One row in a hundred is drawn and bounds each quantile; within its bounds the rows are counted by value, outside of them by side, all in one pass.
 * The result is that of `quantile_cont`: the value at rank (n - 1) x share, interpolated. Memory is that of the different values within the bounds,
 * and spills to disk.
 *
 * @param others expressions over the same rows, computed in a pass of their own; `fit_rows` may be among them
 * @returns one row with the columns of `quantiles` and `others`, by name
 */
export function countedFits(
  chain: Chained,
  quantiles: readonly Quantile[],
  others: readonly { readonly name: string; readonly sql: string }[],
): string {
  const values = quantiles.map(({ value }, index) => `${value} as v${index}`);
  const drawn = quantiles.map((_, index) => `list_sort(list(v${index}) filter (v${index} is not null)) as d${index}`);
  const bounds = quantiles.flatMap(({ share }, index) => {
    const count = `len(d${index})`;
    const margin = `${deviations / 2} * sqrt(${count})`;
    return [
      // The place before the first, and after the last, is null: no bound.
      `d${index}[cast(greatest(floor(${count} * ${share} - ${margin}), 0) as BIGINT)] as l${index}`,
      `d${index}[cast(ceil(${count} * ${share} + ${margin}) + 1 as BIGINT)] as h${index}`,
    ];
  });
  const sides = quantiles.flatMap((_, index) => {
    const [value, below, above] = [`v${index}`, `coalesce(v${index} < l${index}, false)`, `coalesce(v${index} > h${index}, false)`];
    return [
      `case when ${value} is null then null when ${below} then -1 when ${above} then 1 else 0 end as s${index}`,
      `case when not ${below} and not ${above} then ${value} end as w${index}`,
    ];
  });
  const keys = quantiles.map((_, index) => `s${index}, w${index}`);
  const parts = [
    `fit_values as (select ${list(values)} from ${chain.name})`,
    `fit_drawn as (select ${list(drawn)} from (select * from fit_values using sample 1% (bernoulli)))`,
    `fit_bounds as materialized (select ${list(bounds)} from fit_drawn)`,
    `fit_sides as (select ${list(sides)} from fit_values, fit_bounds)`,
    `fit_counts as materialized (select ${list(keys)}, grouping(${list(quantiles.map((_, index) => `s${index}`))}) as g, count(*) as n\n  from fit_sides group by grouping sets (${list(keys.map((key) => `(${key})`))}))`,
    ...(others.length === 0
      ? []
      : [
          `fit_others as materialized (select ${list(others.map(({ name, sql }) => `${sql} as ${quoteIdentifier(name)}`))} from ${chain.name})`,
        ]),
  ];
  const columns = [
    ...quantiles.map((quantile, index) => `${ranked(quantile, index, quantiles.length)} as ${quoteIdentifier(quantile.name)}`),
    ...others.map(({ name }) => `(select ${quoteIdentifier(name)} from fit_others) as ${quoteIdentifier(name)}`),
  ];
  const before = chain.text === "" ? "with " : `${chain.text.trimEnd()},\n`;
  return `${before}${parts.join(",\n")}\nselect ${list(columns)}`;
}

/** The interpolated value at a share of the way through the counts of one quantile. */
function ranked({ share }: Quantile, index: number, all: number): string {
  // Grouping gives a bit of 1 for each key that a row is not grouped by; the first key has the highest.
  const which = 2 ** all - 1 - 2 ** (all - 1 - index);
  const at = (rank: string): string => `arg_min({ s: s, w: w }, upto) filter (where upto > ${rank})`;
  return `(select case
    when lower is null then null
    when lower.s <> 0 or upper.s <> 0 then error('the rows that were drawn do not bound the quantile: run again')
    when lower.w = upper.w then lower.w
    else lower.w * (1 - (h - floor(h))) + upper.w * (h - floor(h)) end
  from (select any_value(h) as h, ${at("floor(h)")} as lower, ${at("ceil(h)")} as upper
    from (select s, w, upto, (max(upto) over () - 1) * ${share}::DOUBLE as h
      from (select s${index} as s, w${index} as w, sum(n) over (order by s${index}, w${index}) as upto from fit_counts where g = ${which} and s${index} is not null))))`;
}
