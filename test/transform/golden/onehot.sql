-- duckdb
select "id", coalesce("carrier" = 'AA', false) as "carrier_AA", coalesce("carrier" = 'UA', false) as "carrier_UA", "origin",
  "tailnum", "at", "hour", "delay", "distance"
from flights

-- spark
select `id`, coalesce(`carrier` = 'AA', false) as `carrier_AA`, coalesce(`carrier` = 'UA', false) as `carrier_UA`, `origin`,
  `tailnum`, `at`, `hour`, `delay`, `distance`
from flights
