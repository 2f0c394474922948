-- duckdb
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."year" as "built"
from flights as l left join planes as r on l."tailnum" = r."tailnum"

-- spark
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, r.`year` as `built`
from flights as l left join planes as r on l.`tailnum` = r.`tailnum`
