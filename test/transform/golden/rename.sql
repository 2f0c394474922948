-- duckdb
select "id", "carrier", "origin", "tailnum", "at" as "scheduled", "hour", "delay", "distance"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at` as `scheduled`, `hour`, `delay`, `distance`
from flights

-- trino
select "id", "carrier", "origin", "tailnum", "at" as "scheduled", "hour", "delay", "distance"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at" as "scheduled", "hour", "delay", "distance"
from "flights by bytes"

-- snowflake
select "id", "carrier", "origin", "tailnum", "at" as "scheduled", "hour", "delay", "distance"
from flights

-- bigquery
select `id`, `carrier`, `origin`, `tailnum`, `at` as `scheduled`, `hour`, `delay`, `distance`
from flights

-- redshift
select "id", "carrier", "origin", "tailnum", "at" as "scheduled", "hour", "delay", "distance"
from flights
