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
    avg(`value 1`) over (partition by `key 1` order by `time` range between interval '7199999999 microseconds' preceding and current row) as `value 1`,
    count(`value 2`) over (partition by `key 1` order by `time` range between interval '7199999999 microseconds' preceding and current row) as `value 2`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, s.`value 1` as `recent`,
  coalesce(s.`value 2`, 0) as `left`
from flights as l left join `seen_1` as s
  on s.`is instant` and l.`origin` = s.`key 1` and l.`at` = s.`time`
