-- duckdb
select "delay", "id"
from flights

-- spark
select `delay`, `id`
from flights
