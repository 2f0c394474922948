"""XGBoost: boosted trees, grown ten at a time; a training that was broken off goes on from the last ten."""

import json
import os
import sys

import numpy as np
import onnxmltools
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

with open(sys.argv[1]) as file:
    task = json.load(file)


def read(path):
    table = pq.read_table(path)
    rows = np.column_stack([table[name].to_numpy() for name in task["features"]])
    return xgboost.DMatrix(rows, table[task["target"]].to_numpy())


parameters = dict(task["parameters"])
trees = parameters.pop("trees")
settings = {
    "objective": "binary:logistic",
    "seed": task["seed"],
    "nthread": int(os.environ["OMP_NUM_THREADS"]),
    **parameters,
}
training, test = read(task["training"]), read(task["test"])
checkpoint = f"{task['checkpoint']}/trees.ubj"

booster = xgboost.Booster(settings, model_file=checkpoint) if os.path.exists(checkpoint) else None
done = booster.num_boosted_rounds() if booster else 0
while done < trees:
    booster = xgboost.train(settings, training, min(10, trees - done), xgb_model=booster)
    done = booster.num_boosted_rounds()
    loss = float(booster.eval(training).split(":")[1])
    print(json.dumps({"metric": {"name": "training log loss", "step": done, "value": loss}}))
    # Aside and then renamed, so that a file of that name is whole whenever the process is killed.
    booster.save_model(f"{task['checkpoint']}/partial.ubj")
    os.replace(f"{task['checkpoint']}/partial.ubj", checkpoint)
    print(json.dumps({"progress": {"done": done, "total": trees, "unit": "trees"}}))

onnx = onnxmltools.convert_xgboost(booster, initial_types=[("rows", FloatTensorType([None, len(task["features"])]))])
with open(f"{task['out']}/model.onnx", "wb") as file:
    file.write(onnx.SerializeToString())
booster.save_model(f"{task['out']}/model.xgboost.ubj")
pq.write_table(pa.table({"probability": booster.predict(test)}), f"{task['out']}/predictions.parquet")
