-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  lag("delay", 1) over (partition by "tailnum" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "origin" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "last_delay"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  lag(`delay`, 1) over (partition by `tailnum` order by `at` nulls last, `id` nulls last, `carrier` nulls last, `origin` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last) as `last_delay`
from flights

-- trino
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  lag("delay", 1) over (partition by "tailnum" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "origin" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "last_delay"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  lag("delay", 1) over (partition by "tailnum" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "origin" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "last_delay"
from "flights by bytes"

-- snowflake
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  lag("delay", 1) over (partition by "tailnum" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "origin" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "last_delay"
from flights

-- bigquery
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  lag(`delay`, 1) over (partition by `tailnum` order by `at` nulls last, `id` nulls last, `carrier` nulls last, `origin` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last) as `last_delay`
from flights

-- redshift
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  lag("delay", 1) over (partition by "tailnum" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "origin" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "last_delay"
from flights
