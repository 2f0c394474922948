/**
 * The cleaning job by hand, in the best DuckDB SQL that we know, as a process of its own: `node sql.ts VARIANT RAW OUT`.
 * Medians are exact, deviations are of the population, the file is on the disk at the end.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { syncToDisk } from "../sync.ts";

const [variant = "", raw = "", out = ""] = process.argv.slice(2);
const flights = `read_parquet('${raw}')`;
const origins = ["EWR", "JFK", "LGA"];
const carriers = ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"];
const onehot = (column: string, values: readonly string[]) =>
  values.map((value) => `coalesce(${column} = '${value}', false) as "${column}_${value}"`).join(", ");

/** Names with a prefix are the statistics', so that one row of them can stand beside every flight. */
const cleaned = `
  id, year, month, day, dep_time, sched_dep_time, coalesce(dep_delay, m_dep_delay) as dep_delay, arr_time, sched_arr_time,
  coalesce(arr_delay, m_arr_delay) as arr_delay, flight, tailnum, dest, (coalesce(air_time, m_air_time) - s_air_time) / d_air_time as air_time,
  (distance - s_distance) / d_distance as distance, hour, minute, make_timestamp(epoch_us(try_cast(time_hour as timestamptz))) as time_hour, updated_at,
  coalesce(arr_delay, m_arr_delay) > 15 as late, carrier || flight as code, hour * 60 + minute as minute_of_day,
  ${onehot("origin", origins)}, ${onehot("carrier", carriers)}`;

const ranked = "row_number() over (partition by id order by updated_at desc nulls last) = 1";
const newestOfRepeated = `select * from ${flights} where id in (from repeated) qualify ${ranked}`;

/** One pass for all statistics: mean and deviation after filling follow from those before it. */
const statistics = (rows: string) => [
  `create temp table medians as
    select median(dep_delay) as m_dep_delay, median(arr_delay) as m_arr_delay, median(air_time) as m_air_time, avg(distance) as s_distance,
      stddev_pop(distance) as d_distance, count(air_time) as known, count(*) - count(air_time) as filled, avg(air_time) as mean, var_pop(air_time) as variance
    from (${rows})`,
  `create temp table statistics as
    with means as (select *, (known * mean + filled * m_air_time) / (known + filled) as s_air_time from medians)
    select * exclude (known, filled, mean, variance),
      sqrt((known * (variance + pow(mean - s_air_time, 2)) + filled * pow(m_air_time - s_air_time, 2)) / (known + filled)) as d_air_time
    from means`,
];

const copy = (rows: string) => `copy (select ${cleaned} from (${rows}), statistics) to '${out}' (format parquet)`;
const repeated = `create temp table repeated as select id from ${flights} group by id having count(*) > 1`;
const beside = (newest: string) => `select * from ${flights} where id not in (from repeated) union all ${newest}`;

const variants: Readonly<Record<string, readonly string[]>> = {
  "every-row-ranked": [
    `create temp table ranked as select * from ${flights} qualify ${ranked}`,
    ...statistics("from ranked"),
    copy("from ranked"),
  ],
  "repeated-keys-ranked": [repeated, ...statistics(beside(`(${newestOfRepeated})`)), copy(beside(`(${newestOfRepeated})`))],
  "repeated-keys-ranked-once": [
    repeated,
    `create temp table newest as ${newestOfRepeated}`,
    ...statistics(beside("from newest")),
    copy(beside("from newest")),
  ],
};

const instance = await DuckDBInstance.create(
  ":memory:",
  process.env["BENCH_MEMORY"] === undefined ? {} : { memory_limit: process.env["BENCH_MEMORY"] },
);
const connection = await instance.connect();
// Order costs: nobody asked for it. The zone makes a text without one UTC.
for (const statement of [
  "set timezone = 'UTC'",
  "set preserve_insertion_order = false",
  ...(variants[variant] ?? [`select error('no variant ${variant}')`]),
])
  await connection.run(statement);
await syncToDisk(out);
connection.closeSync();
instance.closeSync();
