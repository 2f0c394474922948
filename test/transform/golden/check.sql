-- duckdb
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where (t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or regexp_matches(t."tailnum", '^N'))
-- duckdb, rejected rows
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  concat_ws('; ', case when not (t."distance" is null or t."distance" between 1 and 12000) then 'distance is not between 1 and 12000' end,
    case when not (t."carrier" is not null) then 'carrier is null' end,
    case when not (t."carrier" is null or t."carrier" in ('AA', 'UA')) then 'carrier is not one of AA, UA' end,
    case when not (d1."id" is null) then 'id is not unique' end,
    case when not (t."tailnum" is null or regexp_matches(t."tailnum", '^N')) then 'tailnum does not match ^N' end) as "reason"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where not ((t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or regexp_matches(t."tailnum", '^N')))

-- spark
with `repeated_1_1` as (
  select `id` from flights where `id` is not null group by `id` having count(*) > 1
)
select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`
from flights as t
  left join `repeated_1_1` as d1 on t.`id` = d1.`id`
where (t.`distance` is null or t.`distance` between 1 and 12000)
  and (t.`carrier` is not null)
  and (t.`carrier` is null or t.`carrier` in ('AA', 'UA'))
  and (d1.`id` is null)
  and (t.`tailnum` is null or regexp_like(t.`tailnum`, '^N'))
-- spark, rejected rows
with `repeated_1_1` as (
  select `id` from flights where `id` is not null group by `id` having count(*) > 1
)
select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`,
  concat_ws('; ', case when not (t.`distance` is null or t.`distance` between 1 and 12000) then 'distance is not between 1 and 12000' end,
    case when not (t.`carrier` is not null) then 'carrier is null' end,
    case when not (t.`carrier` is null or t.`carrier` in ('AA', 'UA')) then 'carrier is not one of AA, UA' end,
    case when not (d1.`id` is null) then 'id is not unique' end,
    case when not (t.`tailnum` is null or regexp_like(t.`tailnum`, '^N')) then 'tailnum does not match ^N' end) as `reason`
from flights as t
  left join `repeated_1_1` as d1 on t.`id` = d1.`id`
where not ((t.`distance` is null or t.`distance` between 1 and 12000)
  and (t.`carrier` is not null)
  and (t.`carrier` is null or t.`carrier` in ('AA', 'UA'))
  and (d1.`id` is null)
  and (t.`tailnum` is null or regexp_like(t.`tailnum`, '^N')))

