"""Asks an endpoint everything that tritonclient can ask, and compares its answers with ONNX Runtime's own. Prints one JSON object."""
import json
import sys
import urllib.request

import numpy as np
import onnxruntime
import tritonclient.http as triton
from prometheus_client.parser import text_string_to_metric_families

address, model, file = sys.argv[1:4]
client = triton.InferenceServerClient(address, connection_timeout=20, network_timeout=20)
session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])

rows = 37
columns = {
    "carrier": ("BYTES", np.array([["UA", "AA", "DL", "", "Zürich ✈"][row % 5] for row in range(rows)], dtype=object).reshape(rows, 1)),
    "distance": ("FP64", np.array([np.nan if row % 7 == 0 else row * 3.5 for row in range(rows)], dtype=np.float64).reshape(rows, 1)),
    "day": ("INT64", np.array([row % 28 for row in range(rows)], dtype=np.int64).reshape(rows, 1)),
    "night": ("BOOL", np.array([row % 2 == 0 for row in range(rows)], dtype=bool).reshape(rows, 1)),
    "temp": ("FP32", np.array([row / 8 for row in range(rows)], dtype=np.float32).reshape(rows, 1)),
}
label, probabilities = session.run(["label", "probabilities"], {name: values for name, (_, values) in columns.items()})


def infer(binary_in, binary_out, without_missing=False, **more):
    inputs = []
    for name, (datatype, values) in columns.items():
        tensor = triton.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(np.nan_to_num(values) if without_missing and datatype == "FP64" else values, binary_data=binary_in)
        inputs.append(tensor)
    outputs = None if binary_out is None else [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("label", "probabilities")]
    return client.infer(model, inputs, outputs=outputs, **more)


def difference(result):
    same = bool((result.as_numpy("label") == label).all())
    return float(np.abs(result.as_numpy("probabilities") - probabilities).max()) if same else "labels differ"


def refused(call):
    try:
        call()
    except triton.InferenceServerException as error:
        return [error.status(), error.message()]


metrics = urllib.request.urlopen(f"http://{address}/metrics").read().decode()
json.dump(
    {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready(model),
        "version_ready": client.is_model_ready(model, "3"),
        "unknown_ready": client.is_model_ready("none"),
        "server": client.get_server_metadata(),
        "metadata": client.get_model_metadata(model),
        "configuration": client.get_model_config(model),
        "index": client.get_model_repository_index(),
        # NaN is not JSON; the model takes a missing distance for 0.
        "json": difference(infer(False, False, without_missing=True)),
        "binary_in": difference(infer(True, False)),
        "binary_both": difference(infer(True, True)),
        "binary_default": difference(infer(True, None)),
        "version": difference(infer(True, True, model_version="3")),
        "id": infer(True, True, request_id="from triton").get_response()["id"],
        "statistics": client.get_inference_statistics(model),
        "unknown_model": refused(lambda: client.get_model_metadata("none")),
        "unknown_version": refused(lambda: infer(True, True, model_version="9")),
        "compressed": refused(lambda: infer(True, True, request_compression_algorithm="gzip")),
        "metrics": sorted(family.name for family in text_string_to_metric_families(metrics)),
    },
    sys.stdout,
)
