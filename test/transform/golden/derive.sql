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

-- trino
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", ("delay" > 15 or is_nan("delay")) as "late",
  "carrier" || cast("id" as VARCHAR) as "code", "delay" / nullif("distance", 0) as "per",
  cast(day_of_week("at") as INTEGER) as "day", date_trunc('day', ("at" - interval '1' hour)) as "start",
  case when "distance" < 500 then 'short' else 'long' end as "band",
  ((date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', "at")) * 1000000 + cast(substr(cast(cast("at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) - (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', cast(timestamp '2013-01-01 00:00:00' as TIMESTAMP(6)))) * 1000000 + cast(substr(cast(cast(cast(timestamp '2013-01-01 00:00:00' as TIMESTAMP(6)) as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT))) / 60e6 as "old"
from flights

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "delay" > 15 as "late",
  "carrier" || cast("id" as text) as "code", "delay" / nullif("distance", 0) as "per",
  cast(extract(isodow from "at") as integer) as "day", date_trunc('day', ("at" - interval '1 hour')) as "start",
  case when "distance" < 500 then 'short' else 'long' end as "band",
  cast(extract(epoch from "at" - timestamp '2013-01-01 00:00:00') * 1000000 as double precision) / 60e6 as "old"
from "flights by bytes"

-- snowflake
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "delay" > 15 as "late",
  "carrier" || cast("id" as VARCHAR) as "code", "delay" / nullif("distance", 0) as "per", dayofweekiso("at") as "day",
  date_trunc('day', ("at" - interval '1 hour')) as "start",
  case when "distance" < 500 then 'short' else 'long' end as "band",
  datediff(microsecond, cast('2013-01-01 00:00:00' as TIMESTAMP_NTZ), "at") / cast(60000000e0 as DOUBLE) as "old"
from flights

-- bigquery
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`, (`delay` > 15 or is_nan(`delay`)) as `late`,
  `carrier` || cast(`id` as STRING) as `code`, `delay` / nullif(`distance`, 0) as `per`,
  (mod(extract(dayofweek from `at`) + 5, 7) + 1) as `day`, datetime_trunc((`at` - interval 1 hour), day) as `start`,
  case when `distance` < 500 then 'short' else 'long' end as `band`,
  datetime_diff(`at`, datetime '2013-01-01 00:00:00', microsecond) / 60e6 as `old`
from flights

-- redshift
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "delay" > 15 as "late",
  "carrier" || cast("id" as varchar(65535)) as "code", "delay" / nullif("distance", 0) as "per",
  ((cast(extract(dow from "at") as integer) + 6) % 7 + 1) as "day",
  date_trunc('day', ("at" - interval '1 hour')) as "start",
  case when "distance" < 500 then 'short' else 'long' end as "band",
  datediff(microsecond, cast('2013-01-01 00:00:00' as timestamp), "at") / cast(60000000e0 as double precision) as "old"
from flights
