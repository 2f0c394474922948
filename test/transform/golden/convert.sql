-- duckdb
select cast("id" as VARCHAR) as "id", "carrier", "origin", "tailnum", cast("at" as DATE) as "at", "read 1" as "hour",
  "read 3" as "delay", cast("distance" as DOUBLE) as "distance"
from (
  select *, case when ("hour" like '____-__-__ __:__:__' and "hour" not like '% 24:%') or ("hour" like '____-__-__T__:__:__Z' and "hour" not like '%T24:%') then make_timestamp(epoch_us(try_cast("hour" as TIMESTAMPTZ))) else case when regexp_matches("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[\+\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *\z') then make_timestamp(epoch_us(try_cast(trim("hour") as TIMESTAMPTZ))) end end as "read 1",
  case when "delay" = floor("delay") then try_cast("delay" as INTEGER) end as "read 3"
  from flights
) as t
where ("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null)
-- duckdb, rejected rows
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  concat_ws('; ', case when "read 1" is null and "hour" is not null then 'hour cannot be read as timestamp' end,
    case when "read 3" is null and "delay" is not null then 'delay cannot be read as integer' end) as "reason"
from (
  select *, case when ("hour" like '____-__-__ __:__:__' and "hour" not like '% 24:%') or ("hour" like '____-__-__T__:__:__Z' and "hour" not like '%T24:%') then make_timestamp(epoch_us(try_cast("hour" as TIMESTAMPTZ))) else case when regexp_matches("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[\+\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *\z') then make_timestamp(epoch_us(try_cast(trim("hour") as TIMESTAMPTZ))) end end as "read 1",
  case when "delay" = floor("delay") then try_cast("delay" as INTEGER) end as "read 3"
  from flights
) as t
where not (("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null))

-- spark
select cast(`id` as STRING) as `id`, `carrier`, `origin`, `tailnum`, cast(`at` as DATE) as `at`, `read 1` as `hour`,
  `read 3` as `delay`, cast(`distance` as DOUBLE) as `distance`
from (
  select *, case when regexp_like(`hour`, '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *\\z') then cast(try_cast(trim(`hour`) as TIMESTAMP_LTZ) as TIMESTAMP_NTZ) end as `read 1`,
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
  select *, case when regexp_like(`hour`, '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *\\z') then cast(try_cast(trim(`hour`) as TIMESTAMP_LTZ) as TIMESTAMP_NTZ) end as `read 1`,
  case when `delay` = floor(`delay`) then try_cast(`delay` as INT) end as `read 3`
  from flights
) as t
where not ((`read 1` is not null or `hour` is null)
  and (`read 3` is not null or `delay` is null))

-- trino
select cast("id" as VARCHAR) as "id", "carrier", "origin", "tailnum", cast("at" as DATE) as "at", "read 1" as "hour",
  "read 3" as "delay", cast("distance" as DOUBLE) as "distance"
from (
  select *, case when regexp_like("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[\+\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *\z') then try(cast(from_iso8601_timestamp_nanos(regexp_replace(regexp_replace(regexp_replace(regexp_replace(replace(trim(both ' ' from "hour"), ' ', 'T'), '(\.[0-9]{6})[0-9]+', '$1'), '^(.{10})$', '$1T00:00'), '(T.*[+-][0-9]{2}):?([0-9]{2})$', '$1:$2'), '(T.*[+-][0-9]{2})$', '$1:00')) at time zone 'UTC' as TIMESTAMP(6))) end as "read 1",
  case when "delay" = floor("delay") then try_cast("delay" as INTEGER) end as "read 3"
  from flights
) as t
where ("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null)
-- trino, rejected rows
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  concat_ws('; ', case when "read 1" is null and "hour" is not null then 'hour cannot be read as timestamp' end,
    case when "read 3" is null and "delay" is not null then 'delay cannot be read as integer' end) as "reason"
from (
  select *, case when regexp_like("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[\+\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *\z') then try(cast(from_iso8601_timestamp_nanos(regexp_replace(regexp_replace(regexp_replace(regexp_replace(replace(trim(both ' ' from "hour"), ' ', 'T'), '(\.[0-9]{6})[0-9]+', '$1'), '^(.{10})$', '$1T00:00'), '(T.*[+-][0-9]{2}):?([0-9]{2})$', '$1:$2'), '(T.*[+-][0-9]{2})$', '$1:00')) at time zone 'UTC' as TIMESTAMP(6))) end as "read 1",
  case when "delay" = floor("delay") then try_cast("delay" as INTEGER) end as "read 3"
  from flights
) as t
where not (("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null))

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select cast("id" as text) as "id", "carrier", "origin", "tailnum", cast("at" as date) as "at", "read 1" as "hour",
  "read 3" as "delay", cast("distance" as double precision) as "distance"
from (
  select *, case when ("hour" ~ '^ *((([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-((0[1357-8]|1[02])-(0[1-9]|[1-2][0-9]|3[0-1])|(0[469]|11)-(0[1-9]|[1-2][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[\+\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$') then cast(regexp_replace(trim(both ' ' from "hour"), '([.][0-9]{6})[0-9]+', '\1') as timestamptz) at time zone 'UTC' end as "read 1",
  case when "delay" = floor("delay") then case when "delay" between -2147483648 and 2147483647 then cast("delay" as integer) end end as "read 3"
  from "flights by bytes"
) as t
where ("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null)
-- postgres, rejected rows
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  concat_ws('; ', case when "read 1" is null and "hour" is not null then 'hour cannot be read as timestamp' end,
    case when "read 3" is null and "delay" is not null then 'delay cannot be read as integer' end) as "reason"
from (
  select *, case when ("hour" ~ '^ *((([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-((0[1357-8]|1[02])-(0[1-9]|[1-2][0-9]|3[0-1])|(0[469]|11)-(0[1-9]|[1-2][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[\+\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$') then cast(regexp_replace(trim(both ' ' from "hour"), '([.][0-9]{6})[0-9]+', '\1') as timestamptz) at time zone 'UTC' end as "read 1",
  case when "delay" = floor("delay") then case when "delay" between -2147483648 and 2147483647 then cast("delay" as integer) end end as "read 3"
  from "flights by bytes"
) as t
where not (("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null))

-- snowflake
select cast("id" as VARCHAR) as "id", "carrier", "origin", "tailnum", cast("at" as DATE) as "at", "read 1" as "hour",
  "read 3" as "delay", cast("distance" as DOUBLE) as "distance"
from (
  select *, case when (regexp_instr("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$') > 0) then cast(convert_timezone('UTC', try_to_timestamp_tz(trim("hour", ' '))) as TIMESTAMP_NTZ) end as "read 1",
  case when "delay" = floor("delay") then case when "delay" between -2147483648 and 2147483647 then cast("delay" as INTEGER) end end as "read 3"
  from flights
) as t
where ("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null)
-- snowflake, rejected rows
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  substring(coalesce('; ' || case when "read 1" is null and "hour" is not null then 'hour cannot be read as timestamp' end, '') ||
    coalesce('; ' || case when "read 3" is null and "delay" is not null then 'delay cannot be read as integer' end, ''), 3) as "reason"
from (
  select *, case when (regexp_instr("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$') > 0) then cast(convert_timezone('UTC', try_to_timestamp_tz(trim("hour", ' '))) as TIMESTAMP_NTZ) end as "read 1",
  case when "delay" = floor("delay") then case when "delay" between -2147483648 and 2147483647 then cast("delay" as INTEGER) end end as "read 3"
  from flights
) as t
where not (("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null))

-- bigquery
select cast(`id` as STRING) as `id`, `carrier`, `origin`, `tailnum`, cast(`at` as DATE) as `at`, `read 1` as `hour`,
  `read 3` as `delay`, cast(`distance` as FLOAT64) as `distance`
from (
  select *, case when regexp_contains(`hour`, '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$') then datetime(safe_cast(regexp_replace(trim(`hour`, ' '), r'([.][0-9]{6})[0-9]+', r'\1') as TIMESTAMP), 'UTC') end as `read 1`,
  case when `delay` = floor(`delay`) then safe_cast(`delay` as INT64) end as `read 3`
  from flights
) as t
where (`read 1` is not null or `hour` is null)
  and (`read 3` is not null or `delay` is null)
-- bigquery, rejected rows
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
  substring(coalesce('; ' || case when `read 1` is null and `hour` is not null then 'hour cannot be read as timestamp' end, '') ||
    coalesce('; ' || case when `read 3` is null and `delay` is not null then 'delay cannot be read as integer' end, ''), 3) as `reason`
from (
  select *, case when regexp_contains(`hour`, '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$') then datetime(safe_cast(regexp_replace(trim(`hour`, ' '), r'([.][0-9]{6})[0-9]+', r'\1') as TIMESTAMP), 'UTC') end as `read 1`,
  case when `delay` = floor(`delay`) then safe_cast(`delay` as INT64) end as `read 3`
  from flights
) as t
where not ((`read 1` is not null or `hour` is null)
  and (`read 3` is not null or `delay` is null))

-- redshift
select cast("id" as varchar(65535)) as "id", "carrier", "origin", "tailnum", cast("at" as date) as "at", "read 1" as "hour",
  "read 3" as "delay", cast("distance" as double precision) as "distance"
from (
  select *, case when (regexp_instr("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$', 1, 1, 0, 'p') > 0) then try_cast(btrim("hour", ' ') as timestamptz) at time zone 'UTC' end as "read 1",
  case when "delay" = floor("delay") then case when "delay" between -2147483648 and 2147483647 then cast("delay" as integer) end end as "read 3"
  from flights
) as t
where ("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null)
-- redshift, rejected rows
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
  substring(coalesce('; ' || case when "read 1" is null and "hour" is not null then 'hour cannot be read as timestamp' end, '') ||
    coalesce('; ' || case when "read 3" is null and "delay" is not null then 'delay cannot be read as integer' end, ''), 3) as "reason"
from (
  select *, case when (regexp_instr("hour", '^ *(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}([ T]([0-1][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[\\+\\-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?) *$', 1, 1, 0, 'p') > 0) then try_cast(btrim("hour", ' ') as timestamptz) at time zone 'UTC' end as "read 1",
  case when "delay" = floor("delay") then case when "delay" between -2147483648 and 2147483647 then cast("delay" as integer) end end as "read 3"
  from flights
) as t
where not (("read 1" is not null or "hour" is null)
  and ("read 3" is not null or "delay" is null))
