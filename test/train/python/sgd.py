"""Logistic regression by stochastic gradient descent, one epoch a step, for tests: small, quick, and slow enough to be killed."""

import json
import os
import sys
import time

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
from onnx import TensorProto, helper

with open(sys.argv[1]) as file:
    task = json.load(file)
parameters = {"steps": 8, "seconds": 0.0, "fault": "", "input": "rows", **task["parameters"]}
fault = parameters["fault"]


def read(path):
    table = pq.read_table(path)
    rows = np.column_stack([table[name].to_numpy() for name in task["features"]])
    return np.nan_to_num(rows.astype("float32")), table[task["target"]].to_numpy().astype("float32")


def probability(rows, weights):
    return 1 / (1 + np.exp(-(rows @ weights[:-1] + weights[-1])))


def reached(step, place):
    """Waits to be killed, when the test has asked for it just here."""
    hold = f"{task['checkpoint']}/hold"
    if os.path.exists(hold) and open(hold).read() == f"{step} {place}":
        with open(f"{task['checkpoint']}/held", "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)


rows, labels = read(task["training"])
test_rows, _ = read(task["test"])
random = np.random.default_rng(task["seed"])
weights = np.zeros(rows.shape[1] + 1, "float32")
done = 0
checkpoint = f"{task['checkpoint']}/state.npz"
if os.path.exists(checkpoint):
    state = np.load(checkpoint)
    weights, done = state["weights"], int(state["done"])
    random.bit_generator.state = json.loads(str(state["random"]))
    print(f"goes on from step {done}")
print(f"threads {os.environ.get('OMP_NUM_THREADS')}")
with open(f"{task['checkpoint']}/process", "w") as file:
    file.write(str(os.getpid()))
if fault == "fails":
    print("something is wrong with the rows", file=sys.stderr)
    sys.exit(3)

while done < parameters["steps"]:
    for part in np.array_split(random.permutation(len(rows)), 20):
        error = probability(rows[part], weights) - labels[part]
        weights = (weights - 0.1 * np.append(error @ rows[part], error.sum()) / len(part)).astype("float32")
    time.sleep(parameters["seconds"])
    done += 1
    reached(done, "computed")
    loss = float(np.mean((probability(rows, weights) - labels) ** 2))
    print(json.dumps({"metric": {"name": "loss", "step": done, "value": loss}}))
    np.savez(f"{task['checkpoint']}/partial.npz", weights=weights, done=done, random=json.dumps(random.bit_generator.state))
    reached(done, "half saved")
    os.replace(f"{task['checkpoint']}/partial.npz", checkpoint)
    reached(done, "saved")
    print(json.dumps({"progress": {"done": done, "total": parameters["steps"], "unit": "steps"}}))
    reached(done, "told")

given = parameters["input"]
width = rows.shape[1] + (1 if fault == "width" else 0)
names = {"present": "isnan", "input": given, "output": "label" if fault == "names" else "p"}
nodes = [
    helper.make_node("IsNaN", [given], ["isnan"]),
    helper.make_node("Where", ["isnan", "zero", given], ["amount"]),
    helper.make_node("Gemm", ["amount", "weights", "bias"], ["month"]),
    helper.make_node("Sigmoid", ["month"], [names["output"]]),
]
vector = np.resize(weights[:-1], width) * (1.01 if fault == "differs" else 1)
constants = [
    helper.make_tensor("weights", TensorProto.FLOAT, [width, 1], vector.astype("float32")),
    helper.make_tensor("bias", TensorProto.FLOAT, [1], weights[-1:]),
    helper.make_tensor("zero", TensorProto.FLOAT, [], [0]),
]
graph = helper.make_graph(
    nodes,
    "sgd",
    [helper.make_tensor_value_info(given, TensorProto.FLOAT, ["N", width])],
    [helper.make_tensor_value_info(names["output"], TensorProto.FLOAT, ["N", 1])],
    constants,
)
operators = 12 if fault == "old" else 18
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", operators)], ir_version=8)
if fault != "no model":
    onnx.save(model, f"{task['out']}/model.onnx")
predictions = probability(test_rows, weights).astype("float64")
if fault == "too few":
    predictions = predictions[1:]
if fault == "no probability":
    predictions[7] = 1.5
if fault == "folder":
    os.mkdir(f"{task['out']}/more")
if fault == "reserved":
    open(f"{task['out']}/metrics.json", "w").close()
if fault == "csv":
    with open(f"{task['out']}/predictions.csv", "w") as file:
        file.write("probability\n" + "".join(f"{value!r}\n" for value in predictions.tolist()))
elif fault != "no predictions":
    pq.write_table(pa.table({"probability": predictions}), f"{task['out']}/predictions.parquet")
