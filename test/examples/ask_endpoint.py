"""Asks the endpoint `delay` with NVIDIA's client. Standard input: {"doors": ..., "rows": [...]}; prints health, inputs and probabilities."""
import json
import sys

import numpy
import tritonclient.http as triton

TYPES = {"FP32": numpy.float32, "FP64": numpy.float64, "INT64": numpy.int64, "INT32": numpy.int32, "BOOL": bool}

request = json.load(sys.stdin)
client = triton.InferenceServerClient(request["doors"]["inference"]["http"].removeprefix("http://"))
metadata = client.get_model_metadata("delay")
rows = request["rows"]
inputs = []
for described in metadata["inputs"]:
    name, datatype = described["name"], described["datatype"]
    values = [row[name] for row in rows]
    if datatype == "BYTES":
        data = numpy.array([("" if value is None else value).encode() for value in values], dtype=object)
    else:
        data = numpy.array([float("nan") if value is None else value for value in values], dtype=TYPES[datatype])
    tensor = triton.InferInput(name, [len(rows), 1], datatype)
    tensor.set_data_from_numpy(data.reshape(-1, 1), binary_data=True)
    inputs.append(tensor)
answer = client.infer("delay", inputs).as_numpy("probabilities")
print(json.dumps({
    "live": client.is_server_live(),
    "ready": client.is_server_ready() and client.is_model_ready("delay"),
    "inputs": [described["name"] for described in metadata["inputs"]],
    "probabilities": [float(row[1]) for row in answer],
}))
