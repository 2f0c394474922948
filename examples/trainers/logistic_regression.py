"""scikit-learn: logistic regression on scaled columns, with missing numbers filled by their medians."""

import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from skl2onnx import to_onnx
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

with open(sys.argv[1]) as file:
    task = json.load(file)


def read(path):
    table = pq.read_table(path)
    rows = np.column_stack([table[name].to_numpy() for name in task["features"]])
    return rows, table[task["target"]].to_numpy()


rows, labels = read(task["training"])
test_rows, _ = read(task["test"])

classifier = LogisticRegression(max_iter=2000, random_state=task["seed"], **task["parameters"])
model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), classifier).fit(rows, labels)

onnx = to_onnx(model, rows[:1], options={LogisticRegression: {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3})
with open(f"{task['out']}/model.onnx", "wb") as file:
    file.write(onnx.SerializeToString())
pq.write_table(pa.table({"probability": model.predict_proba(test_rows)[:, 1]}), f"{task['out']}/predictions.parquet")
print(f"{classifier.n_iter_[0]} iterations")
