"""The cleaning job in pandas: with-pandas.py RAW OUT."""

import glob
import os
import sys

import pandas as pd

raw, out = sys.argv[1:]
origins = ["EWR", "JFK", "LGA"]
carriers = ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"]
flights = pd.read_parquet(sorted(glob.glob(raw)), dtype_backend="pyarrow")
# Only keys that occur twice are sorted.
twice = flights["id"].duplicated(keep=False)
newest = flights[twice].sort_values("updated_at", ascending=False, na_position="last").drop_duplicates("id")
rows = pd.concat([flights[~twice], newest], ignore_index=True)
del flights
for name in ("dep_delay", "arr_delay", "air_time"):
    rows[name] = rows[name].fillna(rows[name].median())
for name in ("distance", "air_time"):
    rows[name] = (rows[name] - rows[name].mean()) / rows[name].std(ddof=0)
rows["time_hour"] = pd.to_datetime(rows["time_hour"], format="%Y-%m-%dT%H:%M:%SZ", errors="coerce").astype("datetime64[us]")
rows["late"] = rows["arr_delay"] > 15
rows["code"] = rows["carrier"] + rows["flight"].astype("string[pyarrow]")
rows["minute_of_day"] = rows["hour"] * 60 + rows["minute"]
for column, values in (("origin", origins), ("carrier", carriers)):
    for value in values:
        rows[f"{column}_{value}"] = (rows[column] == value).fillna(False)
rows.drop(columns=["origin", "carrier"]).to_parquet(out, compression="snappy", index=False)
with open(out, "rb") as file:
    os.fsync(file.fileno())
