-- duckdb
with "duplicated_1_right" as (
  select "origin", "time" from weather group by "origin", "time" having count(*) > 1
),
"deduped_1_right" as (
  select t."origin", t."time", t."temp"
  from weather as t anti join "duplicated_1_right" as d on t."origin" is not distinct from d."origin" and t."time" is not distinct from d."time"
  union all
  select "origin", "time", "temp"
  from (
    select t."origin", t."time", t."temp",
      row_number() over (
        partition by t."origin", t."time"
        order by t."temp" desc nulls last
      ) as "rank of row"
    from weather as t semi join "duplicated_1_right" as d on t."origin" is not distinct from d."origin" and t."time" is not distinct from d."time"
  ) as ranked where "rank of row" = 1
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance",
  case when r."time" >= l."at" - interval '1 hour' - interval '3 hours' then r."temp" end as "temp"
from flights as l asof left join "deduped_1_right" as r
  on l."origin" = r."origin" and l."at" - interval '1 hour' >= r."time"

-- spark
with `duplicated_1_right` as (
  select `origin`, `time` from weather group by `origin`, `time` having count(*) > 1
),
`deduped_1_right` as (
  select t.`origin`, t.`time`, t.`temp`
  from weather as t left anti join `duplicated_1_right` as d on t.`origin` <=> d.`origin` and t.`time` <=> d.`time`
  union all
  select `origin`, `time`, `temp`
  from (
    select t.`origin`, t.`time`, t.`temp`,
      row_number() over (
        partition by t.`origin`, t.`time`
        order by t.`temp` desc nulls last
      ) as `rank of row`
    from weather as t left semi join `duplicated_1_right` as d on t.`origin` <=> d.`origin` and t.`time` <=> d.`time`
  ) as ranked where `rank of row` = 1
),
`timeline_1` as (
  select r.`origin` as `key 1`, r.`time` as `time`, r.`time` as `last time`, false as `is instant`
  from `deduped_1_right` as r where r.`origin` is not null and r.`time` is not null
  union all
  select distinct l.`origin`, l.`at` - interval '1 hour', cast(null as TIMESTAMP_NTZ), true
  from flights as l where l.`origin` is not null and l.`at` is not null
),
`seen_1` as (
  select `key 1`, `time`, `is instant`,
    max(`last time`) over (partition by `key 1` order by `time`, `is instant` rows between unbounded preceding and current row) as `last time`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, r.`temp` as `temp`
from flights as l
  left join `seen_1` as s on s.`is instant` and l.`origin` = s.`key 1` and l.`at` - interval '1 hour' = s.`time`
  left join `deduped_1_right` as r on s.`key 1` = r.`origin` and s.`last time` = r.`time` and r.`time` >= l.`at` - interval '1 hour' - interval '3 hours'

-- trino
with "deduped_1_right" as (
  select "origin", "time", "temp"
  from (
    select t."origin", t."time", t."temp",
      row_number() over (
        partition by t."origin", t."time"
        order by t."temp" desc nulls last
      ) as "rank of row"
    from weather as t
  ) as ranked where "rank of row" = 1
),
"timeline_1" as (
  select r."origin" as "key 1", r."time" as "time", r."time" as "last time", false as "is instant"
  from "deduped_1_right" as r where r."origin" is not null and r."time" is not null
  union all
  select distinct l."origin", l."at" - interval '1' hour, cast(null as TIMESTAMP(6)), true
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time", "is instant",
    max("last time") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row) as "last time"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."temp" as "temp"
from flights as l
  left join "seen_1" as s on s."is instant" and l."origin" = s."key 1" and l."at" - interval '1' hour = s."time"
  left join "deduped_1_right" as r on s."key 1" = r."origin" and s."last time" = r."time" and r."time" >= l."at" - interval '1' hour - interval '3' hour

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"weather by bytes" as (
  select "origin" collate "C" as "origin", "time", "temp"
  from weather
),
"deduped_1_right" as (
  select "origin", "time", "temp"
  from (
    select t."origin", t."time", t."temp",
      row_number() over (
        partition by t."origin", t."time"
        order by t."temp" desc nulls last
      ) as "rank of row"
    from "weather by bytes" as t
  ) as ranked where "rank of row" = 1
),
"timeline_1" as (
  select r."origin" as "key 1", r."time" as "time", r."time" as "last time", false as "is instant"
  from "deduped_1_right" as r where r."origin" is not null and r."time" is not null
  union all
  select distinct l."origin", l."at" - interval '1 hour', cast(null as timestamp), true
  from "flights by bytes" as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time", "is instant",
    max("last time") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row) as "last time"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."temp" as "temp"
from "flights by bytes" as l
  left join "seen_1" as s on s."is instant" and l."origin" = s."key 1" and l."at" - interval '1 hour' = s."time"
  left join "deduped_1_right" as r on s."key 1" = r."origin" and s."last time" = r."time" and r."time" >= l."at" - interval '1 hour' - interval '3 hours'

-- snowflake
with "deduped_1_right" as (
  select "origin", "time", "temp"
  from (
    select t."origin", t."time", t."temp",
      row_number() over (
        partition by t."origin", t."time"
        order by t."temp" desc nulls last
      ) as "rank of row"
    from weather as t
  ) as ranked where "rank of row" = 1
),
"timeline_1" as (
  select r."origin" as "key 1", r."time" as "time", r."time" as "last time", false as "is instant"
  from "deduped_1_right" as r where r."origin" is not null and r."time" is not null
  union all
  select distinct l."origin", l."at" - interval '1 hour', cast(null as TIMESTAMP_NTZ), true
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time", "is instant",
    max("last time") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row) as "last time"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."temp" as "temp"
from flights as l
  left join "seen_1" as s on s."is instant" and l."origin" = s."key 1" and l."at" - interval '1 hour' = s."time"
  left join "deduped_1_right" as r on s."key 1" = r."origin" and s."last time" = r."time" and r."time" >= l."at" - interval '1 hour' - interval '3 hours'

-- bigquery
with `deduped_1_right` as (
  select `origin`, `time`, `temp`
  from (
    select t.`origin`, t.`time`, t.`temp`,
      row_number() over (
        partition by t.`origin`, t.`time`
        order by t.`temp` desc nulls last
      ) as `rank of row`
    from weather as t
  ) as ranked where `rank of row` = 1
),
`timeline_1` as (
  select r.`origin` as `key 1`, r.`time` as `time`, r.`time` as `last time`, false as `is instant`
  from `deduped_1_right` as r where r.`origin` is not null and r.`time` is not null
  union all
  select distinct l.`origin`, l.`at` - interval 1 hour, cast(null as DATETIME), true
  from flights as l where l.`origin` is not null and l.`at` is not null
),
`seen_1` as (
  select `key 1`, `time`, `is instant`,
    max(`last time`) over (partition by `key 1` order by `time`, `is instant` rows between unbounded preceding and current row) as `last time`
  from `timeline_1`
)
select l.`id`, l.`carrier`, l.`origin`, l.`tailnum`, l.`at`, l.`hour`, l.`delay`, l.`distance`, r.`temp` as `temp`
from flights as l
  left join `seen_1` as s on s.`is instant` and l.`origin` = s.`key 1` and l.`at` - interval 1 hour = s.`time`
  left join `deduped_1_right` as r on s.`key 1` = r.`origin` and s.`last time` = r.`time` and r.`time` >= l.`at` - interval 1 hour - interval 3 hour

-- redshift
with "deduped_1_right" as (
  select "origin", "time", "temp"
  from (
    select t."origin", t."time", t."temp",
      row_number() over (
        partition by t."origin", t."time"
        order by t."temp" desc nulls last
      ) as "rank of row"
    from weather as t
  ) as ranked where "rank of row" = 1
),
"timeline_1" as (
  select r."origin" as "key 1", r."time" as "time", r."time" as "last time", false as "is instant"
  from "deduped_1_right" as r where r."origin" is not null and r."time" is not null
  union all
  select distinct l."origin", l."at" - interval '1 hour', cast(null as timestamp), true
  from flights as l where l."origin" is not null and l."at" is not null
),
"seen_1" as (
  select "key 1", "time", "is instant",
    max("last time") over (partition by "key 1" order by "time", "is instant" rows between unbounded preceding and current row) as "last time"
  from "timeline_1"
)
select l."id", l."carrier", l."origin", l."tailnum", l."at", l."hour", l."delay", l."distance", r."temp" as "temp"
from flights as l
  left join "seen_1" as s on s."is instant" and l."origin" = s."key 1" and l."at" - interval '1 hour' = s."time"
  left join "deduped_1_right" as r on s."key 1" = r."origin" and s."last time" = r."time" and r."time" >= l."at" - interval '1 hour' - interval '3 hours'
