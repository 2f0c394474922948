-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from flights
where (not ("delay" is null)) and (("carrier" in ('UA', 'AA')) or regexp_matches("tailnum", '^N\d'))

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`
from flights
where (not (`delay` is null)) and ((`carrier` in ('UA', 'AA')) or regexp_like(`tailnum`, '^N\\d'))
