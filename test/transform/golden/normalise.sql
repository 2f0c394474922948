-- duckdb
select ln(case when cast("id" as DOUBLE) > -1 then 1 + cast("id" as DOUBLE) end) as "id", "carrier", "origin", "tailnum",
  "at", "hour", ("delay" - 5e0) / 2.5e0 as "delay", (cast("distance" as DOUBLE) - 100e0) / 200e0 as "distance"
from flights

-- spark
select ln(case when cast(`id` as DOUBLE) > -1 then 1 + cast(`id` as DOUBLE) end) as `id`, `carrier`, `origin`, `tailnum`,
  `at`, `hour`, (`delay` - 5D) / 2.5D as `delay`, (cast(`distance` as DOUBLE) - 100D) / 200D as `distance`
from flights
