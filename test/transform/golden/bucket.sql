-- duckdb
with "bucketed_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    case when "distance" is null then null when "distance" < 500e0 then 0 when "distance" < 1000e0 then 1 else 2 end as "band"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "band",
  case when "delay" is null then null when "delay" < (-2e0) then 0 when "delay" < 7.5e0 then 1 else 2 end as "third"
from "bucketed_1"

-- spark
with `bucketed_1` as (
  select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
    case when `distance` is null then null when `distance` < 500D then 0 when `distance` < 1000D then 1 else 2 end as `band`
  from flights
)
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`, `band`,
  case when `delay` is null then null when `delay` < (-2D) then 0 when `delay` < 7.5D then 1 else 2 end as `third`
from `bucketed_1`

-- trino
with "bucketed_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    case when "distance" is null then null when "distance" < 500e0 then 0 when "distance" < 1000e0 then 1 else 2 end as "band"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "band",
  case when "delay" is null then null when "delay" < (-2e0) then 0 when "delay" < 7.5e0 then 1 else 2 end as "third"
from "bucketed_1"

-- postgres
with "flights by bytes" as (
  select "id", "carrier" collate "C" as "carrier", "origin" collate "C" as "origin", "tailnum" collate "C" as "tailnum", "at",
    "hour" collate "C" as "hour", "delay", "distance"
  from flights
),
"bucketed_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    case when "distance" is null then null when "distance" < cast(500e0 as double precision) then 0 when "distance" < cast(1000e0 as double precision) then 1 else 2 end as "band"
  from "flights by bytes"
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "band",
  case when "delay" is null then null when "delay" < (cast(-2e0 as double precision)) then 0 when "delay" < cast(7.5e0 as double precision) then 1 else 2 end as "third"
from "bucketed_1"

-- snowflake
with "bucketed_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    case when "distance" is null then null when "distance" < cast(500e0 as DOUBLE) then 0 when "distance" < cast(1000e0 as DOUBLE) then 1 else 2 end as "band"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "band",
  case when "delay" is null then null when "delay" < (cast(-2e0 as DOUBLE)) then 0 when "delay" < cast(7.5e0 as DOUBLE) then 1 else 2 end as "third"
from "bucketed_1"

-- bigquery
with `bucketed_1` as (
  select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`,
    case when `distance` is null then null when `distance` < 500e0 then 0 when `distance` < 1000e0 then 1 else 2 end as `band`
  from flights
)
select `id`, `carrier`, `origin`, `tailnum`, `at`, `hour`, `delay`, `distance`, `band`,
  case when `delay` is null then null when `delay` < (-2e0) then 0 when `delay` < 7.5e0 then 1 else 2 end as `third`
from `bucketed_1`

-- redshift
with "bucketed_1" as (
  select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance",
    case when "distance" is null then null when "distance" < cast(500e0 as double precision) then 0 when "distance" < cast(1000e0 as double precision) then 1 else 2 end as "band"
  from flights
)
select "id", "carrier", "origin", "tailnum", "at", "hour", "delay", "distance", "band",
  case when "delay" is null then null when "delay" < (cast(-2e0 as double precision)) then 0 when "delay" < cast(7.5e0 as double precision) then 1 else 2 end as "third"
from "bucketed_1"
