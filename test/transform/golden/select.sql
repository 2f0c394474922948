-- duckdb
select "delay", "id"
from flights

-- spark
select `delay`, `id`
from flights

-- trino
select "delay", "id"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "delay", "id"
from "flights by bytes"

-- snowflake
select "delay", "id"
from flights

-- bigquery
select `delay`, `id`
from flights

-- redshift
select "delay", "id"
from flights
