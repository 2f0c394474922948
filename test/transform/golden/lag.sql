-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  lag("delay", 1) over (partition by "tailnum" order by "at" nulls last, "id" nulls last, "carrier" nulls last, "origin" nulls last, "hour" nulls last, "delay" nulls last, "distance" nulls last) as "last_delay"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  lag(`delay`, 1) over (partition by `tailnum` order by `at` nulls last, `id` nulls last, `carrier` nulls last, `origin` nulls last, `hour` nulls last, `delay` nulls last, `distance` nulls last) as `last_delay`
from flights
