-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  case when "at" is not null then avg("delay") over (partition by "origin" order by "at" range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as "recent",
  case when "at" is not null then median("delay") over (partition by "origin" order by "at" range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as "middle",
  case when "at" is not null then count(distinct "carrier") over (partition by "origin" order by "at" range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as "carriers"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  case when `at` is not null then avg(`delay`) over (partition by `origin` order by `at` range between interval '7200' second preceding and interval '0.000001' second preceding) end as `recent`,
  case when `at` is not null then percentile(`delay`, 0.5) over (partition by `origin` order by `at` range between interval '7200' second preceding and interval '0.000001' second preceding) end as `middle`,
  case when `at` is not null then cast(size(collect_set(`carrier`) over (partition by `origin` order by `at` range between interval '7200' second preceding and interval '0.000001' second preceding)) as BIGINT) end as `carriers`
from flights

-- trino
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  case when "at" is not null then avg("delay") over (partition by "origin" order by (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', "at")) * 1000000 + cast(substr(cast(cast("at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) range between 7200000000 preceding and 1 preceding) end as "recent",
  case when "at" is not null then transform(array[array_sort(filter(array_agg(cast("delay" as DOUBLE)) over (partition by "origin" order by (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', "at")) * 1000000 + cast(substr(cast(cast("at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) range between 7200000000 preceding and 1 preceding), v -> v is not null))], a -> if(cardinality(a) = 0, null, if(((0.5e0 * (cardinality(a) - 1)) - floor(0.5e0 * (cardinality(a) - 1))) = 0, a[cast(floor(0.5e0 * (cardinality(a) - 1)) as INTEGER) + 1], a[cast(floor(0.5e0 * (cardinality(a) - 1)) as INTEGER) + 1] * (1 - ((0.5e0 * (cardinality(a) - 1)) - floor(0.5e0 * (cardinality(a) - 1)))) + a[cast(ceil(0.5e0 * (cardinality(a) - 1)) as INTEGER) + 1] * ((0.5e0 * (cardinality(a) - 1)) - floor(0.5e0 * (cardinality(a) - 1))))))[1] end as "middle",
  case when "at" is not null then cast(coalesce(cardinality(array_distinct(array_sort(filter(array_agg("carrier") over (partition by "origin" order by (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', "at")) * 1000000 + cast(substr(cast(cast("at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) range between 7200000000 preceding and 1 preceding), v -> v is not null)))), 0) as BIGINT) end as "carriers"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"numbered_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    dense_rank() over (order by "origin") as "group of row",
    row_number() over (partition by "origin" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "place of row"
  from "flights by bytes"
),
"gathered_1" as (
  select t."group of row", t."place of row", avg(cast(o."delay" as double precision)) as "value 1",
    percentile_disc(0.5) within group (order by cast(o."delay" as double precision)) / 2 + percentile_disc(0.5) within group (order by cast(o."delay" as double precision) desc) / 2 as "value 2",
    count(distinct o."carrier") as "value 3"
  from "numbered_1" as t join "numbered_1" as o on t."group of row" = o."group of row" and o."at" >= t."at" - interval '2 hours' and o."at" < t."at"
  group by t."group of row", t."place of row"
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  case when t."at" is not null then g."value 1" end as "recent",
  case when t."at" is not null then g."value 2" end as "middle",
  case when t."at" is not null then coalesce(g."value 3", 0) end as "carriers"
from "numbered_1" as t left join "gathered_1" as g on t."group of row" = g."group of row" and t."place of row" = g."place of row"

-- snowflake
with "numbered_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    dense_rank() over (order by "origin") as "group of row",
    row_number() over (partition by "origin" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "place of row"
  from flights
),
"gathered_1" as (
  select t."group of row", t."place of row", avg(cast(o."delay" as DOUBLE)) as "value 1",
    median(cast(o."delay" as DOUBLE)) as "value 2", count(distinct o."carrier") as "value 3"
  from "numbered_1" as t join "numbered_1" as o on t."group of row" = o."group of row" and o."at" >= t."at" - interval '2 hours' and o."at" < t."at"
  group by t."group of row", t."place of row"
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  case when t."at" is not null then g."value 1" end as "recent",
  case when t."at" is not null then g."value 2" end as "middle",
  case when t."at" is not null then coalesce(g."value 3", 0) end as "carriers"
from "numbered_1" as t left join "gathered_1" as g on t."group of row" = g."group of row" and t."place of row" = g."place of row"

-- bigquery
with `numbered_1` as (
  select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
    dense_rank() over (order by `origin`) as `group of row`,
    row_number() over (partition by `origin` order by `at` nulls last, `id` nulls last, `carrier` nulls last, `tailnum` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last) as `place of row`
  from flights
),
`gathered_1` as (
  select t.`group of row`, t.`place of row`, avg(cast(o.`delay` as FLOAT64)) as `value 1`,
    array_agg(cast(o.`delay` as FLOAT64) ignore nulls order by cast(o.`delay` as FLOAT64))[safe_offset(cast(floor(0.5e0 * (count(cast(o.`delay` as FLOAT64)) - 1)) as INT64))] + (array_agg(cast(o.`delay` as FLOAT64) ignore nulls order by cast(o.`delay` as FLOAT64))[safe_offset(cast(ceil(0.5e0 * (count(cast(o.`delay` as FLOAT64)) - 1)) as INT64))] - array_agg(cast(o.`delay` as FLOAT64) ignore nulls order by cast(o.`delay` as FLOAT64))[safe_offset(cast(floor(0.5e0 * (count(cast(o.`delay` as FLOAT64)) - 1)) as INT64))]) * ((0.5e0 * (count(cast(o.`delay` as FLOAT64)) - 1)) - floor(0.5e0 * (count(cast(o.`delay` as FLOAT64)) - 1))) as `value 2`,
    count(distinct o.`carrier`) as `value 3`
  from `numbered_1` as t join `numbered_1` as o on t.`group of row` = o.`group of row` and o.`at` >= t.`at` - interval 2 hour and o.`at` < t.`at`
  group by t.`group of row`, t.`place of row`
)
select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`,
  case when t.`at` is not null then g.`value 1` end as `recent`,
  case when t.`at` is not null then g.`value 2` end as `middle`,
  case when t.`at` is not null then coalesce(g.`value 3`, 0) end as `carriers`
from `numbered_1` as t left join `gathered_1` as g on t.`group of row` = g.`group of row` and t.`place of row` = g.`place of row`

-- redshift
with "numbered_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    dense_rank() over (order by "origin") as "group of row",
    row_number() over (partition by "origin" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "place of row"
  from flights
),
"gathered_1" as (
  select t."group of row", t."place of row", avg(cast(o."delay" as double precision)) as "value 1",
    median(cast(o."delay" as double precision)) as "value 2", count(distinct o."carrier") as "value 3"
  from "numbered_1" as t join "numbered_1" as o on t."group of row" = o."group of row" and o."at" >= t."at" - interval '2 hours' and o."at" < t."at"
  group by t."group of row", t."place of row"
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  case when t."at" is not null then g."value 1" end as "recent",
  case when t."at" is not null then g."value 2" end as "middle",
  case when t."at" is not null then coalesce(g."value 3", 0) end as "carriers"
from "numbered_1" as t left join "gathered_1" as g on t."group of row" = g."group of row" and t."place of row" = g."place of row"