-- trino
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where (t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or regexp_like(t."tailnum", '^N'))
-- trino, rejected rows
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  concat_ws('; ', case when not (t."distance" is null or t."distance" between 1 and 12000) then 'distance is not between 1 and 12000' end,
    case when not (t."carrier" is not null) then 'carrier is null' end,
    case when not (t."carrier" is null or t."carrier" in ('AA', 'UA')) then 'carrier is not one of AA, UA' end,
    case when not (d1."id" is null) then 'id is not unique' end,
    case when not (t."tailnum" is null or regexp_like(t."tailnum", '^N')) then 'tailnum does not match ^N' end) as "reason"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where not ((t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or regexp_like(t."tailnum", '^N')))

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"repeated_1_1" as (
  select "id" from "flights by bytes" where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance"
from "flights by bytes" as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where (t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or (t."tailnum" ~ '^N'))
-- postgres, rejected rows
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"repeated_1_1" as (
  select "id" from "flights by bytes" where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  concat_ws('; ', case when not (t."distance" is null or t."distance" between 1 and 12000) then 'distance is not between 1 and 12000' end,
    case when not (t."carrier" is not null) then 'carrier is null' end,
    case when not (t."carrier" is null or t."carrier" in ('AA', 'UA')) then 'carrier is not one of AA, UA' end,
    case when not (d1."id" is null) then 'id is not unique' end,
    case when not (t."tailnum" is null or (t."tailnum" ~ '^N')) then 'tailnum does not match ^N' end) as "reason"
from "flights by bytes" as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where not ((t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or (t."tailnum" ~ '^N')))

-- snowflake
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where (t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or (regexp_instr(t."tailnum", '^N') > 0))
-- snowflake, rejected rows
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  substring(coalesce('; ' || case when not (t."distance" is null or t."distance" between 1 and 12000) then 'distance is not between 1 and 12000' end, '') ||
    coalesce('; ' || case when not (t."carrier" is not null) then 'carrier is null' end, '') ||
    coalesce('; ' || case when not (t."carrier" is null or t."carrier" in ('AA', 'UA')) then 'carrier is not one of AA, UA' end, '') ||
    coalesce('; ' || case when not (d1."id" is null) then 'id is not unique' end, '') ||
    coalesce('; ' || case when not (t."tailnum" is null or (regexp_instr(t."tailnum", '^N') > 0)) then 'tailnum does not match ^N' end, ''), 3) as "reason"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where not ((t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or (regexp_instr(t."tailnum", '^N') > 0)))

-- bigquery
with `repeated_1_1` as (
  select `id` from flights where `id` is not null group by `id` having count(*) > 1
)
select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`
from flights as t
  left join `repeated_1_1` as d1 on t.`id` = d1.`id`
where (t.`distance` is null or t.`distance` between 1 and 12000)
  and (t.`carrier` is not null)
  and (t.`carrier` is null or t.`carrier` in ('AA', 'UA'))
  and (d1.`id` is null)
  and (t.`tailnum` is null or regexp_contains(t.`tailnum`, '^N'))
-- bigquery, rejected rows
with `repeated_1_1` as (
  select `id` from flights where `id` is not null group by `id` having count(*) > 1
)
select t.`id`, t.`carrier`, t.`origin`, t.`tailnum`, t.`at`, t.`hour`, t.`delay`, t.`distance`,
  substring(coalesce('; ' || case when not (t.`distance` is null or t.`distance` between 1 and 12000) then 'distance is not between 1 and 12000' end, '') ||
    coalesce('; ' || case when not (t.`carrier` is not null) then 'carrier is null' end, '') ||
    coalesce('; ' || case when not (t.`carrier` is null or t.`carrier` in ('AA', 'UA')) then 'carrier is not one of AA, UA' end, '') ||
    coalesce('; ' || case when not (d1.`id` is null) then 'id is not unique' end, '') ||
    coalesce('; ' || case when not (t.`tailnum` is null or regexp_contains(t.`tailnum`, '^N')) then 'tailnum does not match ^N' end, ''), 3) as `reason`
from flights as t
  left join `repeated_1_1` as d1 on t.`id` = d1.`id`
where not ((t.`distance` is null or t.`distance` between 1 and 12000)
  and (t.`carrier` is not null)
  and (t.`carrier` is null or t.`carrier` in ('AA', 'UA'))
  and (d1.`id` is null)
  and (t.`tailnum` is null or regexp_contains(t.`tailnum`, '^N')))

-- redshift
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where (t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or (regexp_instr(t."tailnum", '^N', 1, 1, 0, 'p') > 0))
-- redshift, rejected rows
with "repeated_1_1" as (
  select "id" from flights where "id" is not null group by "id" having count(*) > 1
)
select t."id", t."carrier", t."origin", t."tailnum", t."at", t."hour", t."delay", t."distance",
  substring(coalesce('; ' || case when not (t."distance" is null or t."distance" between 1 and 12000) then 'distance is not between 1 and 12000' end, '') ||
    coalesce('; ' || case when not (t."carrier" is not null) then 'carrier is null' end, '') ||
    coalesce('; ' || case when not (t."carrier" is null or t."carrier" in ('AA', 'UA')) then 'carrier is not one of AA, UA' end, '') ||
    coalesce('; ' || case when not (d1."id" is null) then 'id is not unique' end, '') ||
    coalesce('; ' || case when not (t."tailnum" is null or (regexp_instr(t."tailnum", '^N', 1, 1, 0, 'p') > 0)) then 'tailnum does not match ^N' end, ''), 3) as "reason"
from flights as t
  left join "repeated_1_1" as d1 on t."id" = d1."id"
where not ((t."distance" is null or t."distance" between 1 and 12000)
  and (t."carrier" is not null)
  and (t."carrier" is null or t."carrier" in ('AA', 'UA'))
  and (d1."id" is null)
  and (t."tailnum" is null or (regexp_instr(t."tailnum", '^N', 1, 1, 0, 'p') > 0)))
