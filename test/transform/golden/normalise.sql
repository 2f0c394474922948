-- duckdb
select ln(case when cast("id" as DOUBLE) <= -1 then null else 1 + cast("id" as DOUBLE) end) as "id", "carrier", "origin",
  "tailnum", "at", "hour", ("delay" - 5e0) / 2.5e0 as "delay",
  (cast("distance" as DOUBLE) - 100e0) / 200e0 as "distance"
from flights

-- spark
select ln(case when cast(`id` as DOUBLE) <= -1 then null else 1 + cast(`id` as DOUBLE) end) as `id`, `carrier`, `origin`,
  `tailnum`, `at`, `hour`, (`delay` - 5D) / 2.5D as `delay`, (cast(`distance` as DOUBLE) - 100D) / 200D as `distance`
from flights

-- trino
select ln(case when cast("id" as DOUBLE) <= -1 then null else 1 + cast("id" as DOUBLE) end) as "id", "carrier", "origin",
  "tailnum", "at", "hour", ("delay" - 5e0) / 2.5e0 as "delay",
  (cast("distance" as DOUBLE) - 100e0) / 200e0 as "distance"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select ln(case when cast("id" as double precision) <= -1 then null else 1 + cast("id" as double precision) end) as "id",
  "carrier", "origin", "tailnum", "at", "hour",
  ("delay" - cast(5e0 as double precision)) / cast(2.5e0 as double precision) as "delay",
  (cast("distance" as double precision) - cast(100e0 as double precision)) / cast(200e0 as double precision) as "distance"
from "flights by bytes"

-- snowflake
select ln(case when cast("id" as DOUBLE) <= -1 then null else 1 + cast("id" as DOUBLE) end) as "id", "carrier", "origin",
  "tailnum", "at", "hour", ("delay" - cast(5e0 as DOUBLE)) / cast(2.5e0 as DOUBLE) as "delay",
  (cast("distance" as DOUBLE) - cast(100e0 as DOUBLE)) / cast(200e0 as DOUBLE) as "distance"
from flights

-- bigquery
select ln(case when cast(`id` as FLOAT64) <= -1 then null else 1 + cast(`id` as FLOAT64) end) as `id`, `carrier`, `origin`,
  `tailnum`, `at`, `hour`, (`delay` - 5e0) / 2.5e0 as `delay`,
  (cast(`distance` as FLOAT64) - 100e0) / 200e0 as `distance`
from flights

-- redshift
select ln(case when cast("id" as double precision) <= -1 then null else 1 + cast("id" as double precision) end) as "id",
  "carrier", "origin", "tailnum", "at", "hour",
  ("delay" - cast(5e0 as double precision)) / cast(2.5e0 as double precision) as "delay",
  (cast("distance" as double precision) - cast(100e0 as double precision)) / cast(200e0 as double precision) as "distance"
from flights
