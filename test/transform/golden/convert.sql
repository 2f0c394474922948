-- duckdb
select try_cast("id" as VARCHAR) as "id", "carrier", "origin", "tailnum", try_cast("at" as DATE) as "at", "read 1" as "hour",
  "read 3" as "delay", try_cast("distance" as DOUBLE) as "distance"
from (
  select *, make_timestamp(epoch_us(try_cast("hour" as TIMESTAMPTZ))) as "read 1",
  case when "delay" = trunc("delay") then try_cast("delay" as INTEGER) end as "read 3"
  from flights
) as t
where ("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null)
-- duckdb, rejected rows
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  concat_ws('; ', case when "read 1" is null and "hour" is not null then 'hour cannot be read as timestamp' end,
    case when "read 3" is null and "delay" is not null then 'delay cannot be read as integer' end) as "reason"
from (
  select *, make_timestamp(epoch_us(try_cast("hour" as TIMESTAMPTZ))) as "read 1",
  case when "delay" = trunc("delay") then try_cast("delay" as INTEGER) end as "read 3"
  from flights
) as t
where not (("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null))

-- spark
select try_cast(`id` as STRING) as `id`, `carrier`, `origin`, `tailnum`, try_cast(`at` as DATE) as `at`, `read 1` as `hour`,
  `read 3` as `delay`, try_cast(`distance` as DOUBLE) as `distance`
from (
  select *, cast(try_cast(`hour` as TIMESTAMP) as TIMESTAMP_NTZ) as `read 1`,
  case when `delay` = floor(`delay`) then try_cast(`delay` as INT) end as `read 3`
  from flights
) as t
where (`read 1` is not null or `hour` is null)
  and (`read 3` is not null or `delay` is null)
-- spark, rejected rows
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  concat_ws('; ', case when `read 1` is null and `hour` is not null then 'hour cannot be read as timestamp' end,
    case when `read 3` is null and `delay` is not null then 'delay cannot be read as integer' end) as `reason`
from (
  select *, cast(try_cast(`hour` as TIMESTAMP) as TIMESTAMP_NTZ) as `read 1`,
  case when `delay` = floor(`delay`) then try_cast(`delay` as INT) end as `read 3`
  from flights
) as t
where not ((`read 1` is not null or `hour` is null)
  and (`read 3` is not null or `delay` is null))
