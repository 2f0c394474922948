-- duckdb
with "duplicated_1" as (
  select "id" from flights group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance"
from flights as t anti join "duplicated_1" as d on t."id" is not distinct from d."id"
union all
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from (
  select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
    row_number() over (
      partition by t."id"
      order by t."at" desc nulls last, t."carrier" desc nulls last, t."origin" desc nulls last, t."tailnum" desc nulls last,
        t."hour" desc nulls last, t."delay" desc nulls last, t."distance" desc nulls last
    ) as "rank of row"
  from flights as t semi join "duplicated_1" as d on t."id" is not distinct from d."id"
) as ranked where "rank of row" = 1

-- spark
with `duplicated_1` as (
  select `id` from flights group by `id` having count(*) > 1
)
select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`
from flights as t left anti join `duplicated_1` as d on t.`id` <=> d.`id`
union all
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`
from (
  select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`,
    row_number() over (
      partition by t.`id`
      order by t.`at` desc nulls last, t.`carrier` desc nulls last, t.`origin` desc nulls last, t.`tailnum` desc nulls last,
        t.`hour` desc nulls last, t.`delay` desc nulls last, t.`distance` desc nulls last
    ) as `rank of row`
  from flights as t left semi join `duplicated_1` as d on t.`id` <=> d.`id`
) as ranked where `rank of row` = 1

-- trino
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from (
  select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
    row_number() over (
      partition by t."id"
      order by t."at" desc nulls last, t."carrier" desc nulls last, t."origin" desc nulls last, t."tailnum" desc nulls last,
        t."hour" desc nulls last, t."delay" desc nulls last, t."distance" desc nulls last
    ) as "rank of row"
  from flights as t
) as ranked where "rank of row" = 1

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from (
  select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
    row_number() over (
      partition by t."id"
      order by t."at" desc nulls last, t."carrier" desc nulls last, t."origin" desc nulls last, t."tailnum" desc nulls last,
        t."hour" desc nulls last, t."delay" desc nulls last, t."distance" desc nulls last
    ) as "rank of row"
  from "flights by bytes" as t
) as ranked where "rank of row" = 1

-- snowflake
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from (
  select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
    row_number() over (
      partition by t."id"
      order by t."at" desc nulls last, t."carrier" desc nulls last, t."origin" desc nulls last, t."tailnum" desc nulls last,
        t."hour" desc nulls last, t."delay" desc nulls last, t."distance" desc nulls last
    ) as "rank of row"
  from flights as t
) as ranked where "rank of row" = 1

-- bigquery
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`
from (
  select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`,
    row_number() over (
      partition by t.`id`
      order by t.`at` desc nulls last, t.`carrier` desc nulls last, t.`origin` desc nulls last, t.`tailnum` desc nulls last,
        t.`hour` desc nulls last, t.`delay` desc nulls last, t.`distance` desc nulls last
    ) as `rank of row`
  from flights as t
) as ranked where `rank of row` = 1

-- redshift
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance"
from (
  select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
    row_number() over (
      partition by t."id"
      order by t."at" desc nulls last, t."carrier" desc nulls last, t."origin" desc nulls last, t."tailnum" desc nulls last,
        t."hour" desc nulls last, t."delay" desc nulls last, t."distance" desc nulls last
    ) as "rank of row"
  from flights as t
) as ranked where "rank of row" = 1
