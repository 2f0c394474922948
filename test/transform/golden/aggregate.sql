-- duckdb
select "carrier", "origin", count(*) as "flights", avg(cast("delay" > 15 as INTEGER)) as "late", median("delay") as "middle",
  cast(sum("distance") as BIGINT) as "miles"
from flights
group by "carrier", "origin"

-- spark
select `carrier`, `origin`, count(*) as `flights`, avg(cast(`delay` > 15 as INT)) as `late`,
  percentile(`delay`, 0.5) as `middle`, sum(`distance`) as `miles`
from flights
group by `carrier`, `origin`

-- trino
select "carrier", "origin", count(*) as "flights", avg(cast(("delay" > 15 or is_nan("delay")) as INTEGER)) as "late",
  transform(array[array_sort(filter(array_agg(cast("delay" as DOUBLE)), v -> v is not null))], a -> if(cardinality(a) = 0, null, if(((0.5e0 * (cardinality(a) - 1)) - floor(0.5e0 * (cardinality(a) - 1))) = 0, a[cast(floor(0.5e0 * (cardinality(a) - 1)) as INTEGER) + 1], a[cast(floor(0.5e0 * (cardinality(a) - 1)) as INTEGER) + 1] * (1 - ((0.5e0 * (cardinality(a) - 1)) - floor(0.5e0 * (cardinality(a) - 1)))) + a[cast(ceil(0.5e0 * (cardinality(a) - 1)) as INTEGER) + 1] * ((0.5e0 * (cardinality(a) - 1)) - floor(0.5e0 * (cardinality(a) - 1))))))[1] as "middle",
  sum("distance") as "miles"
from flights
group by "carrier", "origin"

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "carrier", "origin", count(*) as "flights", avg(cast(cast("delay" > 15 as integer) as double precision)) as "late",
  percentile_disc(0.5) within group (order by cast("delay" as double precision)) / 2 + percentile_disc(0.5) within group (order by cast("delay" as double precision) desc) / 2 as "middle",
  cast(sum("distance") as bigint) as "miles"
from "flights by bytes"
group by "carrier", "origin"

-- snowflake
select "carrier", "origin", count(*) as "flights", avg(cast(cast("delay" > 15 as INTEGER) as DOUBLE)) as "late",
  median(cast("delay" as DOUBLE)) as "middle", cast(sum("distance") as BIGINT) as "miles"
from flights
group by "carrier", "origin"

-- bigquery
select `carrier`, `origin`, count(*) as `flights`,
  avg(cast(cast((`delay` > 15 or is_nan(`delay`)) as INT64) as FLOAT64)) as `late`,
  array_agg(cast(`delay` as FLOAT64) ignore nulls order by cast(`delay` as FLOAT64))[safe_offset(cast(floor(0.5e0 * (count(cast(`delay` as FLOAT64)) - 1)) as INT64))] + (array_agg(cast(`delay` as FLOAT64) ignore nulls order by cast(`delay` as FLOAT64))[safe_offset(cast(ceil(0.5e0 * (count(cast(`delay` as FLOAT64)) - 1)) as INT64))] - array_agg(cast(`delay` as FLOAT64) ignore nulls order by cast(`delay` as FLOAT64))[safe_offset(cast(floor(0.5e0 * (count(cast(`delay` as FLOAT64)) - 1)) as INT64))]) * ((0.5e0 * (count(cast(`delay` as FLOAT64)) - 1)) - floor(0.5e0 * (count(cast(`delay` as FLOAT64)) - 1))) as `middle`,
  sum(`distance`) as `miles`
from flights
group by `carrier`, `origin`

-- redshift
select "carrier", "origin", count(*) as "flights", avg(cast(cast("delay" > 15 as integer) as double precision)) as "late",
  median(cast("delay" as double precision)) as "middle", cast(sum("distance") as bigint) as "miles"
from flights
group by "carrier", "origin"
