-- duckdb
select "carrier", "origin", count(*) as "flights", avg(cast("delay" > 15 as INTEGER)) as "late", median("delay") as "middle",
  cast(sum("distance") as BIGINT) as "miles"
from flights
group by "carrier", "origin"

-- spark
select `carrier`, `origin`, count(*) as `flights`, avg(cast(`delay` > 15 as INT)) as `late`,
  percentile(`delay`, 0.5) as `middle`, sum(`distance`) as `miles`
from flights
group by `carrier`, `origin`
