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
