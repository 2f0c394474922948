-- duckdb
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "delay" > 15 as "late",
  "carrier" || cast("id" as VARCHAR) as "code", "delay" / nullif("distance", 0) as "per",
  cast(isodow("at") as INTEGER) as "day", date_trunc('day', ("at" - interval '1 hour')) as "start",
  case when "distance" < 500 then 'short' else 'long' end as "band",
  date_diff('microsecond', timestamp '2013-01-01 00:00:00', "at") / 60e6 as "old"
from flights

-- spark
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`, `delay` > 15 as `late`,
  `carrier` || cast(`id` as STRING) as `code`, `delay` / nullif(`distance`, 0) as `per`, (weekday(`at`) + 1) as `day`,
  cast(date_trunc('day', (`at` - interval '1 hour')) as TIMESTAMP_NTZ) as `start`,
  case when `distance` < 500 then 'short' else 'long' end as `band`,
  timestampdiff(MICROSECOND, timestamp_ntz '2013-01-01 00:00:00', `at`) / 60e6D as `old`
from flights
