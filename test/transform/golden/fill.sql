-- duckdb
select "id", coalesce("carrier", 'it''s \ none') as "carrier", coalesce("origin", cast('EWR' as VARCHAR)) as "origin",
  last_value("tailnum" ignore nulls) over (partition by "carrier" order by "at" nulls last, "id" nulls last, "origin" nulls last, "tailnum" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last rows between unbounded preceding and current row) as "tailnum",
  "at", "hour", coalesce("delay", (-1.5e0)) as "delay", coalesce(cast("distance" as DOUBLE), 10e0) as "distance"
from flights

-- spark
select `id`, coalesce(`carrier`, 'it\'s \\ none') as `carrier`, coalesce(`origin`, cast('EWR' as STRING)) as `origin`,
  last_value(`tailnum`) ignore nulls over (partition by `carrier` order by `at` nulls last, `id` nulls last, `origin` nulls last, `tailnum` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last rows between unbounded preceding and current row) as `tailnum`,
  `at`, `hour`, coalesce(`delay`, (-1.5D)) as `delay`, coalesce(cast(`distance` as DOUBLE), 10D) as `distance`
from flights
