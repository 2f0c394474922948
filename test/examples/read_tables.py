"""Reads every table of a namespace with PyIceberg and prints its number of rows. Standard input: {"doors": ..., "namespace": ...}."""
import json
import sys
import warnings

warnings.simplefilter("ignore")
from pyiceberg.catalog import load_catalog

request = json.load(sys.stdin)
catalog = load_catalog("lake", type="rest", uri=request["doors"]["catalog"], token=request["doors"]["token"])
counts = {}
for identifier in catalog.list_tables(request["namespace"]):
    counts[identifier[-1]] = catalog.load_table(identifier).scan().to_arrow().num_rows
print(json.dumps(counts))
