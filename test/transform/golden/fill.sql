-- duckdb
select "id", coalesce("carrier", 'it''s \ none') as "carrier", coalesce("origin", cast('EWR' as VARCHAR)) as "origin",
  last_value("tailnum" ignore nulls) over (partition by "carrier" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last rows between unbounded preceding and current row) as "tailnum",
  "at", "hour", coalesce("delay", (-1.5e0)) as "delay", coalesce(cast("distance" as DOUBLE), 10e0) as "distance"
from flights

-- spark
select `id`, coalesce(`carrier`, 'it\'s \\ none') as `carrier`, coalesce(`origin`, cast('EWR' as STRING)) as `origin`,
  last_value(`tailnum`) ignore nulls over (partition by `carrier` order by `at` nulls last, `id` nulls last, `origin` nulls last, `tailnum` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last rows between unbounded preceding and current row) as `tailnum`,
  `at`, `hour`, coalesce(`delay`, (-1.5D)) as `delay`, coalesce(cast(`distance` as DOUBLE), 10D) as `distance`
from flights

-- trino
select "id", coalesce("carrier", 'it''s \ none') as "carrier", coalesce("origin", cast('EWR' as VARCHAR)) as "origin",
  last_value("tailnum") ignore nulls over (partition by "carrier" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last rows between unbounded preceding and current row) as "tailnum",
  "at", "hour", coalesce("delay", (-1.5e0)) as "delay", coalesce(cast("distance" as DOUBLE), 10e0) as "distance"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"counted_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    count("tailnum") over (partition by "carrier" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last rows between unbounded preceding and current row) as "known of tailnum"
  from "flights by bytes"
)
select "id", coalesce("carrier", 'it''s \ none') as "carrier", coalesce("origin", cast('EWR' as text)) as "origin",
  first_value("tailnum") over (partition by "carrier", "known of tailnum" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "tailnum",
  "at", "hour", coalesce("delay", (cast(-1.5e0 as double precision))) as "delay",
  coalesce(cast("distance" as double precision), cast(10e0 as double precision)) as "distance"
from "counted_1"

-- snowflake
select "id", coalesce("carrier", 'it\'s \\ none') as "carrier", coalesce("origin", cast('EWR' as VARCHAR)) as "origin",
  last_value("tailnum") ignore nulls over (partition by "carrier" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last rows between unbounded preceding and current row) as "tailnum",
  "at", "hour", coalesce("delay", (cast(-1.5e0 as DOUBLE))) as "delay",
  coalesce(cast("distance" as DOUBLE), cast(10e0 as DOUBLE)) as "distance"
from flights

-- bigquery
select `id`, coalesce(`carrier`, 'it\'s \\ none') as `carrier`, coalesce(`origin`, cast('EWR' as STRING)) as `origin`,
  last_value(`tailnum` ignore nulls) over (partition by `carrier` order by `at` nulls last, `id` nulls last, `origin` nulls last, `tailnum` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last rows between unbounded preceding and current row) as `tailnum`,
  `at`, `hour`, coalesce(`delay`, (-1.5e0)) as `delay`, coalesce(cast(`distance` as FLOAT64), 10e0) as `distance`
from flights

-- redshift
select "id", coalesce("carrier", 'it\'s \\ none') as "carrier",
  coalesce("origin", cast('EWR' as varchar(65535))) as "origin",
  last_value("tailnum" ignore nulls) over (partition by "carrier" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last rows between unbounded preceding and current row) as "tailnum",
  "at", "hour", coalesce("delay", (cast(-1.5e0 as double precision))) as "delay",
  coalesce(cast("distance" as double precision), cast(10e0 as double precision)) as "distance"
from flights
