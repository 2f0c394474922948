-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  case when "at" is not null then avg("delay") over (partition by "origin" order by "at" range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as "recent",
  case when "at" is not null then median("delay") over (partition by "origin" order by "at" range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as "middle",
  case when "at" is not null then count(distinct "carrier") over (partition by "origin" order by "at" range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as "carriers"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  case when `at` is not null then avg(`delay`) over (partition by `origin` order by `at` range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as `recent`,
  case when `at` is not null then percentile(`delay`, 0.5) over (partition by `origin` order by `at` range between interval '2 hours' preceding and interval '1 microsecond' preceding) end as `middle`,
  case when `at` is not null then cast(size(collect_set(`carrier`) over (partition by `origin` order by `at` range between interval '2 hours' preceding and interval '1 microsecond' preceding)) as BIGINT) end as `carriers`
from flights
