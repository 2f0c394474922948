"""What PyIceberg does to a table of the namespace shop: `steps.py STEP TABLE`; the catalog comes on standard input as JSON."""

import datetime
import decimal
import json
import sys

import pyarrow
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import EqualTo
from pyiceberg.types import LongType

settings = json.load(sys.stdin)
catalog = load_catalog("lake", type="rest", uri=settings["url"], token=settings["token"])
step, name = sys.argv[1:]
table_name = f"shop.{name}"

schema = pyarrow.schema(
    [
        ("id", pyarrow.int64()),
        ("yes", pyarrow.bool_()),
        ("small", pyarrow.int32()),
        ("ratio", pyarrow.float64()),
        ("words", pyarrow.string()),
        ("born", pyarrow.date32()),
        ("seen", pyarrow.timestamp("us")),
        ("bytes", pyarrow.binary()),
        ("price", pyarrow.decimal128(20, 3)),
    ]
)


def row(number):
    if number % 3 == 0:
        return {"id": number}
    return {
        "id": number,
        "yes": number % 2 == 0,
        "small": -number,
        "ratio": number + 0.125,
        "words": f"Zürich '{number}' 🌍",
        "born": datetime.date(1913, 2, 10 + number),
        "seen": datetime.datetime(2013, 1, 10 + number, 10, 15, 0, 123456),
        "bytes": bytes([0, 255, number]),
        "price": decimal.Decimal(f"12345678901234567.89{number}"),
    }


def rows(*numbers):
    return pyarrow.Table.from_pylist([row(number) for number in numbers], schema=schema)


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, float):
        return str(int(value * 1000))
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)


if step == "read":
    found = catalog.load_table(table_name).scan().to_arrow().sort_by("id").to_pylist()
    print(json.dumps([[text(value) for value in each.values()] for each in found]))
elif step == "change":
    table = catalog.load_table(table_name)
    table.delete(EqualTo("id", 2))
    table.append(rows(6))
    table.overwrite(rows(1, 7), overwrite_filter=EqualTo("id", 1))
    with table.update_schema() as update:
        update.add_column("extra", LongType())
elif step == "create":
    table = catalog.create_table(table_name, schema=schema)
    table.append(rows(1, 2))
    table.append(rows(3, 4))
elif step == "append":
    # One commit for each number, made again when another writer was quicker; prints how many.
    import time

    from pyiceberg.exceptions import CommitFailedException

    number, last = settings["numbers"]
    end = time.monotonic() + settings["seconds"]
    done = 0
    while number < last and time.monotonic() < end:
        try:
            catalog.load_table(table_name).append(pyarrow.table({"id": pyarrow.array([number], pyarrow.int64())}))
        except CommitFailedException:
            continue
        number += 1
        done += 1
    print(done)
