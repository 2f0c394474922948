-- duckdb
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."year" as "built"
from flights as l left join planes as r on l."tailnum" = r."tailnum"

-- spark
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, r.`year` as `built`
from flights as l left join planes as r on l.`tailnum` = r.`tailnum`

-- trino
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."year" as "built"
from flights as l left join planes as r on l."tailnum" = r."tailnum"

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"planes by bytes" as (
  select "tailnum" collate "C" as "tailnum", "year"
  from planes
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."year" as "built"
from "flights by bytes" as l left join "planes by bytes" as r on l."tailnum" = r."tailnum"

-- snowflake
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."year" as "built"
from flights as l left join planes as r on l."tailnum" = r."tailnum"

-- bigquery
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, r.`year` as `built`
from flights as l left join planes as r on l.`tailnum` = r.`tailnum`

-- redshift
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."year" as "built"
from flights as l left join planes as r on l."tailnum" = r."tailnum"
