-- duckdb
with "timeline_1" as (
  select r."airport" as "key 1", r."time" as "time", false as "is instant", r."delay" as "value 1", true as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", l."at" - interval '1 microsecond' as "time", true as "is instant",
    cast(null as DOUBLE) as "value 1", cast(null as BOOLEAN) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + interval '1 microsecond' as "time", "is instant",
    avg("value 1") over (partition by "key 1" order by "time" range between interval '7199999999 microseconds' preceding and current row) as "value 1",
    count("value 2") over (partition by "key 1" order by "time" range between interval '7199999999 microseconds' preceding and current row) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", s."value 1" as "recent",
  coalesce(s."value 2", 0) as "left"
from flights as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and l."at" = s."time"

-- spark
with `timeline_1` as (
  select r.`airport` as `key 1`, r.`time` as `time`, false as `is instant`, r.`delay` as `value 1`, true as `value 2`
  from events as r where r.`airport` is not null and r.`time` is not null
  union all
  select distinct l.`origin` as `key 1`, l.`at` - interval '1 microsecond' as `time`, true as `is instant`,
    cast(null as DOUBLE) as `value 1`, cast(null as BOOLEAN) as `value 2`
  from flights as l where l.`origin` is not null and l.`at` is not null
),
`seen_1` as (
  select `key 1`, `time` + interval '1 microsecond' as `time`, `is instant`,
    avg(`value 1`) over (partition by `key 1` order by `time` range between interval '7199.999999' second preceding and current row) as `value 1`,
    count(`value 2`) over (partition by `key 1` order by `time` range between interval '7199.999999' second preceding and current row) as `value 2`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, s.`value 1` as `recent`,
  coalesce(s.`value 2`, 0) as `left`
from flights as l left join `seen_1` as s
  on s.`is instant` and l.`origin` = s.`key 1` and l.`at` = s.`time`

-- trino
with "timeline_1" as (
  select r."airport" as "key 1",
    (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', r."time")) * 1000000 + cast(substr(cast(cast(r."time" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) as "time",
    false as "is instant", r."delay" as "value 1", true as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1",
    (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', l."at")) * 1000000 + cast(substr(cast(cast(l."at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) - 1 as "time",
    true as "is instant", cast(null as DOUBLE) as "value 1", cast(null as BOOLEAN) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + 1 as "time", "is instant",
    avg("value 1") over (partition by "key 1" order by "time" range between 7199999999 preceding and current row) as "value 1",
    count("value 2") over (partition by "key 1" order by "time" range between 7199999999 preceding and current row) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", s."value 1" as "recent",
  coalesce(s."value 2", 0) as "left"
from flights as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', l."at")) * 1000000 + cast(substr(cast(cast(l."at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) = s."time"

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"events by bytes" as (
  select "airport" collate "C" as "airport", "time", "until", "delay"
  from events
),
"timeline_1" as (
  select r."airport" as "key 1", r."time" as "time", false as "is instant", r."delay" as "value 1", true as "value 2"
  from "events by bytes" as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", l."at" - interval '1 microsecond' as "time", true as "is instant",
    cast(null as double precision) as "value 1", cast(null as boolean) as "value 2"
  from "flights by bytes" as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + interval '1 microsecond' as "time", "is instant",
    avg(cast("value 1" as double precision)) over (partition by "key 1" order by "time" range between interval '7199999999 microseconds' preceding and current row) as "value 1",
    count("value 2") over (partition by "key 1" order by "time" range between interval '7199999999 microseconds' preceding and current row) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", s."value 1" as "recent",
  coalesce(s."value 2", 0) as "left"
from "flights by bytes" as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and l."at" = s."time"

-- snowflake
with "timeline_1" as (
  select r."airport" as "key 1", datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), r."time") as "time",
    false as "is instant", r."delay" as "value 1", true as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), l."at") - 1 as "time",
    true as "is instant", cast(null as DOUBLE) as "value 1", cast(null as BOOLEAN) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + 1 as "time", "is instant",
    avg(cast("value 1" as DOUBLE)) over (partition by "key 1" order by "time" range between 7199999999 preceding and current row) as "value 1",
    count("value 2") over (partition by "key 1" order by "time" range between 7199999999 preceding and current row) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", s."value 1" as "recent",
  coalesce(s."value 2", 0) as "left"
from flights as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), l."at") = s."time"

-- bigquery
with `timeline_1` as (
  select r.`airport` as `key 1`, datetime_diff(r.`time`, datetime '1970-01-01 00:00:00', microsecond) as `time`,
    false as `is instant`, r.`delay` as `value 1`, true as `value 2`
  from events as r where r.`airport` is not null and r.`time` is not null
  union all
  select distinct l.`origin` as `key 1`, datetime_diff(l.`at`, datetime '1970-01-01 00:00:00', microsecond) - 1 as `time`,
    true as `is instant`, cast(null as FLOAT64) as `value 1`, cast(null as BOOL) as `value 2`
  from flights as l where l.`origin` is not null and l.`at` is not null
),
`seen_1` as (
  select `key 1`, `time` + 1 as `time`, `is instant`,
    avg(cast(`value 1` as FLOAT64)) over (partition by `key 1` order by `time` range between 7199999999 preceding and current row) as `value 1`,
    count(`value 2`) over (partition by `key 1` order by `time` range between 7199999999 preceding and current row) as `value 2`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, s.`value 1` as `recent`,
  coalesce(s.`value 2`, 0) as `left`
from flights as l left join `seen_1` as s
  on s.`is instant` and l.`origin` = s.`key 1` and datetime_diff(l.`at`, datetime '1970-01-01 00:00:00', microsecond) = s.`time`

-- redshift
with "instants_1" as (
  select distinct l."origin" as "key 1", l."at" as "time"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select i."key 1", i."time", avg(cast(r."delay" as double precision)) as "value 1", count(*) as "value 2"
  from "instants_1" as i join events as r
    on i."key 1" = r."airport" and r."time" < i."time" and r."time" >= i."time" - interval '2 hours'
  group by i."key 1", i."time"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", s."value 1" as "recent",
  coalesce(s."value 2", 0) as "left"
from flights as l left join "seen_1" as s
  on l."origin" = s."key 1" and l."at" = s."time"
