-- duckdb
select "id", "carrier", "origin", "at", "delay", "distance"
from flights

-- spark
select `id`, `carrier`, `origin`, `at`, `delay`, `distance`
from flights
