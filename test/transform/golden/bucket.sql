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
