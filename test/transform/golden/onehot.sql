-- duckdb
select "id", coalesce("carrier" = 'AA', false) as "carrier_AA", coalesce("carrier" = 'UA', false) as "carrier_UA", "origin",
  "tailnum", "at", "hour", "delay", "distance"
from flights

-- spark
select `id`, coalesce(`carrier` = 'AA', false) as `carrier_AA`, coalesce(`carrier` = 'UA', false) as `carrier_UA`, `origin`,
  `tailnum`, `at`, `hour`, `delay`, `distance`
from flights

-- trino
select "id", coalesce("carrier" = 'AA', false) as "carrier_AA", coalesce("carrier" = 'UA', false) as "carrier_UA", "origin",
  "tailnum", "at", "hour", "delay", "distance"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", coalesce("carrier" = 'AA', false) as "carrier_AA", coalesce("carrier" = 'UA', false) as "carrier_UA", "origin",
  "tailnum", "at", "hour", "delay", "distance"
from "flights by bytes"

-- snowflake
select "id", coalesce("carrier" = 'AA', false) as "carrier_AA", coalesce("carrier" = 'UA', false) as "carrier_UA", "origin",
  "tailnum", "at", "hour", "delay", "distance"
from flights

-- bigquery
select `id`, coalesce(`carrier` = 'AA', false) as `carrier_AA`, coalesce(`carrier` = 'UA', false) as `carrier_UA`, `origin`,
  `tailnum`, `at`, `hour`, `delay`, `distance`
from flights

-- redshift
select "id", coalesce("carrier" = 'AA', false) as "carrier_AA", coalesce("carrier" = 'UA', false) as "carrier_UA", "origin",
  "tailnum", "at", "hour", "delay", "distance"
from flights
