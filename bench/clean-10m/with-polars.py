"""The cleaning job in Polars: with-polars.py RAW OUT. Lazy, so that Polars plans it as a whole; the statistics are a first query over what they need."""

import os
import sys

import polars as pl

raw, out = sys.argv[1:]
origins = ["EWR", "JFK", "LGA"]
carriers = ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"]
flights = pl.read_parquet(raw)
# Only keys that occur twice are sorted.
repeated = flights.lazy().group_by("id").len().filter(pl.col("len") > 1).select("id").collect().lazy()
once = flights.lazy().join(repeated, on="id", how="anti")
newest = flights.lazy().join(repeated, on="id", how="semi").sort("updated_at", descending=True, nulls_last=True).unique("id", keep="first", maintain_order=True)
rows = pl.concat([once, newest])
medians = rows.select(pl.col("dep_delay", "arr_delay", "air_time").median()).collect().row(0, named=True)
filled = rows.with_columns([pl.col(name).fill_null(value) for name, value in medians.items()])
numbers = filled.select(
    *[pl.col(name).mean().alias(f"{name}_mean") for name in ("distance", "air_time")],
    *[pl.col(name).std(ddof=0).alias(f"{name}_deviation") for name in ("distance", "air_time")],
).collect().row(0, named=True)
(
    filled.with_columns(
        *[((pl.col(name) - numbers[f"{name}_mean"]) / numbers[f"{name}_deviation"]).alias(name) for name in ("distance", "air_time")],
        pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", strict=False),
        (pl.col("arr_delay") > 15).alias("late"),
        (pl.col("carrier") + pl.col("flight").cast(pl.String)).alias("code"),
        (pl.col("hour") * 60 + pl.col("minute")).alias("minute_of_day"),
        *[(pl.col("origin") == value).fill_null(False).alias(f"origin_{value}") for value in origins],
        *[(pl.col("carrier") == value).fill_null(False).alias(f"carrier_{value}") for value in carriers],
    )
    .drop("origin", "carrier")
    .collect()
    .write_parquet(out, compression="snappy")
)
with open(out, "rb") as file:
    os.fsync(file.fileno())
