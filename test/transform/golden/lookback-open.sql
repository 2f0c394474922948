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
