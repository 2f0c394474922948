"""MLflow's own client: says as JSON what it sees, or logs a model of another's making.

    python mlflow_client.py run EXPERIMENT NAME
    python mlflow_client.py model NAME ALIAS
    python mlflow_client.py predict NAME ALIAS INPUTS-AS-JSON
    python mlflow_client.py log NAME ALIAS SEED
"""

import hashlib
import json
import sys
from pathlib import Path

import mlflow
import numpy as np

outcomes = {"RUNNING": "running", "FINISHED": "succeeded", "FAILED": "failed", "KILLED": "cancelled"}
client = mlflow.MlflowClient()


def run(experiment, name):
    found = mlflow.search_runs(experiment_names=[experiment], filter_string=f"attributes.run_name = '{name}'", output_format="list")
    if not found:
        return None
    one = client.get_run(found[0].info.run_id)
    history = {key: [[p.step, p.value] for p in client.get_metric_history(one.info.run_id, key)] for key in one.data.metrics}
    number = lambda value: None if value != value else value  # JSON has no NaN
    history = {key: [[step, number(value)] for step, value in points] for key, points in history.items()}
    parent = client.get_parent_run(one.info.run_id)
    children = mlflow.search_runs(
        experiment_names=[experiment],
        filter_string=f"tags.mlflow.parentRunId = '{one.info.run_id}'",
        output_format="list",
    )
    files = [f.path for f in client.list_artifacts(one.info.run_id)]
    seconds = None if one.info.end_time is None else (one.info.end_time - one.info.start_time) / 1000
    return {
        "count": len(found),
        "parameters": one.data.params,
        "metrics": {key: number(value) for key, value in one.data.metrics.items()},
        "outcome": outcomes[one.info.status],
        "tags": one.data.tags,
        "history": history,
        "parent": None if parent is None else parent.info.run_name,
        "children": len(children),
        "files": files,
        "seconds": seconds,
    }


def model(name, alias):
    try:
        version = client.get_model_version_by_alias(name, alias)
    except mlflow.exceptions.MlflowException:
        return None
    path = Path(mlflow.artifacts.download_artifacts(f"models:/{name}@{alias}"))
    return {
        "count": len(client.search_model_versions(f"name = '{name}'")),
        "version": version.version,
        "sha256": hashlib.sha256((path / "model.onnx").read_bytes()).hexdigest(),
        "description": version.description,
        "tags": version.tags,
        "aliases": list(version.aliases),
        "run": client.get_run(version.run_id).info.run_name,
    }


def predict(name, alias, inputs):
    loaded = mlflow.pyfunc.load_model(f"models:/{name}@{alias}")
    raw = mlflow.onnx.load_model(f"models:/{name}@{alias}")
    types = {spec.name: spec.type for spec in loaded.metadata.signature.inputs.inputs}
    feed = {key: np.array([[v] for v in values], dtype=types[key]) for key, values in json.loads(inputs).items()}
    answer = loaded.predict(feed)
    return {"graph": raw.graph.name, "probabilities": np.asarray(answer["probabilities"]).tolist()}


def log(name, alias, seed):
    from mlflow.models import infer_signature
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier

    random = np.random.default_rng(int(seed))
    x = random.normal(size=(200, 3)).astype(np.float32)
    y = (x @ np.array([1.0, -2.0, 0.5]) + random.normal(size=200) > 0).astype(np.int64)
    # Of 300 neurons, so that MLflow keeps their weights in a file beside the model.
    fitted = MLPClassifier(hidden_layer_sizes=(300,), max_iter=40, random_state=int(seed)).fit(x, y)
    onnx = to_onnx(fitted, x[:1], options={"zipmap": False}, target_opset=17)
    with mlflow.start_run():
        logged = mlflow.onnx.log_model(
            onnx,
            name="model",
            signature=infer_signature(x, fitted.predict_proba(x)),
            registered_model_name=name,
            pip_requirements=["onnxruntime"],
        )
    version = str(logged.registered_model_version)
    client.set_registered_model_alias(name, alias, version)
    rows = x[:5]
    path = Path(mlflow.artifacts.download_artifacts(f"models:/{name}@{alias}"))
    beside = [f.name for f in path.iterdir() if f.name not in ("MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "model.onnx")]
    return {"beside": beside, "version": version, "rows": rows.tolist(), "probabilities": fitted.predict_proba(rows).tolist()}


print("answer:" + json.dumps({"run": run, "model": model, "predict": predict, "log": log}[sys.argv[1]](*sys.argv[2:])))
