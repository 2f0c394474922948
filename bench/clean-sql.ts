/** The clean job of examples/flights by hand, in the best DuckDB SQL that we know. */
export interface CleanSql {
  readonly name: string;
  /** Statements that read `flights` and write `into` and the refused rows to `quarantine`, in this order. */
  statements(names: { readonly flights: string; readonly into: Target; readonly quarantine: Target }): readonly string[];
}

/** Where a result goes: a table of the lake, or a Parquet file. */
export type Target = { readonly table: string } | { readonly parquet: string };

const timeHour = "make_timestamp(epoch_us(try_cast(time_hour as timestamptz)))";
const unreadable = "read_hour is null and time_hour is not null";
const outside = "distance not between 1 and 12000";

/** Every row ranked within its key: what most people would write. */
const rankAll = (flights: string) =>
  `select *, ${timeHour} as read_hour from ${flights} qualify row_number() over (partition by id order by updated_at desc nulls last) = 1`;

/** Only rows whose key occurs twice are ranked: three times as fast where there are few. */
const rankRepeated = (flights: string) => `
  with repeated as (select id from ${flights} group by id having count(*) > 1),
  newest as (
    select * from ${flights} where id not in (from repeated)
    union all
    (select * from ${flights} where id in (from repeated) qualify row_number() over (partition by id order by updated_at desc nulls last) = 1)
  )
  select *, ${timeHour} as read_hour from newest`;

const cleaned = (rows: string) => `
  select id, year, month, day, dep_time, sched_dep_time, dep_delay, arr_time, sched_arr_time, arr_delay, carrier, flight, tailnum, origin, dest,
    coalesce(air_time, (select median(air_time) from ${rows})) as air_time, distance, hour, minute, read_hour as time_hour, updated_at as scheduled,
    arr_delay > 15 as late, carrier || flight as code
  from ${rows}
  where not coalesce(${unreadable}, false) and not coalesce(${outside}, false)`;

const refused = (rows: string) => `
  select 'flights_clean' as origin, reason, cast(to_json(refused) as varchar) as raw
  from (
    select * exclude (read_hour), concat_ws('; ', case when ${unreadable} then 'time_hour cannot be read as timestamp' end, case when ${outside} then 'distance is not between 1 and 12000' end) as reason
    from ${rows} where (${unreadable}) or ${outside}
  ) as refused`;

function write(query: string, target: Target): string {
  // The property makes one file of the rows, as the product does; without it DuckDB takes longer.
  return "table" in target
    ? `create table ${target.table} with ('write.target-file-size-bytes' = '536870912') as ${query}`
    : `copy (${query}) to '${target.parquet}' (format parquet)`;
}

const twice =
  (rows: (flights: string) => string): CleanSql["statements"] =>
  ({ flights, into, quarantine }) => [
    write(`with rows as (${rows(flights)}) ${cleaned("rows")}`, into),
    write(`with rows as (${rows(flights)}) ${refused("rows")}`, quarantine),
  ];

const once =
  (rows: (flights: string) => string): CleanSql["statements"] =>
  ({ flights, into, quarantine }) => [
    `create or replace temp table rows as ${rows(flights)}`,
    write(cleaned("temp.rows"), into),
    write(refused("temp.rows"), quarantine),
    "drop table temp.rows",
  ];

export const cleanSql: readonly CleanSql[] = [
  { name: "SQL, every row ranked", statements: twice(rankAll) },
  { name: "SQL, repeated keys ranked", statements: twice(rankRepeated) },
  { name: "SQL, the same with a temporary table", statements: once(rankRepeated) },
];
