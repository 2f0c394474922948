-- duckdb
with "timeline_1" as (
  select r."airport" as "key 1", r."time" as "time", false as "is instant", 1 as "value 1",
    case when r."delay" > 15 then 1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select r."airport" as "key 1", greatest(r."time", least(r."until", r."time" + interval '6 hours')) as "time",
    false as "is instant", -1 as "value 1", case when r."delay" > 15 then -1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", l."at" - interval '1 microsecond' as "time", true as "is instant",
    cast(null as INTEGER) as "value 1", cast(null as INTEGER) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + interval '1 microsecond' as "time", "is instant",
    coalesce(sum("value 1") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 1",
    coalesce(sum("value 2") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance",
  cast(coalesce(s."value 1", 0) as BIGINT) as "open", cast(coalesce(s."value 2", 0) as BIGINT) as "slow"
from flights as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and l."at" = s."time"

-- spark
with `timeline_1` as (
  select r.`airport` as `key 1`, r.`time` as `time`, false as `is instant`, 1 as `value 1`,
    case when r.`delay` > 15 then 1 end as `value 2`
  from events as r where r.`airport` is not null and r.`time` is not null
  union all
  select r.`airport` as `key 1`, greatest(r.`time`, least(r.`until`, r.`time` + interval '6 hours')) as `time`,
    false as `is instant`, -1 as `value 1`, case when r.`delay` > 15 then -1 end as `value 2`
  from events as r where r.`airport` is not null and r.`time` is not null
  union all
  select distinct l.`origin` as `key 1`, l.`at` - interval '1 microsecond' as `time`, true as `is instant`,
    cast(null as INT) as `value 1`, cast(null as INT) as `value 2`
  from flights as l where l.`origin` is not null and l.`at` is not null
),
`seen_1` as (
  select `key 1`, `time` + interval '1 microsecond' as `time`, `is instant`,
    coalesce(sum(`value 1`) over (partition by `key 1` order by `time`, `is instant` rows between unbounded preceding and current row), 0) as `value 1`,
    coalesce(sum(`value 2`) over (partition by `key 1` order by `time`, `is instant` rows between unbounded preceding and current row), 0) as `value 2`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`,
  cast(coalesce(s.`value 1`, 0) as BIGINT) as `open`, cast(coalesce(s.`value 2`, 0) as BIGINT) as `slow`
from flights as l left join `seen_1` as s
  on s.`is instant` and l.`origin` = s.`key 1` and l.`at` = s.`time`

-- trino
with "timeline_1" as (
  select r."airport" as "key 1",
    (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', r."time")) * 1000000 + cast(substr(cast(cast(r."time" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) as "time",
    false as "is instant", 1 as "value 1", case when (r."delay" > 15 or is_nan(r."delay")) then 1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select r."airport" as "key 1",
    (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', greatest(r."time", least(coalesce(r."until", r."time" + interval '6' hour), coalesce(r."time" + interval '6' hour, r."until"))))) * 1000000 + cast(substr(cast(cast(greatest(r."time", least(coalesce(r."until", r."time" + interval '6' hour), coalesce(r."time" + interval '6' hour, r."until"))) as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) as "time",
    false as "is instant", -1 as "value 1", case when (r."delay" > 15 or is_nan(r."delay")) then -1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1",
    (date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', l."at")) * 1000000 + cast(substr(cast(cast(l."at" as TIMESTAMP(6)) as VARCHAR), -6) as BIGINT)) - 1 as "time",
    true as "is instant", cast(null as INTEGER) as "value 1", cast(null as INTEGER) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + 1 as "time", "is instant",
    coalesce(sum("value 1") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 1",
    coalesce(sum("value 2") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance",
  cast(coalesce(s."value 1", 0) as BIGINT) as "open", cast(coalesce(s."value 2", 0) as BIGINT) as "slow"
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
  select r."airport" as "key 1", r."time" as "time", false as "is instant", 1 as "value 1",
    case when r."delay" > 15 then 1 end as "value 2"
  from "events by bytes" as r where r."airport" is not null and r."time" is not null
  union all
  select r."airport" as "key 1", greatest(r."time", least(r."until", r."time" + interval '6 hours')) as "time",
    false as "is instant", -1 as "value 1", case when r."delay" > 15 then -1 end as "value 2"
  from "events by bytes" as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", l."at" - interval '1 microsecond' as "time", true as "is instant",
    cast(null as integer) as "value 1", cast(null as integer) as "value 2"
  from "flights by bytes" as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + interval '1 microsecond' as "time", "is instant",
    coalesce(sum("value 1") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 1",
    coalesce(sum("value 2") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance",
  cast(coalesce(s."value 1", 0) as bigint) as "open", cast(coalesce(s."value 2", 0) as bigint) as "slow"
from "flights by bytes" as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and l."at" = s."time"

-- snowflake
with "timeline_1" as (
  select r."airport" as "key 1", datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), r."time") as "time",
    false as "is instant", 1 as "value 1", case when r."delay" > 15 then 1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select r."airport" as "key 1",
    datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), greatest(r."time", least(coalesce(r."until", r."time" + interval '6 hours'), coalesce(r."time" + interval '6 hours', r."until")))) as "time",
    false as "is instant", -1 as "value 1", case when r."delay" > 15 then -1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), l."at") - 1 as "time",
    true as "is instant", cast(null as INTEGER) as "value 1", cast(null as INTEGER) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + 1 as "time", "is instant",
    coalesce(sum("value 1") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 1",
    coalesce(sum("value 2") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance",
  cast(coalesce(s."value 1", 0) as BIGINT) as "open", cast(coalesce(s."value 2", 0) as BIGINT) as "slow"
from flights as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and datediff(microsecond, cast('1970-01-01' as TIMESTAMP_NTZ), l."at") = s."time"

-- bigquery
with `timeline_1` as (
  select r.`airport` as `key 1`, datetime_diff(r.`time`, datetime '1970-01-01 00:00:00', microsecond) as `time`,
    false as `is instant`, 1 as `value 1`, case when (r.`delay` > 15 or is_nan(r.`delay`)) then 1 end as `value 2`
  from events as r where r.`airport` is not null and r.`time` is not null
  union all
  select r.`airport` as `key 1`,
    datetime_diff(greatest(r.`time`, least(coalesce(r.`until`, r.`time` + interval 6 hour), coalesce(r.`time` + interval 6 hour, r.`until`))), datetime '1970-01-01 00:00:00', microsecond) as `time`,
    false as `is instant`, -1 as `value 1`, case when (r.`delay` > 15 or is_nan(r.`delay`)) then -1 end as `value 2`
  from events as r where r.`airport` is not null and r.`time` is not null
  union all
  select distinct l.`origin` as `key 1`, datetime_diff(l.`at`, datetime '1970-01-01 00:00:00', microsecond) - 1 as `time`,
    true as `is instant`, cast(null as INT64) as `value 1`, cast(null as INT64) as `value 2`
  from flights as l where l.`origin` is not null and l.`at` is not null
),
`seen_1` as (
  select `key 1`, `time` + 1 as `time`, `is instant`,
    coalesce(sum(`value 1`) over (partition by `key 1` order by `time`, `is instant` rows between unbounded preceding and current row), 0) as `value 1`,
    coalesce(sum(`value 2`) over (partition by `key 1` order by `time`, `is instant` rows between unbounded preceding and current row), 0) as `value 2`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`,
  cast(coalesce(s.`value 1`, 0) as INT64) as `open`, cast(coalesce(s.`value 2`, 0) as INT64) as `slow`
from flights as l left join `seen_1` as s
  on s.`is instant` and l.`origin` = s.`key 1` and datetime_diff(l.`at`, datetime '1970-01-01 00:00:00', microsecond) = s.`time`

-- redshift
with "timeline_1" as (
  select r."airport" as "key 1", r."time" as "time", false as "is instant", 1 as "value 1",
    case when r."delay" > 15 then 1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select r."airport" as "key 1", greatest(r."time", least(r."until", r."time" + interval '6 hours')) as "time",
    false as "is instant", -1 as "value 1", case when r."delay" > 15 then -1 end as "value 2"
  from events as r where r."airport" is not null and r."time" is not null
  union all
  select distinct l."origin" as "key 1", l."at" - interval '1 microsecond' as "time", true as "is instant",
    cast(null as integer) as "value 1", cast(null as integer) as "value 2"
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time" + interval '1 microsecond' as "time", "is instant",
    coalesce(sum("value 1") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 1",
    coalesce(sum("value 2") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row), 0) as "value 2"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance",
  cast(coalesce(s."value 1", 0) as bigint) as "open", cast(coalesce(s."value 2", 0) as bigint) as "slow"
from flights as l left join "seen_1" as s
  on s."is instant" and l."origin" = s."key 1" and l."at" = s."time"
