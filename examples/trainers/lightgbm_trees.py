"""LightGBM: boosted trees by its own Python package."""

import json
import os
import sys

import lightgbm
import numpy as np
import onnxmltools
import pyarrow as pa
import pyarrow.parquet as pq
from onnxmltools.convert.common.data_types import FloatTensorType

with open(sys.argv[1]) as file:
    task = json.load(file)


def read(path):
    table = pq.read_table(path)
    rows = np.column_stack([table[name].to_numpy() for name in task["features"]])
    return rows, table[task["target"]].to_numpy()


def tell(state):
    """What LightGBM calls after each tree."""
    print(json.dumps({"progress": {"done": state.iteration + 1, "total": state.end_iteration, "unit": "trees"}}))


parameters = dict(task["parameters"])
trees = parameters.pop("trees")
settings = {
    "objective": "binary",
    "seed": task["seed"],
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": int(os.environ["OMP_NUM_THREADS"]),
    "verbose": -1,
    **parameters,
}
rows, labels = read(task["training"])
test_rows, _ = read(task["test"])
booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels), trees, callbacks=[tell])

shape = FloatTensorType([None, len(task["features"])])
onnx = onnxmltools.convert_lightgbm(booster, initial_types=[("rows", shape)], zipmap=False)
with open(f"{task['out']}/model.onnx", "wb") as file:
    file.write(onnx.SerializeToString())
booster.save_model(f"{task['out']}/model.lightgbm.txt")
pq.write_table(pa.table({"probability": booster.predict(test_rows)}), f"{task['out']}/predictions.parquet")
