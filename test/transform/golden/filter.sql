-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from flights
where (not ("delay" is null)) and (("carrier" in ('UA', 'AA')) or regexp_matches("tailnum", '^N[0-9]'))

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`
from flights
where (not (`delay` is null)) and ((`carrier` in ('UA', 'AA')) or regexp_like(`tailnum`, '^N[0-9]'))

-- trino
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from flights
where (not ("delay" is null)) and (("carrier" in ('UA', 'AA')) or regexp_like("tailnum", '^N[0-9]'))

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from "flights by bytes"
where (not ("delay" is null)) and (("carrier" in ('UA', 'AA')) or ("tailnum" ~ '^N[0-9]'))

-- snowflake
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from flights
where (not ("delay" is null)) and (("carrier" in ('UA', 'AA')) or (regexp_instr("tailnum", '^N[0-9]') > 0))

-- bigquery
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`
from flights
where (not (`delay` is null)) and ((`carrier` in ('UA', 'AA')) or regexp_contains(`tailnum`, '^N[0-9]'))

-- redshift
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from flights
where (not ("delay" is null)) and (("carrier" in ('UA', 'AA')) or (regexp_instr("tailnum", '^N[0-9]', 1, 1, 0, 'p') > 0))
