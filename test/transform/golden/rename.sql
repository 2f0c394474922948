-- duckdb
select "id", "carrier", "origin", "tailnum", "at" as "scheduled", "hour", "delay", "distance"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at` as `scheduled`, `hour`, `delay`, `distance`
from flights
